package jsonld

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plainContext is one that is read without a processor.
const plainContext = `{"@version": 1.1, "ex": "http://ex.org/", "owl": "http://www.w3.org/2002/07/owl#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
	"id": "@id", "type": "@type", "more": "@nest", "relations": "@nest", "Class": "owl:Class", "Restriction": "owl:Restriction", "ObjectProperty": "owl:ObjectProperty",
	"label": "rdfs:label", "comment": "rdfs:comment", "subClassOf": {"@id": "rdfs:subClassOf", "@type": "@id"},
	"disjointWith": {"@id": "owl:disjointWith", "@type": "@id"}, "onProperty": {"@id": "owl:onProperty", "@type": "@id"},
	"someValuesFrom": {"@id": "owl:someValuesFrom", "@type": "@id"}, "unionOf": {"@id": "owl:unionOf", "@type": "@id", "@container": "@list"},
	"hasPart": {"@id": "ex:hasPart", "@type": "@id"}, "likes": {"@id": "ex:likes", "@type": "@id", "@container": "@set"}}`

// plainDocument makes a document of classes as pages hold them, with what
// JSON-LD has besides.
func (g *generator) plainDocument() map[string]any {
	doc := g.class(0)
	if g.IntN(3) == 0 {
		doc = map[string]any{"@graph": []any{g.class(0), g.class(0)}}
		return doc
	}
	if g.IntN(4) == 0 {
		doc["@included"] = []any{g.class(1)}
	}
	return doc
}

func (g *generator) class(depth int) map[string]any {
	g.nodes--
	iri := g.iri()
	c := map[string]any{g.text("@id", "id"): iri, g.text("@type", "type"): g.pick("Class", "owl:Class", []any{"ex:Kind", "Class"})}
	for range g.IntN(4) {
		g.member(c, depth)
	}
	if g.IntN(2) == 0 { // the same for each thing, as of several any may win
		name := "L" + iri[len(iri)-1:]
		c["label"] = g.pick(name, map[string]any{"@value": name, "@language": "en"}, []any{name}, map[string]any{"@set": []any{name}})
	}
	return c
}

func (g *generator) member(c map[string]any, depth int) {
	switch g.IntN(11) {
	case 0, 1:
		c["comment"] = "x"
	case 2, 3:
		c["subClassOf"] = g.targets(depth, true)
	case 4:
		c["disjointWith"] = g.targets(depth, true)
	case 5:
		c["hasPart"] = g.targets(depth, false)
	case 6:
		c["relations"] = map[string]any{"hasPart": g.targets(depth, false), "ex:own": map[string]any{"@id": g.iri()}}
	case 7:
		c["likes"] = g.targets(depth, false)
	case 8:
		c["more"] = map[string]any{"subClassOf": g.targets(depth, true)}
	case 9:
		c["@reverse"] = map[string]any{g.text("subClassOf", "hasPart"): map[string]any{"@id": g.iri()}}
	case 10:
		c["undefined"] = g.pick("x", g.class(depth+1))
	}
}

func (g *generator) iri() string { return g.text("ex:a", "ex:b", "ex:c", "http://ex.org/d", "ex:e") }

func (g *generator) targets(depth int, expressions bool) any {
	one := func() any {
		switch n := g.IntN(7); {
		case n < 2:
			return g.iri()
		case n < 4 || depth > 2 || g.nodes < 0:
			return map[string]any{g.text("@id", "id"): g.iri()}
		case n == 4 && expressions:
			return map[string]any{"@type": "Restriction", "onProperty": "ex:p", "someValuesFrom": g.pick("ex:x", map[string]any{"@id": g.iri()})}
		case n == 5 && expressions:
			return map[string]any{"type": "Class", "unionOf": []any{g.iri(), map[string]any{"@id": "ex:x"}}}
		}
		return g.class(depth + 1)
	}
	switch g.IntN(4) {
	case 0:
		return []any{one(), one()}
	case 1:
		return map[string]any{"@set": []any{one()}}
	}
	return one()
}

// TestPagesAreReadAsAProcessorReadsThem compares documents with a plain context
// of the repository, which no processor sees, with the same context inline.
func TestPagesAreReadAsAProcessorReadsThem(t *testing.T) {
	t.Parallel()
	o := Options{Context: contexts(t, map[string]string{"https://ex.org/v1": `{"@context": ` + plainContext + `}`})}
	failures := 0
	for seed := range uint64(1500) {
		g := &generator{rand.New(rand.NewPCG(seed, 2)), 8}
		doc := g.plainDocument()
		differ := func(src string) string {
			var doc map[string]any
			if err := json.Unmarshal([]byte(src), &doc); err != nil {
				t.Fatal(err)
			}
			doc["@context"] = "https://ex.org/v1"
			fast, _ := json.Marshal(doc)
			doc["@context"] = json.RawMessage(plainContext)
			slow, _ := json.Marshal(doc)
			return cmp.Diff(said(Parse(string(slow), o)), said(Parse(string(fast), o)))
		}
		src, _ := json.Marshal(doc)
		if d := differ(string(src)); d != "" {
			t.Errorf("seed %d: %s\n-processor +fast:\n%s", seed, src, d)
			if failures++; failures > 5 {
				return
			}
		}
	}
}

// said lists what a reading says, without the lines and the spelling of names.
func said(r Result) []string {
	var list []string
	for _, c := range r.Classes {
		list = append(list, "class "+c.IRI+" "+c.Label)
	}
	for _, s := range r.SubClassOf {
		list = append(list, fmt.Sprint("subclass ", s.Class, " ", s.ParentIRI))
	}
	for _, x := range r.Relations {
		list = append(list, fmt.Sprint("relation ", x.Subject, " ", x.Predicate, " ", x.ObjectIRI))
	}
	for _, a := range r.Axioms {
		switch a.Term.Text {
		case "DisjointClasses":
			list = append(list, a.Expression)
		case "SubClassOf":
			if a.Term.Args[1].Text == "ObjectSomeValuesFrom" || a.Term.Args[1].Text == "ObjectUnionOf" {
				list = append(list, a.Expression)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
