// Package jsonld reads ontology from JSON-LD fences: classes, superclasses,
// relations, OWL properties, and what a page block says of its page.
//
// It owns what JSON-LD means to us. Blocks whose context is the built-in
// vocabulary, or a plain one of the repository, are read by their structure in
// one pass over the bytes. Those with an inline context go through a JSON-LD
// processor, and each of the triples that it gives becomes an axiom. No context
// is ever fetched.
//
// It is pure and total, and safe for concurrent use. It may import parse/diag,
// parse/owlfs (axioms), the standard library and json-gold.
package jsonld

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// Options of Parse.
type Options struct {
	// Line is the 1-based line in the file of the first line of the source; 0
	// means 1.
	Line int
	// Indent is the number of bytes that were cut off the start of each line
	// of the source; it is added to the columns of diagnostics.
	Indent int
	// Fence is the fence's ordinal among those of the file, from 1; 0 means 1.
	// Names of blank nodes depend on it, and on nothing else outside the source.
	Fence int
	// Context gives the repository's own context for an IRI, nil if there is
	// none. It must be safe for concurrent use; nil means that there are none.
	Context func(iri string) *Context
}

// Page is what a Page block says of the file's page.
type Page struct {
	Title  string
	Public bool // marked public, under any prefix
}

// Class is one class. Empty strings mean that the block does not say.
type Class struct {
	IRI, Label, Definition, Domain, Maturity, Status, TermID string
	// Metadata is the remaining scalar metadata, key as written -> value.
	Metadata map[string]string
	Line     int
}

// SubClass is one superclass of a class. Parent is its label or, without one,
// the IRI; ParentIRI is empty when a page is named instead.
type SubClass struct {
	Class, Parent, ParentIRI string
	Line                     int
}

// Relation is one statement between classes, its predicate in lower_snake_case.
// ObjectIRI is empty when a page is named instead.
type Relation struct {
	Subject, Predicate, Object, ObjectIRI string
	Line                                  int
}

// OWLProperty is one declared property. Type is ObjectProperty, DataProperty or
// AnnotationProperty; several domains or ranges are separated by ", ".
type OWLProperty struct {
	IRI, Type, Label, Domain, Range string
	Line                            int
}

// Result is what one fence says, in the order of the file. A statement made
// twice is there twice.
type Result struct {
	Page          *Page // nil without a Page block
	Classes       []Class
	SubClassOf    []SubClass
	Relations     []Relation
	OWLProperties []OWLProperty
	Axioms        []owlfs.Axiom // of a block with an inline context every triple
	// Ontology says that there are classes, superclasses or properties. Else
	// relations and axioms speak of individual things only.
	Ontology    bool
	Diagnostics []diag.Diagnostic
}

// Parse reads the source of one fence: an object, an array of objects, a @graph,
// or several of these one after the other. It never fails; what is wrong is in
// the diagnostics, and what stands before a syntax error counts. The strings of
// the result share memory with src.
func Parse(src string, o Options) Result {
	o.Line = max(o.Line, 1)
	t, found := scan(src, o)
	r := reader{tape: t, options: o, blanks: newBlankNames(o.Fence)}
	r.out.Diagnostics = found
	for root := range t.roots() {
		r.document(root)
	}
	r.expressions()
	r.out.Ontology = r.out.Ontology || len(r.out.Classes)+len(r.out.SubClassOf)+len(r.out.OWLProperties) > 0
	return r.out
}
