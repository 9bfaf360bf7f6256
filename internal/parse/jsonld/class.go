package jsonld

import "github.com/kgsync/kgsync/internal/parse/diag"

// draft is a class that is being read, with the origins of its fields.
type draft struct {
	Class
	at int // in the result

	label, definition, domain, maturity, status, termID origin
}

// class reads one node of a class. Several nodes of one document that have the
// same name are one class.
func (r *reader) class(n value) {
	iri := r.vocabulary.iri(r.vocabulary.keyword(n, "@id").text())
	if iri == "" {
		r.withoutID(n, "class")
		return
	}
	c := r.classes[iri]
	if c == nil {
		if r.classes == nil {
			r.classes = map[string]*draft{}
		}
		c = &draft{at: len(r.out.Classes), Class: Class{IRI: iri, Line: n.line(), Metadata: map[string]string{}}}
		r.classes[iri] = c
		r.out.Classes = append(r.out.Classes, c.Class)
	}
	for m := range n.children() {
		r.classMember(c, m)
	}
	r.out.Classes[c.at] = c.Class
}

// classMember reads one member of a class. A relation may stand among the
// members as well as in the object that "relations" holds.
func (r *reader) classMember(c *draft, m value) {
	key := m.key()
	name := r.vocabulary.name(key)
	switch name {
	case "@id", "@type", "@context", "@graph", "@included":
	case "@reverse":
		r.reversed(&c.Class, m)
	case "@nest":
		r.nested(c, m)
	case "label", "prefLabel":
		c.label.prefer(&c.Label, name, key, m.text())
	case "definition", "comment":
		c.definition.prefer(&c.Definition, name, key, m.text())
	case "domain":
		c.domain.prefer(&c.Domain, name, key, m.text())
	case "maturity":
		c.maturity.prefer(&c.Maturity, name, key, m.text())
	case "status":
		c.status.prefer(&c.Status, name, key, m.text())
	case "termId", "term-id":
		c.termID.prefer(&c.TermID, name, key, m.text())
	case "subClassOf":
		r.parents(&c.Class, m)
	case "relations":
		r.relations(&c.Class, m)
	case "equivalentClass":
		r.axioms("EquivalentClasses", c.IRI, m)
	case "disjointWith":
		r.axioms("DisjointClasses", c.IRI, m)
	default:
		if r.vocabulary.means(key, "@nest") {
			r.nested(c, m)
		} else if predicate, ok := r.directRelation(key, name, m); ok {
			r.related(&c.Class, predicate, m)
		} else if s := m.text(); s != "" {
			c.Metadata[key] = s
		}
	}
}

// directRelation tells whether a member of a class is a relation: one of the
// built-in vocabulary, or one that the repository's context defines and whose
// values are nodes or names of nodes. What RDF, RDFS and OWL define is none.
func (r *reader) directRelation(key, name string, v value) (predicate string, ok bool) {
	if r.vocabulary == nil {
		predicate, ok = relationTerms[name]
		return predicate, ok
	}
	iri, _ := r.vocabulary.expand(key)
	predicate, ok = r.vocabulary.relation(key)
	if !ok || isStandard(iri) {
		return "", false
	}
	for x := range v.all() {
		if !r.vocabulary.nodes[key] && !x.is(kindObject) || x.is(kindObject) && !r.vocabulary.keyword(x, "@id").present() {
			_, known := relationTerms[name]
			return predicate, known
		}
	}
	return predicate, true
}

// nested reads members that stand one level deeper for the sake of order.
func (r *reader) nested(c *draft, v value) {
	for x := range v.all() {
		for m := range x.children() {
			r.classMember(c, m)
		}
	}
}

// reversed reads what other things have to do with a class.
func (r *reader) reversed(c *Class, v value) {
	for m := range v.children() {
		key := m.key()
		predicate, related := r.vocabulary.relation(key)
		parent := r.vocabulary.name(key) == "subClassOf"
		for x := range m.all() {
			switch _, iri := r.reference(x); {
			case iri == "":
			case parent:
				r.out.SubClassOf = append(r.out.SubClassOf, SubClass{Class: iri, Parent: c.IRI, ParentIRI: c.IRI, Line: x.line()})
			case related:
				r.out.Relations = append(r.out.Relations, Relation{Subject: iri, Predicate: predicate, Object: c.IRI, ObjectIRI: c.IRI, Line: x.line()})
			}
		}
	}
}

// parents reads superclasses. A restriction has no name: it is an axiom only.
func (r *reader) parents(c *Class, v value) {
	for x := range v.all() {
		name, iri := r.reference(x)
		if name == "" {
			r.expression("SubClassOf", c.IRI, v.key(), x)
		} else {
			r.out.SubClassOf = append(r.out.SubClassOf, SubClass{Class: c.IRI, Parent: name, ParentIRI: iri, Line: x.line()})
		}
	}
}

// relations reads an object of relation -> objects.
func (r *reader) relations(c *Class, v value) {
	for x := range v.all() {
		if !x.is(kindObject) {
			continue
		}
		for m := range x.children() {
			key := m.key()
			if r.vocabulary.name(key) == "subClassOf" { // a standard's term means the same wherever it stands
				r.parents(c, m)
				continue
			}
			if predicate, defined := r.vocabulary.relation(key); defined {
				r.related(c, predicate, m)
			} else {
				r.undefined(c, key, m)
			}
		}
	}
}

// undefined keeps what a key names that states nothing, because the context does
// not define it, as metadata of the class.
func (r *reader) undefined(c *Class, key string, v value) {
	advice := "use one that it defines, or define this one"
	if term := knownSpelling(key); term != "" {
		advice = "write " + term
	}
	r.report(diag.Warning, v.line(), diag.JSONLDUnknownRelation,
		"%q is not a relation that the context defines and is kept as metadata of its class only: %s", clip(key), advice)
	if names := r.names(v); names != "" && c.Metadata[key] == "" {
		c.Metadata[key] = names
	}
}

func (r *reader) related(c *Class, predicate string, v value) {
	for x := range v.all() {
		if name, iri := r.reference(x); name != "" {
			r.out.Relations = append(r.out.Relations, Relation{Subject: c.IRI, Predicate: predicate, Object: name, ObjectIRI: iri, Line: x.line()})
		}
	}
}
