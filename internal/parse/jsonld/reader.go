package jsonld

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// reader turns values into statements.
type reader struct {
	tape     *tape
	out      Result
	reported int
}

// maxReports bounds the findings about the meaning of one fence.
const maxReports = 100

// nodes reads an object, the objects of a list, or those of a @graph.
func (r *reader) nodes(v value) {
	for n := range v.all() {
		if !n.is(kindObject) {
			continue
		}
		r.node(n)
		for _, key := range [...]string{"@graph", "@included"} {
			r.nodes(n.keyword(key))
		}
	}
}

// node reads one node, once as each of the things that its types say it is.
func (r *reader) node(n value) {
	var isPage, isClass, isProperty bool
	for t := range n.keyword("@type").all() {
		switch name := local(t.raw()); name {
		case "Page":
			if !isPage {
				r.page(n)
			}
			isPage = true
		case "Class":
			if !isClass {
				r.class(n)
			}
			isClass = true
		case "ObjectProperty", "DatatypeProperty", "DataProperty", "AnnotationProperty":
			if !isProperty {
				r.property(n, name)
			}
			isProperty = true
		}
	}
}

func (r *reader) page(n value) {
	if r.out.Page == nil {
		r.out.Page = &Page{}
	}
	p := r.out.Page
	for m := range n.children() {
		switch local(m.key()) {
		case "title":
			if p.Title == "" {
				p.Title = m.text()
			}
		case "public":
			p.Public = p.Public || strings.EqualFold(m.text(), "true")
		}
	}
}

// property reads a declaration. Its type is named as in OWL 2.
func (r *reader) property(n value, kind string) {
	if kind == "DatatypeProperty" {
		kind = "DataProperty"
	}
	p := OWLProperty{Type: kind, Line: n.line()}
	for m := range n.children() {
		switch key := m.key(); local(key) {
		case "@id":
			p.IRI = m.text()
		case "label", "prefLabel":
			prefer(&p.Label, key, m.text())
		case "domain":
			prefer(&p.Domain, key, names(m))
		case "range":
			prefer(&p.Range, key, names(m))
		}
	}
	if p.IRI == "" {
		r.withoutID(n, kind)
		return
	}
	r.out.OWLProperties = append(r.out.OWLProperties, p)
}

// prefer sets a field. Where a node gives it under several keys, the bare one
// wins, then the first.
func prefer(field *string, key, value string) {
	if value != "" && (*field == "" || local(key) == key) {
		*field = value
	}
}

// withoutID reports a node that cannot be named; of a text that breaks off there
// is nothing to say but that it does.
func (r *reader) withoutID(n value, what string) {
	if !r.tape.broken {
		r.report(diag.Error, n.line(), diag.JSONLDClassWithoutID, "this %s has no @id and is left out: give it an IRI", what)
	}
}

func (r *reader) report(severity diag.Severity, line int, code diag.Code, format string, args ...any) {
	if r.reported++; r.reported <= maxReports {
		r.out.Diagnostics = append(r.out.Diagnostics, diag.New(line, severity, code, format, args...))
	}
}
