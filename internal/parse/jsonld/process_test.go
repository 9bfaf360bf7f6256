package jsonld

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/piprate/json-gold/ld"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// documents use what JSON-LD 1.1 has: containers, reverse, lists, scoped
// contexts, nested keys, types, languages, graphs.
var documents = map[string]string{
	"plain": `{"@context": {"ex": "http://example.org/", "name": "ex:name", "knows": {"@id": "ex:knows", "@type": "@id"}},
		"@id": "ex:a", "@type": "ex:Person", "name": "A", "knows": ["ex:b", {"@id": "ex:c", "name": {"@value": "C", "@language": "fr"}}], "lost": 1}`,
	"values": `{"@context": {"@vocab": "http://example.org/", "when": {"@type": "http://www.w3.org/2001/XMLSchema#date"}},
		"n": 5, "f": 1.5, "big": 1e22, "b": true, "when": "2024-01-02", "nothing": null, "s": "x\ny\"z"}`,
	"reverse": `{"@context": {"ex": "http://example.org/", "children": {"@reverse": "ex:parent"}}, "@id": "ex:a",
		"children": [{"@id": "ex:b"}, {"@id": "ex:c"}], "@reverse": {"ex:likes": {"@id": "ex:d"}}}`,
	"lists": `{"@context": {"ex": "http://example.org/", "l": {"@id": "ex:l", "@container": "@list"}}, "@id": "ex:a",
		"l": ["x", 2, {"@id": "ex:b", "ex:p": "q"}], "ex:empty": {"@list": []}, "ex:deep": {"@list": [{"@list": ["y"]}]}}`,
	"maps": `{"@context": {"@vocab": "http://example.org/", "label": {"@container": "@language"}, "by": {"@container": "@index"},
		"ids": {"@container": "@id"}}, "@id": "http://example.org/a", "label": {"en": "A", "de": ["B", "C"]}, "by": {"x": {"p": "1"}},
		"ids": {"http://example.org/q": {"p": "2"}}}`,
	"nest": `{"@context": {"ex": "http://example.org/", "more": "@nest", "p": {"@id": "ex:p", "@nest": "more"}}, "@id": "ex:a", "more": {"p": "1", "ex:q": "2"}}`,
	"scoped": `{"@context": {"ex": "http://example.org/", "T": {"@id": "ex:T", "@context": {"name": "ex:typeName"}},
		"part": {"@id": "ex:part", "@context": {"name": "ex:partName"}}, "name": "ex:name"},
		"@id": "ex:a", "@type": "T", "name": "1", "part": {"@id": "ex:b", "name": "2", "part": {"name": "3"}}}`,
	"graphs": `{"@context": {"ex": "http://example.org/"}, "@graph": [{"@id": "ex:a", "ex:p": "1"},
		{"@id": "ex:g", "ex:of": "g", "@graph": {"@id": "ex:b", "ex:p": "2"}}], "ex:top": "3"}`,
	"aliases": `{"@context": {"id": "@id", "type": "@type", "@base": "http://example.org/base/", "p": "http://example.org/p"}, "id": "x", "type": "http://example.org/T", "p": {"id": "../y"}}`,
	"blanks":  `{"@context": {"ex": "http://example.org/"}, "@id": "_:b1", "ex:p": [{"@id": "_:b0", "ex:q": {"@id": "_:b1"}}, {"ex:r": "1"}]}`,
	"array":   `[{"@context": {"p": "http://example.org/p"}, "@id": "http://example.org/a", "p": "1"}, {"@context": {"p": "http://example.org/q"}, "@id": "http://example.org/a", "p": "2"}]`,
}

// TestTriplesAreThoseOfAProcessor compares the triples of documents with those
// that the library's own conversion gives.
func TestTriplesAreThoseOfAProcessor(t *testing.T) {
	t.Parallel()
	for name, src := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want, got []string
			var doc any
			if err := json.Unmarshal([]byte(src), &doc); err != nil {
				t.Fatal(err)
			}
			options := ld.NewJsonLdOptions("")
			options.DocumentLoader = &loader{reader: &reader{}, remote: map[string]bool{}}
			dataset, err := ld.NewJsonLdProcessor().ToRDF(doc, options)
			if err != nil {
				t.Fatal(err)
			}
			for _, quads := range dataset.(*ld.RDFDataset).Graphs {
				for _, q := range quads {
					want = append(want, theirs(q.Subject)+" "+q.Predicate.GetValue()+" "+theirs(q.Object))
				}
			}
			tape, _ := scan(src, Options{Line: 1})
			r := reader{tape: tape}
			for root := range tape.roots() {
				for n := range root.all() {
					expanded, err := r.expandDocument(n)
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range triplesOf(expanded, &r.blanks, map[string]owlfs.Term{}) {
						got = append(got, ours(x.subject)+" "+x.predicate+" "+ours(x.object))
					}
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" || len(got) == 0 {
				t.Errorf("-library +ours:\n%s", d)
			}
		})
	}
}

func theirs(n ld.Node) string {
	switch n := n.(type) {
	case ld.BlankNode:
		return "_"
	case ld.Literal:
		t := owlfs.Term{Kind: owlfs.Literal, Text: n.Value}
		switch {
		case n.Language != "":
			t.Suffix = "@" + n.Language
		case n.Datatype != ld.XSDString:
			t.Suffix = "^^" + compact(n.Datatype).String()
		}
		return t.String()
	}
	return "<" + n.GetValue() + ">"
}

func ours(t owlfs.Term) string {
	if t.Kind == owlfs.Anonymous {
		return "_"
	}
	return t.String()
}

// TestEveryTripleIsAnAxiom: nothing that a document says is lost.
func TestEveryTripleIsAnAxiom(t *testing.T) {
	t.Parallel()
	for name, src := range documents {
		tape, _ := scan(src, Options{Line: 1})
		r := reader{tape: tape}
		triples := 0
		for root := range tape.roots() {
			for n := range root.all() {
				expanded, err := r.expandDocument(n)
				if err != nil {
					t.Fatal(err)
				}
				triples += len(triplesOf(expanded, &r.blanks, map[string]owlfs.Term{}))
			}
		}
		if got := Parse(src, Options{}); len(got.Axioms) != triples {
			t.Errorf("%s: %d axioms of %d triples: %+v", name, len(got.Axioms), triples, got.Axioms)
		}
	}
}

func TestOntologyWithInlineContext(t *testing.T) {
	t.Parallel()
	r := Parse(`{"@context": {"owl": "http://www.w3.org/2002/07/owl#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "o": "urn:o:",
  "kind": "@type", "name": "rdfs:label", "below": {"@id": "rdfs:subClassOf", "@type": "@id"}, "eats": {"@id": "o:eats", "@type": "@id"}, "note": "o:note"},
 "@graph": [
  {"@id": "o:Cat", "kind": "owl:Class", "name": "Cat", "note": "purrs",
   "below": ["o:Animal",
    {"kind": "owl:Restriction", "owl:onProperty": {"@id": "o:eats"}, "owl:someValuesFrom": {"@id": "o:Mouse"}}],
   "eats": "o:Mouse"},
  {"@id": "o:Mouse", "kind": "owl:Class", "name": "Mouse", "owl:disjointWith": {"owl:unionOf": {"@list": [{"@id": "o:Cat"}, {"@id": "o:Dog"}]}}},
  {"@id": "o:eats", "kind": ["owl:ObjectProperty", "owl:TransitiveProperty"], "rdfs:domain": {"@id": "o:Animal"}},
  {"@id": "o:tom", "kind": "o:Cat", "eats": "o:jerry"}]}`, Options{Line: 100})
	if len(r.Diagnostics) > 0 || !r.Ontology {
		t.Errorf("%+v", r.Diagnostics)
	}
	wantClasses := []Class{
		{IRI: "urn:o:Cat", Label: "Cat", Metadata: map[string]string{"urn:o:note": "purrs"}, Line: 103},
		{IRI: "urn:o:Mouse", Label: "Mouse", Metadata: map[string]string{}, Line: 107},
	}
	wantRelations := []Relation{
		{Subject: "urn:o:Cat", Predicate: "eats", Object: "Mouse", ObjectIRI: "urn:o:Mouse", Line: 105},
		{Subject: "urn:o:tom", Predicate: "eats", Object: "urn:o:jerry", ObjectIRI: "urn:o:jerry", Line: 109},
	}
	var axioms []string
	for _, a := range r.Axioms {
		axioms = append(axioms, a.Expression)
	}
	wantAxioms := []string{
		`Declaration(Class(<urn:o:Cat>))`,
		`SubClassOf(<urn:o:Cat> <urn:o:Animal>)`,
		`SubClassOf(<urn:o:Cat> ObjectSomeValuesFrom(<urn:o:eats> <urn:o:Mouse>))`,
		`AnnotationAssertion(rdfs:label <urn:o:Cat> "Cat")`,
		`AnnotationAssertion(<urn:o:eats> <urn:o:Cat> <urn:o:Mouse>)`,
		`AnnotationAssertion(<urn:o:note> <urn:o:Cat> "purrs")`,
		`Declaration(Class(<urn:o:Mouse>))`,
		`AnnotationAssertion(rdfs:label <urn:o:Mouse> "Mouse")`,
		`DisjointClasses(<urn:o:Mouse> ObjectUnionOf(<urn:o:Cat> <urn:o:Dog>))`,
		`Declaration(ObjectProperty(<urn:o:eats>))`,
		`TransitiveObjectProperty(<urn:o:eats>)`,
		`ObjectPropertyDomain(<urn:o:eats> <urn:o:Animal>)`,
		`ClassAssertion(<urn:o:Cat> <urn:o:tom>)`,
		`ObjectPropertyAssertion(<urn:o:eats> <urn:o:tom> <urn:o:jerry>)`,
	}
	slices.Sort(axioms)
	slices.Sort(wantAxioms)
	for what, d := range map[string]string{
		"classes":      cmp.Diff(wantClasses, r.Classes),
		"relations":    cmp.Diff(wantRelations, r.Relations),
		"superclasses": cmp.Diff([]SubClass{{Class: "urn:o:Cat", Parent: "urn:o:Animal", ParentIRI: "urn:o:Animal", Line: 104}}, r.SubClassOf),
		"properties":   cmp.Diff([]OWLProperty{{IRI: "urn:o:eats", Type: "ObjectProperty", Domain: "urn:o:Animal", Line: 108}}, r.OWLProperties),
		"axioms":       cmp.Diff(wantAxioms, axioms),
	} {
		if d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
}

// contexts gives the contexts of a repository.
func contexts(t *testing.T, sources map[string]string) func(string) *Context {
	t.Helper()
	known := map[string]*Context{}
	for iri, src := range sources {
		c, found := ReadContext(src)
		if c == nil || len(found) > 0 {
			t.Fatalf("%s: %+v", iri, found)
		}
		known[iri] = c
	}
	return func(iri string) *Context { return known[iri] }
}

func TestContextOfTheRepository(t *testing.T) {
	t.Parallel()
	o := Options{Line: 1, Context: contexts(t, map[string]string{
		"https://example.org/v2": `{"@context": {"@version": 1.1, "ex": "urn:ex:", "Class": "ex:Class", "caption": "ex:label", "id": "@id", "kind": "@type", "partOf": "dcterms:isPartOf",
			"relations": {"@id": "@nest", "@context": {"likes": {"@id": "ex:likes", "@type": "@id"}}}, "uses": null}}`,
		"https://example.org/full": `{"@context": {"@base": "urn:b/", "id": "@id", "Class": "http://www.w3.org/2002/07/owl#Class",
			"likes": {"@id": "urn:ex:likes", "@type": "@id"}, "partOf": {"@id": "http://purl.org/dc/terms/isPartOf", "@type": "@id"}}}`,
	})}
	r := Parse(`{"@context": "https://example.org/v2", "kind": "Class", "id": "ex:a", "caption": "A",
	 "relations": {"likes": ["ex:b"], "partOf": {"id": "ex:w", "label": "W"}, "uses": "ex:c", "enables": "ex:d", "ex:own": "ex:e"}}`, o)
	want := []Relation{
		{Subject: "urn:ex:a", Predicate: "likes", Object: "urn:ex:b", ObjectIRI: "urn:ex:b", Line: 2},
		{Subject: "urn:ex:a", Predicate: "part_of", Object: "W", ObjectIRI: "urn:ex:w", Line: 2},
		{Subject: "urn:ex:a", Predicate: "own", Object: "urn:ex:e", ObjectIRI: "urn:ex:e", Line: 2},
	}
	if d := cmp.Diff(want, r.Relations); d != "" || len(r.Classes) != 1 || r.Classes[0].Label != "A" || len(r.Diagnostics) != 2 {
		t.Errorf("plain: %s %+v", d, r)
	}
	r = Parse(`{"@context": "https://example.org/full", "@type": "Class", "id": "urn:ex:a", "likes": "urn:ex:b", "partOf": "urn:ex:w", "enables": "urn:ex:c"}`, o)
	if len(r.Classes) != 1 || len(r.Relations) != 2 || r.Relations[0].Predicate != "part_of" || r.Relations[1].Predicate != "likes" || len(r.Diagnostics) > 0 {
		t.Errorf("general: %+v", r)
	}
}

func TestRemoteContextsAreNotFetched(t *testing.T) {
	t.Parallel()
	r := Parse(`{"@context": ["https://example.org/unreachable.jsonld", {"ex": "urn:ex:"}], "@type": "Class", "@id": "ex:a",
	 "label": "A", "relations": {"uses": {"@id": "ex:b"}, "foo": "ex:c"}, "ex:likes": {"@id": "ex:d"}}`, Options{})
	if len(r.Classes) != 1 || r.Classes[0].Label != "A" || len(r.Relations) != 2 || len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != diag.JSONLDRemoteContext {
		t.Errorf("%+v", r)
	}
}

// TestRefusedDocumentsAreReadAllTheSame: what a processor does not take is
// reported and read by its structure.
func TestRefusedDocumentsAreReadAllTheSame(t *testing.T) {
	t.Parallel()
	loop := contexts(t, map[string]string{"a": `{"@context": ["b", {"x": "urn:x"}]}`, "b": `{"@context": ["a", "a"]}`})
	class := `"@type": "Class", "@id": "urn:a", "label": "A"`
	for name, c := range map[string]struct {
		src  string
		code diag.Code
	}{
		"a bad context":   {`{"@context": {"x": 5}, ` + class + `}`, diag.JSONLDContext},
		"a bad keyword":   {`{"@context": {}, "@reverse": 1, ` + class + `}`, diag.JSONLDContext},
		"an endless loop": {`{"@context": "a", ` + class + `}`, diag.JSONLDLimit},
		"many values":     {`{"@context": {}, ` + class + `, "x": [` + strings.Repeat("1,", maxProcessed) + `1]}`, diag.JSONLDLimit},
		"many contexts":   {`{"@context": {` + terms(2000) + `}, ` + class + `, "x": [` + strings.Repeat(`{"@context": {}},`, 2000) + `{}]}`, diag.JSONLDLimit},
	} {
		r := Parse(c.src, Options{Context: loop})
		if len(r.Classes) != 1 || r.Classes[0].Label != "A" || len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != c.code {
			t.Errorf("%s: %+v %+v", name, r.Classes, r.Diagnostics)
		}
	}
}

func terms(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"t` + strconv.Itoa(i) + `": "urn:x:",`)
	}
	return b.String() + `"z": "urn:z:"`
}
