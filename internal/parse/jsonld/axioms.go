package jsonld

import "github.com/kgsync/kgsync/internal/parse/owlfs"

// kind is what the types of a subject say it is.
type kindOfThing uint8

const (
	isClass kindOfThing = 1 << iota
	isObjectProperty
	isDataProperty
	isAnnotationProperty
	isDatatype
	isOntology

	isProperty = isObjectProperty | isDataProperty | isAnnotationProperty
)

// declared are the types that declare an entity (OWL 2 Mapping to RDF Graphs,
// table 7), by IRI.
var declared = map[string]struct {
	kind   kindOfThing
	entity string
}{
	owlNamespace + "Class":              {isClass, "Class"},
	rdfsNamespace + "Class":             {isClass, "Class"},
	owlNamespace + "ObjectProperty":     {isObjectProperty, "ObjectProperty"},
	owlNamespace + "DatatypeProperty":   {isDataProperty, "DataProperty"},
	owlNamespace + "AnnotationProperty": {isAnnotationProperty, "AnnotationProperty"},
	rdfsNamespace + "Datatype":          {isDatatype, "Datatype"},
	owlNamespace + "NamedIndividual":    {0, "NamedIndividual"},
	owlNamespace + "Ontology":           {isOntology, ""},
}

// characteristics are the types that say something of a property.
var characteristics = map[string]string{
	owlNamespace + "FunctionalProperty": "Functional", owlNamespace + "InverseFunctionalProperty": "InverseFunctional",
	owlNamespace + "ReflexiveProperty": "Reflexive", owlNamespace + "IrreflexiveProperty": "Irreflexive",
	owlNamespace + "SymmetricProperty": "Symmetric", owlNamespace + "AsymmetricProperty": "Asymmetric",
	owlNamespace + "TransitiveProperty": "Transitive",
}

// graph is the triples of one document.
type graph struct {
	triples []triple
	of      map[string][]int // subject -> its triples
	kinds   map[string]kindOfThing
	used    []bool // part of a class expression
	budget  int    // terms that class expressions may still have
}

func newGraph(triples []triple) *graph {
	g := &graph{triples: triples, of: map[string][]int{}, kinds: map[string]kindOfThing{},
		used: make([]bool, len(triples)), budget: 4*len(triples) + 16}
	for i, t := range triples {
		g.of[t.subject.Text] = append(g.of[t.subject.Text], i)
		if t.predicate == rdfType {
			g.kinds[t.subject.Text] |= declared[t.object.Text].kind
		}
	}
	return g
}

// axioms gives every triple as an axiom, in the order of the document. Those
// that have no better form are annotations, so that none is lost.
func (g *graph) axioms() []owlfs.Term {
	list := make([]owlfs.Term, 0, len(g.triples))
	at := make([]int, 0, len(g.triples))
	for i, t := range g.triples { // first what is said in several triples
		if a, ok := g.expressive(t); ok {
			list, at = append(list, a), append(at, i)
			g.used[i] = true
		}
	}
	ordered := make([]owlfs.Term, 0, len(g.triples))
	for i, t := range g.triples {
		switch {
		case len(at) > 0 && at[0] == i:
			ordered = append(ordered, list[0])
			list, at = list[1:], at[1:]
		case !g.used[i]:
			ordered = append(ordered, g.axiom(t))
		}
	}
	return ordered
}

// classAxioms are the statements about classes whose object may be an expression.
var classAxioms = map[string]string{rdfsNamespace + "subClassOf": "SubClassOf", owlNamespace + "equivalentClass": "EquivalentClasses",
	owlNamespace + "disjointWith": "DisjointClasses"}

// expressive reads a statement about a class.
func (g *graph) expressive(t triple) (owlfs.Term, bool) {
	head := classAxioms[t.predicate]
	if head == "" || t.subject.Kind != owlfs.IRI || t.object.Kind == owlfs.Literal {
		return owlfs.Term{}, false
	}
	var parts []int
	object, ok := g.class(t.object, &parts)
	if !ok {
		return owlfs.Term{}, false
	}
	for _, i := range parts {
		g.used[i] = true
	}
	return call(head, named(t.subject), object), true
}

func call(head string, args ...owlfs.Term) owlfs.Term {
	return owlfs.Term{Kind: owlfs.Call, Text: head, Args: args}
}

// named writes a term of a triple as one of an axiom.
func named(t owlfs.Term) owlfs.Term {
	if t.Kind == owlfs.IRI {
		return compact(t.Text)
	}
	return t
}

// pairs are the statements about two properties or two individuals.
var pairs = map[string]struct {
	object, data string
	onlyIRIs     bool
}{
	rdfsNamespace + "subPropertyOf":       {"SubObjectPropertyOf", "SubDataPropertyOf", true},
	owlNamespace + "equivalentProperty":   {"EquivalentObjectProperties", "EquivalentDataProperties", true},
	owlNamespace + "propertyDisjointWith": {"DisjointObjectProperties", "DisjointDataProperties", true},
	owlNamespace + "inverseOf":            {"InverseObjectProperties", "", true},
	rdfsNamespace + "domain":              {"ObjectPropertyDomain", "DataPropertyDomain", true},
	rdfsNamespace + "range":               {"ObjectPropertyRange", "DataPropertyRange", true},
}

// axiom reads one triple by itself.
func (g *graph) axiom(t triple) owlfs.Term {
	s, o, kind := named(t.subject), named(t.object), g.kinds[t.subject.Text]
	switch {
	case t.predicate == rdfType:
		if a, ok := g.typed(t, s, o, kind); ok {
			return a
		}
	case kind&isProperty != 0 && t.subject.Kind == owlfs.IRI && t.object.Kind == owlfs.IRI:
		pair := pairs[t.predicate]
		if head := pair.object; kind&isProperty == isObjectProperty && head != "" {
			return call(head, s, o)
		}
		if head := pair.data; kind&isProperty == isDataProperty && head != "" {
			return call(head, s, o)
		}
	case kind == 0 && t.predicate == owlNamespace+"sameAs" && t.object.Kind != owlfs.Literal:
		return call("SameIndividual", s, o)
	case kind == 0 && t.predicate == owlNamespace+"differentFrom" && t.object.Kind != owlfs.Literal:
		return call("DifferentIndividuals", s, o)
	case kind == 0 && !isStandard(t.predicate) && g.kinds[t.predicate]&isAnnotationProperty == 0:
		if t.object.Kind == owlfs.Literal {
			return call("DataPropertyAssertion", compact(t.predicate), s, o)
		}
		if g.kinds[t.object.Text] == 0 {
			return call("ObjectPropertyAssertion", compact(t.predicate), s, o)
		}
	}
	return call("AnnotationAssertion", compact(t.predicate), s, o)
}

// typed reads rdf:type.
func (g *graph) typed(t triple, s, o owlfs.Term, kind kindOfThing) (owlfs.Term, bool) {
	if d, ok := declared[t.object.Text]; ok {
		return call("Declaration", call(d.entity, s)), t.subject.Kind == owlfs.IRI && d.entity != ""
	}
	if c, ok := characteristics[t.object.Text]; ok && t.subject.Kind == owlfs.IRI {
		if c == "Functional" && kind&isProperty == isDataProperty {
			return call("FunctionalDataProperty", s), true
		}
		return call(c+"ObjectProperty", s), true
	}
	return call("ClassAssertion", o, s), kind == 0 && t.object.Kind == owlfs.IRI && !isStandard(t.object.Text)
}

// isStandard reports whether an IRI belongs to RDF, RDFS or OWL, whose
// properties of individuals are annotations.
func isStandard(iri string) bool { return compact(iri).Kind == owlfs.Name }
