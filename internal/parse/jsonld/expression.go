package jsonld

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// maxExpression is how deeply class expressions may nest.
const maxExpression = 50

// class reads a class or a class expression (OWL 2 Mapping to RDF Graphs, table
// 13). parts collects the triples that it consists of.
func (g *graph) class(t owlfs.Term, parts *[]int) (owlfs.Term, bool) { return g.classAt(t, parts, 0) }

func (g *graph) classAt(t owlfs.Term, parts *[]int, depth int) (owlfs.Term, bool) {
	if g.budget--; t.Kind == owlfs.IRI {
		return compact(t.Text), true
	}
	if t.Kind != owlfs.Anonymous || depth > maxExpression || g.budget < 0 {
		return owlfs.Term{}, false
	}
	facts := map[string]owlfs.Term{}
	for _, i := range g.of[t.Text] {
		name, ok := strings.CutPrefix(g.triples[i].predicate, owlNamespace)
		switch _, twice := facts[name]; {
		case g.triples[i].predicate == rdfType:
		case !ok || twice:
			return owlfs.Term{}, false
		default:
			facts[name] = g.triples[i].object
		}
		*parts = append(*parts, i)
	}
	if property, ok := facts["onProperty"]; ok && property.Kind == owlfs.IRI {
		return g.restriction(compact(property.Text), facts, parts, depth)
	}
	if len(facts) != 1 {
		return owlfs.Term{}, false
	}
	for name, object := range facts {
		return g.connective(name, object, parts, depth)
	}
	return owlfs.Term{}, false
}

// connective reads an expression of one property, such as owl:unionOf.
func (g *graph) connective(name string, object owlfs.Term, parts *[]int, depth int) (owlfs.Term, bool) {
	switch name {
	case "complementOf":
		c, ok := g.classAt(object, parts, depth+1)
		return call("ObjectComplementOf", c), ok
	case "unionOf", "intersectionOf":
		items, ok := g.items(object, parts, func(t owlfs.Term) (owlfs.Term, bool) { return g.classAt(t, parts, depth+1) })
		return call(map[string]string{"unionOf": "ObjectUnionOf", "intersectionOf": "ObjectIntersectionOf"}[name], items...), ok && len(items) > 1
	case "oneOf":
		items, ok := g.items(object, parts, func(t owlfs.Term) (owlfs.Term, bool) { return named(t), t.Kind != owlfs.Literal })
		return call("ObjectOneOf", items...), ok && len(items) > 0
	}
	return owlfs.Term{}, false
}

// items reads an RDF list.
func (g *graph) items(head owlfs.Term, parts *[]int, read func(owlfs.Term) (owlfs.Term, bool)) ([]owlfs.Term, bool) {
	var list []owlfs.Term
	for at := head; at.Text != rdfNamespace+"nil"; {
		if g.budget--; g.budget < 0 {
			return nil, false
		}
		var next owlfs.Term
		for _, i := range g.of[at.Text] {
			switch t := g.triples[i]; t.predicate {
			case rdfNamespace + "first":
				item, ok := read(t.object)
				if !ok {
					return nil, false
				}
				list = append(list, item)
			case rdfNamespace + "rest":
				next = t.object
			default:
				return nil, false
			}
			*parts = append(*parts, i)
		}
		if at = next; at.Kind == 0 {
			return nil, false
		}
	}
	return list, true
}

// quantifiers and cardinalities are the ends of the names of restrictions, after
// Object or Data.
var (
	quantifiers = []struct{ name, head string }{
		{"someValuesFrom", "SomeValuesFrom"}, {"allValuesFrom", "AllValuesFrom"}}
	cardinalities = []struct{ name, head string }{
		{"minCardinality", "MinCardinality"}, {"maxCardinality", "MaxCardinality"}, {"cardinality", "ExactCardinality"},
		{"minQualifiedCardinality", "MinCardinality"}, {"maxQualifiedCardinality", "MaxCardinality"}, {"qualifiedCardinality", "ExactCardinality"}}
)

// restriction reads what a restriction says of its property.
func (g *graph) restriction(property owlfs.Term, facts map[string]owlfs.Term, parts *[]int, depth int) (owlfs.Term, bool) {
	if value, ok := facts["hasValue"]; ok && len(facts) == 2 {
		if value.Kind == owlfs.Literal {
			return call("DataHasValue", property, value), true
		}
		return call("ObjectHasValue", property, named(value)), true
	}
	if _, ok := facts["hasSelf"]; ok && len(facts) == 2 {
		return call("ObjectHasSelf", property), true
	}
	for _, q := range quantifiers {
		if filler, ok := facts[q.name]; ok && len(facts) == 2 {
			if g.isData(property, filler) {
				return call("Data"+q.head, property, named(filler)), filler.Kind == owlfs.IRI
			}
			c, ok := g.classAt(filler, parts, depth+1)
			return call("Object"+q.head, property, c), ok
		}
	}
	for _, c := range cardinalities {
		if n, ok := facts[c.name]; ok {
			return g.cardinality(c.head, property, n, facts, parts, depth)
		}
	}
	return owlfs.Term{}, false
}

func (g *graph) cardinality(head string, property, n owlfs.Term, facts map[string]owlfs.Term, parts *[]int, depth int) (owlfs.Term, bool) {
	number := owlfs.Term{Kind: owlfs.Number, Text: n.Text}
	valid := n.Kind == owlfs.Literal && n.Text != "" && strings.Trim(n.Text, "0123456789") == ""
	onClass, qualified := facts["onClass"]
	onRange, data := facts["onDataRange"]
	switch {
	case !valid:
		return owlfs.Term{}, false
	case data:
		return call("Data"+head, number, property, named(onRange)), onRange.Kind == owlfs.IRI && len(facts) == 3
	case qualified:
		c, ok := g.classAt(onClass, parts, depth+1)
		return call("Object"+head, number, property, c), ok && len(facts) == 3
	case g.isData(property, owlfs.Term{}):
		return call("Data"+head, number, property), len(facts) == 2
	}
	return call("Object"+head, number, property), len(facts) == 2
}

// isData tells a data restriction: its property is declared one, or its filler
// is a datatype.
func (g *graph) isData(property, filler owlfs.Term) bool {
	return g.kinds[property.Text]&isDataProperty != 0 || strings.HasPrefix(filler.Text, xsdNamespace) ||
		filler.Text == rdfsNamespace+"Literal" || g.kinds[filler.Text]&isDatatype != 0
}
