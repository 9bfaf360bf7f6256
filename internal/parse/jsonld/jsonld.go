// Package jsonld reads ontology from JSON-LD fences: classes, superclasses,
// relations, OWL properties, and what a page block says of its page.
//
// It recognises things by structure and by the local names of terms, whatever
// their prefix or context, and never fetches a context. It is pure and total. It
// may import parse/diag and the standard library.
package jsonld

import (
	"errors"
	"io"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Options of Parse.
type Options struct {
	Line int // 1-based line in the file of the first line of the source
}

// Page is what a Page block says of the file's page.
type Page struct {
	Public bool
	Title  string
}

// Class is one class.
type Class struct {
	IRI, Label, Definition, Domain, Maturity, Status, TermID string
	Metadata                                                 map[string]string
	Line                                                     int
}

// SubClass is one superclass of a class. Parent is its label or IRI as written.
type SubClass struct {
	Class, Parent, ParentIRI string
	Line                     int
}

// Relation is one statement between classes, its predicate in lower_snake_case.
type Relation struct {
	Subject, Predicate, Object, ObjectIRI string
	Line                                  int
}

// OWLProperty is one declared property.
type OWLProperty struct {
	IRI, Type, Label, Domain, Range string
	Line                            int
}

// Result is what one fence says.
type Result struct {
	Page          *Page
	Classes       []Class
	SubClassOf    []SubClass
	Relations     []Relation
	OWLProperties []OWLProperty
	Diagnostics   []diag.Diagnostic
}

// Parse reads the source of one fence: an object, an array of objects or a @graph.
func Parse(src []byte, o Options) Result {
	r := newReader(src, max(o.Line, 1))
	var out Result
	for {
		v, err := r.read(0)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out.Diagnostics = append(out.Diagnostics, syntaxError(r, err))
			break
		}
		out.node(&v)
	}
	out.Diagnostics = append(out.Diagnostics, r.diagnostics...)
	return out
}

func syntaxError(r *reader, err error) diag.Diagnostic {
	line := r.here()
	if errors.Is(err, errDepth) {
		return diag.New(line, diag.Error, diag.JSONLDTooDeep, "this JSON-LD is nested more than %d levels deep and is left out: flatten it", maxDepth)
	}
	return diag.New(line, diag.Error, diag.JSONLDSyntax, "this JSON-LD block is not valid JSON from here on and is left out (%v): correct it", err)
}

// node reads one object, the objects of a list, or those of a @graph.
func (out *Result) node(v *value) {
	for _, n := range v.all() {
		if !n.object {
			continue
		}
		for _, t := range n.get("@type").all() {
			switch local(t.text) {
			case "Page":
				out.page(&n)
			case "Class":
				out.class(&n)
			case "ObjectProperty", "DatatypeProperty", "DataProperty", "AnnotationProperty":
				out.property(&n, local(t.text))
			}
		}
		if graph := n.get("@graph"); graph != nil {
			out.node(graph)
		}
	}
}

func (out *Result) page(n *value) {
	out.Page = &Page{Title: text(n.get("title")), Public: text(n.get("public")) == "true"}
}

// described are the members of a class that have a place of their own.
var described = map[string]bool{"label": true, "prefLabel": true, "definition": true, "comment": true, "domain": true, "maturity": true,
	"status": true, "termId": true, "subClassOf": true, "relations": true}

func (out *Result) class(n *value) {
	c := Class{IRI: text(n.get("@id")), Label: firstText(n, "label", "prefLabel"), Definition: firstText(n, "definition", "comment"),
		Domain: text(n.get("domain")), Maturity: text(n.get("maturity")), Status: text(n.get("status")), TermID: text(n.get("termId")),
		Line: n.line, Metadata: map[string]string{}}
	if c.IRI == "" {
		out.Diagnostics = append(out.Diagnostics, diag.New(n.line, diag.Error, diag.JSONLDClassWithoutID,
			"this class has no @id and is left out: give it an IRI"))
		return
	}
	for _, m := range n.members {
		if !described[local(m.key)] && !strings.HasPrefix(m.key, "@") && m.value.text != "" {
			c.Metadata[m.key] = m.value.text
		}
	}
	out.Classes = append(out.Classes, c)
	for _, p := range n.get("subClassOf").all() {
		if name, iri := reference(&p); name != "" {
			out.SubClassOf = append(out.SubClassOf, SubClass{Class: c.IRI, Parent: name, ParentIRI: iri, Line: p.line})
		}
	}
	if relations := n.get("relations"); relations != nil {
		out.relations(c.IRI, relations)
	}
}

// predicates are the relations between classes that we know, by their JSON-LD key.
var predicates = map[string]string{
	"hasPart": "has_part", "partOf": "part_of", "requires": "requires", "dependsOn": "depends_on", "enables": "enables",
	"relatedTo": "related_to", "uses": "uses", "supports": "supports", "implements": "implements",
	"contrastsWith": "contrasts_with", "bridgesTo": "bridges_to", "standardizedBy": "standardized_by",
}

func (out *Result) relations(subject string, relations *value) {
	for _, m := range relations.members {
		predicate, known := predicates[local(m.key)]
		if !known {
			out.Diagnostics = append(out.Diagnostics, diag.New(m.line, diag.Warning, diag.JSONLDUnknownRelation,
				"%q is not a relation of the vocabulary and is left out: use one of its keys (docs/diagnostics.md)", m.key))
			continue
		}
		for _, o := range m.value.all() {
			if name, iri := reference(&o); name != "" {
				out.Relations = append(out.Relations, Relation{Subject: subject, Predicate: predicate, Object: name, ObjectIRI: iri, Line: o.line})
			}
		}
	}
}

func (out *Result) property(n *value, kind string) {
	if kind == "DatatypeProperty" {
		kind = "DataProperty"
	}
	p := OWLProperty{IRI: text(n.get("@id")), Type: kind, Label: text(n.get("label")), Line: n.line}
	for _, d := range n.get("domain").all() {
		_, p.Domain = reference(&d)
	}
	for _, d := range n.get("range").all() {
		_, p.Range = reference(&d)
	}
	if p.IRI != "" {
		out.OWLProperties = append(out.OWLProperties, p)
	}
}

// reference reads {"@id": IRI, "label": name} or a bare string: a compact or
// absolute IRI when it has a colon and no space, else the name of a page.
func reference(v *value) (name, iri string) {
	if v.isText {
		if strings.Contains(v.text, ":") && !strings.Contains(v.text, " ") {
			return v.text, v.text
		}
		return v.text, ""
	}
	iri = text(v.get("@id"))
	if name = text(v.get("label")); name == "" {
		name = iri
	}
	return name, iri
}

func firstText(n *value, names ...string) string {
	for _, name := range names {
		if s := text(n.get(name)); s != "" {
			return s
		}
	}
	return ""
}

// text gives a scalar, the @value of a value object, or the first of a list.
func text(v *value) string {
	switch {
	case v == nil:
		return ""
	case v.object:
		return text(v.get("@value"))
	case v.list && len(v.items) > 0:
		return text(&v.items[0])
	default:
		return v.text
	}
}

// local gives the name of a term without its prefix or namespace.
func local(term string) string {
	if i := strings.LastIndexAny(term, ":/#"); i >= 0 {
		return term[i+1:]
	}
	return term
}
