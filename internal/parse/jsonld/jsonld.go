// Package jsonld reads ontology from JSON-LD fences: classes, superclasses,
// relations, OWL properties, and what a page block says of its page.
//
// It owns what JSON-LD means to us. It is pure and total, never fetches a
// context, and is safe for concurrent use. It may import parse/diag and the
// standard library.
package jsonld

import "github.com/kgsync/kgsync/internal/parse/diag"

// Options of Parse.
type Options struct {
	// Line is the 1-based line in the file of the first line of the source; 0
	// means 1.
	Line int
	// Indent is the number of bytes that were cut off the start of each line
	// of the source; it is added to the columns of diagnostics.
	Indent int
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
	Diagnostics   []diag.Diagnostic
}

// Parse reads the source of one fence: an object, an array of objects, a @graph,
// or several of these one after the other. It never fails; what is wrong is in
// the diagnostics, and what stands before a syntax error counts. The strings of
// the result share memory with src.
func Parse(src string, o Options) Result {
	o.Line = max(o.Line, 1)
	t, found := scan(src, o)
	r := reader{tape: t}
	r.out.Diagnostics = found
	for root := range t.roots() {
		r.nodes(root)
	}
	return r.out
}
