// Package ontoblock reads ontology written as Logseq properties: OntologyBlock
// outlines, and property schemas of owl:iri:: and owl:type:: lines.
//
// It owns what the keys mean. It finds functional-syntax sources and hands them
// on unparsed. It is pure and total; it may import parse/diag, parse/logseq,
// parse/owlfs and the standard library.
package ontoblock

import (
	"slices"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// Options say how names are read. The zero value takes them as written.
type Options struct {
	// Page gives the page that the text of a [[reference]] means; nil means
	// the text itself.
	Page func(text string) string
	// Prefixes expand abbreviated IRIs: prefix without colon -> IRI. A name
	// with another prefix stays as written. The map is only read.
	Prefixes map[string]string
}

// Class is a class that a block declares.
type Class struct {
	IRI, Label, Definition, Domain, Maturity, Status, TermID string
	Metadata                                                 map[string]string
	Line                                                     int
}

// Target is what a value names: a page, or an IRI. Name is as written, without
// brackets; IRI is "" for a page. Via is the property after "via".
type Target struct{ Name, IRI, Via string }

// Relation is one statement of a block, its predicate in lower_snake_case.
type Relation struct {
	Subject, Predicate string
	Object             Target
	Line               int
}

// Property is a declared OWL property.
type Property struct {
	IRI, Type, Label, Domain, Range string
	Line                            int
}

// Source is functional-style syntax given as the value of a property. Line is
// the 1-based line of its first line.
type Source struct {
	Text string
	Line int
}

// Result is what the outline declares.
type Result struct {
	Blocks      int // OntologyBlocks found
	Classes     []Class
	SubClassOf  []Relation
	Relations   []Relation
	Properties  []Property
	Axioms      []owlfs.Axiom // characteristics of properties
	Sources     []Source
	Diagnostics []diag.Diagnostic

	roots     []int // in file order; none contains another
	summaries []bool
	outline   *logseq.Outline
}

// Parse reads every OntologyBlock and property schema of the outline.
func Parse(o *logseq.Outline, opts Options) Result {
	r := reader{opts: opts, result: Result{outline: o}, missing: map[string]bool{}}
	r.find(o)
	taken := r.schemas(o, 0)
	for _, root := range r.result.roots {
		r.block(o, taken, root, 0)
	}
	for i, isBlock := range r.result.summaries {
		if isBlock {
			r.summary(&o.Summaries[i])
		}
	}
	return r.result
}

// reader carries the result under construction.
type reader struct {
	opts    Options
	result  Result
	missing map[string]bool // prefixes reported as unknown
}

// summary reads the text of a details element, which is no part of the outline
// because it stands in raw HTML, as an outline of its own.
func (r *reader) summary(s *logseq.Summary) {
	inner := logseq.Scan([]byte(s.Body), logseq.Options{})
	shift := s.BodyLine - 1
	r.block(inner, r.schemas(inner, shift), 0, shift)
}

// InBlock reports whether a fence of the outline stands in an OntologyBlock.
func (r *Result) InBlock(f *logseq.Fence) bool {
	if f.Summary >= 0 && r.summaries[f.Summary] {
		return true
	}
	i, found := slices.BinarySearch(r.roots, f.Block)
	return found || i > 0 && r.outline.Within(f.Block, r.roots[i-1])
}
