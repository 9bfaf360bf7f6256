package jsonld

import (
	"errors"
	"slices"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// reader turns values into statements.
type reader struct {
	tape       *tape
	options    Options
	vocabulary *vocabulary       // of the document being read
	predicates map[string]string // of IRIs that the document's contexts give to known relations
	out        Result
	reported   int
	scoped     bool                                // a context of the repository may bring others with its terms
	local      *Context                            // whose vocabulary it will be
	classes    map[string]*draft                   // of the value being read: IRI -> class
	blanks     blankNames                          // of the fence
	known      map[string]owlfs.Term               // blank nodes that the document being read names
	remote     []string                            // contexts of the value being read of which there is no copy
	found      bool                                // the value being read has nodes of the vocabulary
	unnamed    []unnamedClass                      // of the vocabulary, not yet read
	spent      struct{ values, work, batches int } // on unnamed classes
}

// maxReports bounds the findings about the meaning of one fence.
const maxReports = 100

// document reads one top-level value, a list item by item.
func (r *reader) document(v value) {
	r.known = map[string]owlfs.Term{}
	for n := range v.all() {
		if !n.is(kindObject) {
			continue
		}
		vocabulary, general := r.contextOf(n)
		if general {
			expanded, err := r.expandDocument(n)
			if err == nil {
				r.statements(n, triplesOf(expanded, &r.blanks, r.known))
				continue
			}
			r.refused(n, err)
		}
		if vocabulary != r.vocabulary {
			r.expressions()
		}
		r.vocabulary = vocabulary
		clear(r.classes)
		r.found = false
		r.nodes(n, false)
		r.unread(n)
	}
}

// unread reports the contexts that are missed where the built-in vocabulary, which
// takes their place, finds no node: they may have other names for "@id" and
// "@type".
func (r *reader) unread(n value) {
	if r.found || r.tape.broken {
		return
	}
	slices.Sort(r.remote)
	for _, iri := range slices.Compact(r.remote) {
		r.report(diag.Warning, n.line(), diag.JSONLDRemoteContext,
			"the context %s is never fetched, and the built-in vocabulary reads nothing here: keep a copy in the repository (docs/parsing.md)", clip(iri))
	}
}

// refused reports a document that a processor does not take. It is then read
// with the built-in vocabulary. Which of several errors a processor meets first
// is left to chance, so that the message must not say.
func (r *reader) refused(n value, err error) {
	if errors.Is(err, errTooLarge) || errors.Is(err, errLoads) {
		r.report(diag.Warning, n.line(), diag.JSONLDLimit,
			"this block or its context is more than a JSON-LD processor is given, and the built-in vocabulary takes the context's place: split it")
		return
	}
	r.report(diag.Warning, n.line(), diag.JSONLDContext,
		"this block is not valid JSON-LD 1.1, and the built-in vocabulary takes the place of its context: correct the context, or what does not fit it")
}

// contextOf says how a document is to be read: with a plain context of the
// repository, with the built-in vocabulary (nil), or in general by a processor.
func (r *reader) contextOf(n value) (v *vocabulary, general bool) {
	r.predicates = map[string]string{}
	r.remote = r.remote[:0]
	for i := n.at + 1; i < n.node().next; i++ {
		m := value{n.tape, i}
		if !m.hasKey("@context") {
			continue
		}
		contexts := 0
		for c := range m.all() {
			contexts++
			if known := r.context(c.raw()); known != nil {
				general = general || !known.vocabulary.plain || v != nil || contexts > 1
				v, r.local = known.vocabulary, known
				v.predicates(r.predicates)
			} else if c.is(kindObject) {
				general = true
				inline := vocabulary{terms: map[string]string{}, nodes: map[string]bool{}}
				inline.add(c)
				inline.predicates(r.predicates)
			} else if v != nil {
				general = true
			} else if c.is(kindString) {
				r.remote = append(r.remote, c.raw())
			}
		}
	}
	if general {
		return nil, true
	}
	return v, false
}

// context gives the repository's own context of a name, or nil.
func (r *reader) context(iri string) *Context {
	if r.options.Context == nil || iri == "" {
		return nil
	}
	return r.options.Context(iri)
}

// nodes reads an object or the objects of a list, and the nodes in them: those
// of a @graph, and those that stand where they are spoken of. It passes over every
// value of a document, so it makes no iterators.
func (r *reader) nodes(v value, embedded bool) {
	if v.is(kindObject) {
		if r.isNode(v) {
			r.node(v, embedded)
		}
	} else if !v.is(kindList) {
		return
	}
	for i := v.at + 1; i < v.node().next; i = r.tape.nodes[i].next {
		m := value{r.tape, i}
		switch {
		case m.node().shadowed || !m.is(kindObject) && !m.is(kindList):
		case v.is(kindList):
			r.nodes(m, embedded)
		case !m.hasKey("@context"):
			if key := m.key(); r.vocabulary.says(key) {
				r.nodes(m, embedded || !r.vocabulary.means(key, "@graph") && key != "@included" && key != "@set" && key != "@list")
			}
		}
	}
}

// isNode reports whether an object has a type, and is no value.
func (r *reader) isNode(v value) bool {
	typed := false
	for i := v.at + 1; i < v.node().next; i = r.tape.nodes[i].next {
		m := value{r.tape, i}
		switch {
		case m.hasKey("@value"):
			return false
		case m.hasKey("@type"), r.vocabulary != nil && r.vocabulary.terms[m.key()] == "@type":
			typed = true
		}
	}
	return typed
}

// node reads one node, once as each of the things that its types say it is. What
// is embedded in another node is not this page.
func (r *reader) node(n value, embedded bool) {
	var isPage, isClass, isProperty bool
	r.found = true
	if embedded && r.vocabulary.keyword(n, "@id").text() == "" {
		return
	}
	for t := range r.vocabulary.keyword(n, "@type").all() {
		switch name := r.vocabulary.name(t.raw()); name {
		case "Page":
			if !isPage && !embedded {
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
		switch r.vocabulary.name(m.key()) {
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
	var label, domain, ranged origin
	for m := range n.children() {
		switch key, name := m.key(), r.vocabulary.name(m.key()); name {
		case "@id":
			p.IRI = r.vocabulary.iri(m.text())
		case "label", "prefLabel":
			label.prefer(&p.Label, name, key, m.text())
		case "domain":
			domain.prefer(&p.Domain, name, key, r.names(m))
		case "range":
			ranged.prefer(&p.Range, name, key, r.names(m))
		}
	}
	if p.IRI == "" {
		r.withoutID(n, kind)
		return
	}
	r.out.OWLProperties = append(r.out.OWLProperties, p)
	for m := range n.children() {
		r.propertyAxioms(p, m)
	}
}

// propertyAxioms reads what a property is beside its declaration.
func (r *reader) propertyAxioms(p OWLProperty, m value) {
	object := p.Type == "ObjectProperty"
	switch name := r.vocabulary.name(m.key()); {
	case name == "inverseOf" && object:
		r.axioms("InverseObjectProperties", p.IRI, m)
	case name == "subPropertyOf":
		r.axioms("Sub"+p.Type+"Of", p.IRI, m)
	case name == "@type":
		for t := range m.all() {
			characteristic := characteristics[owlNamespace+r.vocabulary.name(t.raw())]
			if characteristic != "" && isIRI(p.IRI) && (object || characteristic == "Functional" && p.Type == "DataProperty") {
				r.axiom(m.line(), call(characteristic+p.Type, iriTerm(p.IRI)))
			}
		}
	}
}

// axioms makes an axiom about a subject of each IRI that a value refers to.
func (r *reader) axioms(head, subject string, v value) {
	for x := range v.all() {
		switch name, iri := r.reference(x); {
		case isIRI(iri) && isIRI(subject):
			r.axiom(x.line(), call(head, iriTerm(subject), iriTerm(iri)))
		case name == "":
			r.expression(head, subject, v.key(), x)
		}
	}
}

func (r *reader) axiom(line int, t owlfs.Term) {
	if a, err := owlfs.NewAxiom(t, line); err == nil {
		r.out.Axioms = append(r.out.Axioms, a)
	}
}

// iriTerm writes an IRI that may be a compact one. If its prefix is not known
// here, "ex:a" is an IRI like any other.
func iriTerm(iri string) owlfs.Term {
	for _, n := range [...]struct{ prefix, namespace string }{
		{"owl:", owlNamespace}, {"rdfs:", rdfsNamespace}, {"rdf:", rdfNamespace}, {"xsd:", xsdNamespace}} {
		if name, ok := strings.CutPrefix(iri, n.prefix); ok {
			return compact(n.namespace + name)
		}
	}
	return compact(iri)
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
