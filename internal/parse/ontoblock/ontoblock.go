// Package ontoblock reads ontology written as Logseq properties: OntologyBlock
// outlines, and property schemas of owl:iri:: and owl:type:: lines.
//
// It owns what the keys mean. It finds functional-syntax sources and hands them
// on unparsed. It is pure and total; it may import parse/diag, parse/logseq,
// parse/owlfs and the standard library.
package ontoblock

import (
	"slices"
	"strings"

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
	// Declared gives the prefixes that a fence declares, if it counts as ontology
	// because it stands in an OntologyBlock or for another reason; nil means that
	// none does. They win over Prefixes.
	Declared func(f *logseq.Fence, inBlock bool) map[string]string
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
	r.details(o)
	r.prefixes(o)
	taken := r.schemas(o, 0)
	for _, root := range r.result.roots {
		r.reach = endOf(o, root)
		r.block(o, taken, root, 0)
	}
	for i, inner := range r.inner {
		if inner == nil {
			continue
		}
		s := &o.Summaries[i]
		r.reach = s.BodyLine + strings.Count(s.Body, "\n")
		shift := s.BodyLine - 1
		r.block(inner, r.schemas(inner, shift), 0, shift)
	}
	return r.result
}

// reader carries the result under construction.
type reader struct {
	opts    Options
	result  Result
	missing map[string]bool // prefixes reported as unknown

	inner []*logseq.Outline // of the details elements that are OntologyBlocks, by summary

	namespaces map[string][]namespace // prefixes of the page's own OWL
	reach      int                    // line up to which they count for what is being read
}

// details reads the texts of the details elements that are OntologyBlocks: they
// are no part of the outline, because they stand in raw HTML, but outlines of
// their own.
func (r *reader) details(o *logseq.Outline) {
	r.inner = make([]*logseq.Outline, len(o.Summaries))
	for i, isBlock := range r.result.summaries {
		if isBlock {
			r.inner[i] = logseq.Scan([]byte(o.Summaries[i].Body), logseq.Options{})
		}
	}
}

// InBlock reports whether a fence of the outline stands in an OntologyBlock.
func (r *Result) InBlock(f *logseq.Fence) bool {
	return f.Summary >= 0 && r.summaries[f.Summary] || r.rootOf(f.Block) >= 0
}

// rootOf is the block that opens the OntologyBlock in which a block of the outline
// stands, -1 if it stands in none.
func (r *Result) rootOf(block int) int {
	i, found := slices.BinarySearch(r.roots, block)
	switch {
	case found:
		return block
	case i > 0 && r.outline.Within(block, r.roots[i-1]):
		return r.roots[i-1]
	}
	return -1
}
