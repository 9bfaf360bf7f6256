package jsonld

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// statements turns the triples of a document into rows, and each triple into an
// axiom beside them.
func (r *reader) statements(root value, triples []triple) {
	g := newGraph(triples)
	before := len(r.out.Classes) + len(r.out.OWLProperties) + len(r.out.SubClassOf)
	rows := rowMaker{graph: g, reader: r, labels: map[string]string{}, lines: newLineIndex(root)}
	rows.make()
	for _, term := range g.axioms() {
		if a, err := owlfs.NewAxiom(term, rows.lines.of(subjectOf(term))); err == nil {
			r.out.Axioms = append(r.out.Axioms, a)
		}
	}
	if len(r.out.Classes)+len(r.out.OWLProperties)+len(r.out.SubClassOf) > before {
		r.out.Ontology = true
	}
}

// subjectOf is the text by which an axiom's line is found.
func subjectOf(t owlfs.Term) string {
	for t.Kind == owlfs.Call && len(t.Args) > 0 {
		i := 0
		switch t.Text {
		case "AnnotationAssertion", "ObjectPropertyAssertion", "DataPropertyAssertion", "ClassAssertion":
			i = 1
		}
		t = t.Args[min(i, len(t.Args)-1)]
	}
	return t.Text
}

// rowMaker reads the subjects of a graph one after the other.
type rowMaker struct {
	graph  *graph
	reader *reader
	labels map[string]string
	lines  lineIndex
}

// make makes the rows of all subjects, in the order in which they are first
// spoken of.
func (m *rowMaker) make() {
	var subjects []string
	seen := map[string]bool{}
	for _, t := range m.graph.triples {
		if s := t.subject; s.Kind == owlfs.IRI && !seen[s.Text] {
			seen[s.Text] = true
			subjects = append(subjects, s.Text)
		}
	}
	m.label("label")
	m.label("prefLabel") // where there is no better one
	for _, s := range subjects {
		m.subject(s)
	}
	m.page()
}

// label takes the labels of subjects that have none yet from a property of that
// name.
func (m *rowMaker) label(name string) {
	for _, t := range m.graph.triples {
		if t.object.Kind == owlfs.Literal && local(t.predicate) == name && m.labels[t.subject.Text] == "" {
			m.labels[t.subject.Text] = t.object.Text
		}
	}
}

func (m *rowMaker) subject(s string) {
	class, property := false, ""
	for _, i := range m.graph.of[s] {
		if t := m.graph.triples[i]; t.predicate == rdfType && t.object.Kind == owlfs.IRI {
			class = class || local(t.object.Text) == "Class"
			if e := declared[t.object.Text]; e.kind&isProperty != 0 && property == "" {
				property = e.entity
			}
		}
	}
	line := m.lines.of(s)
	c := Class{IRI: s, Line: line, Metadata: map[string]string{}}
	p := OWLProperty{IRI: s, Type: property, Label: m.labels[s], Line: line}
	for _, i := range m.graph.of[s] {
		m.statement(&c, &p, m.graph.triples[i], class, property != "")
	}
	if class {
		m.reader.out.Classes = append(m.reader.out.Classes, c)
	}
	if property != "" {
		m.reader.out.OWLProperties = append(m.reader.out.OWLProperties, p)
	}
}

// statement reads one triple of a subject.
func (m *rowMaker) statement(c *Class, p *OWLProperty, t triple, class, property bool) {
	name, o := local(t.predicate), t.object
	switch {
	case t.predicate == rdfType:
	case t.predicate == rdfsNamespace+"subClassOf":
		if o.Kind != owlfs.Anonymous {
			parent, iri := m.reference(o)
			m.reader.out.SubClassOf = append(m.reader.out.SubClassOf, SubClass{Class: c.IRI, Parent: parent, ParentIRI: iri, Line: m.lines.after(o.Text, c.Line)})
		}
	case property && name == "domain":
		appendName(&p.Domain, o)
	case property && name == "range":
		appendName(&p.Range, o)
	case o.Kind == owlfs.Literal && class:
		m.describe(c, t.predicate, name, o.Text)
	case o.Kind == owlfs.IRI && !isStandard(t.predicate) && !property:
		object, iri := m.reference(o)
		m.reader.out.Relations = append(m.reader.out.Relations,
			Relation{Subject: c.IRI, Predicate: orElse(m.reader.predicates[t.predicate], snake(name)), Object: object, ObjectIRI: iri, Line: m.lines.after(o.Text, c.Line)})
	}
}

// describe reads a literal that a class has.
func (m *rowMaker) describe(c *Class, predicate, name, text string) {
	field := map[string]*string{"label": &c.Label, "prefLabel": &c.Label, "definition": &c.Definition, "comment": &c.Definition, "domain": &c.Domain,
		"maturity": &c.Maturity, "status": &c.Status, "termId": &c.TermID, "term-id": &c.TermID}[name]
	switch {
	case field == nil:
		c.Metadata[predicate] = text
	case text != "" && (*field == "" || name == "label" || name == "definition"):
		*field = text
	}
}

func (m *rowMaker) reference(o owlfs.Term) (name, iri string) {
	if o.Kind == owlfs.Literal {
		return bareReference(o.Text)
	}
	return orElse(m.labels[o.Text], o.Text), o.Text
}

func appendName(list *string, o owlfs.Term) {
	if o.Kind != owlfs.Anonymous {
		*list = strings.TrimPrefix(*list+", "+o.Text, ", ")
	}
}

// page reads the nodes of type Page, whatever their names.
func (m *rowMaker) page() {
	for _, t := range m.graph.triples {
		if t.predicate != rdfType || local(t.object.Text) != "Page" {
			continue
		}
		if m.reader.out.Page == nil {
			m.reader.out.Page = &Page{}
		}
		p := m.reader.out.Page
		for _, i := range m.graph.of[t.subject.Text] {
			switch x := m.graph.triples[i]; local(x.predicate) {
			case "title":
				p.Title = orElse(p.Title, x.object.Text)
			case "public":
				p.Public = p.Public || strings.EqualFold(x.object.Text, "true")
			}
		}
	}
}
