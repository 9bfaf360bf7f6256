package jsonld_test

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// FuzzParse: whatever the text, the result keeps its promises, is the same each
// time, and says that the text is no JSON exactly when the standard library does.
func FuzzParse(f *testing.F) {
	f.Add(`{"@graph": [{"@type": "Class", "@id": "a:b", "relations": {"uses": "x"}}]}`)
	f.Add(`{"@type": ["Page"], "public": "true"`)
	f.Add(`{"@type": "owl:Class", "@id": "a:\ud83d\ude00", "label": [{"@value": "x", "@language": "fr"}, 1e3], "subClassOf": {"@list": ["y"]}} []`)
	f.Add(`[-0.1E+2, true, null, "\u0000\/", {"a": {}, "a": 2,}]`)
	f.Add(`{"@context": {"@vocab": "urn:v:", "x": {"@id": "urn:x", "@container": "@list", "@context": {"y": "@nest"}}}, "@id": "_:a", "x": [1, "b"]}`)
	f.Add(`{"@context": ["a", {"c": {"@reverse": "urn:c"}}], "@type": "Class", "@id": "a:b", "c": {"@id": "urn:d"}, "http://www.w3.org/2000/01/rdf-schema#subClassOf": {"http://www.w3.org/2002/07/owl#unionOf": {"@list": [{"@id": "_:a"}]}}}`)
	f.Add(`{"@type": "Class", "@id": "a:b", "subClassOf": [{"@type": "Restriction", "onProperty": "a:p", "someValuesFrom": {"unionOf": ["a:c", "a:d"]}}, {"@id": "a:e", "@type": "Class"}], "@nest": {"@reverse": {"uses": "a:f"}}}`)
	f.Fuzz(func(t *testing.T, src string) {
		r := jsonld.Parse(src, jsonld.Options{Line: 1})
		if again := jsonld.Parse(src, jsonld.Options{Line: 1}); !reflect.DeepEqual(r, again) {
			t.Fatal("two readings differ")
		}
		for _, a := range r.Axioms {
			if again := owlfs.Parse(a.Expression, owlfs.Options{}); len(again.Axioms) != 1 || again.Axioms[0].Expression != a.Expression {
				t.Errorf("axiom %s reads back as %+v", a.Expression, again)
			}
		}
		lines := strings.Count(src, "\n") + 1
		for _, c := range r.Classes {
			if c.IRI == "" || c.Line < 1 || c.Line > lines {
				t.Errorf("class %+v", c)
			}
		}
		syntax, deep := false, false
		for _, d := range r.Diagnostics {
			syntax, deep = syntax || d.Code == diag.JSONLDSyntax, deep || d.Code == diag.JSONLDTooDeep
			if d.Line < 1 || d.Line > lines {
				t.Errorf("finding %+v", d)
			}
		}
		tab := strings.Contains(src, "\t") // forgiven inside of a string
		if json.Valid([]byte(src)) && syntax {
			t.Error("this is JSON and said to be none")
		}
		if !isJSON(src) && !syntax && !deep && !tab {
			t.Error("this is no JSON and nothing says so")
		}
	})
}

// isJSON reports whether text is a sequence of JSON values.
func isJSON(text string) bool {
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// FuzzContext: whatever context a repository has, a block that uses it is read,
// the same each time.
func FuzzContext(f *testing.F) {
	f.Add(`{"@context": {"ex": "urn:ex:", "kind": "@type", "Class": "ex:Class", "relations": {"@id": "@nest", "@context": {"likes": "ex:likes"}}}}`,
		`{"@context": "c", "kind": "Class", "@id": "ex:a", "relations": {"likes": {"@id": "ex:b"}}}`)
	f.Add(`{"@context": ["c", {"@vocab": "urn:v:", "l": {"@container": "@list"}}]}`, `{"@context": ["c", "d"], "@id": "_:x", "l": [1, {"l": []}]}`)
	f.Add(`{"@context": {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "more": "@nest", "subClassOf": {"@id": "rdfs:subClassOf", "@type": "@id", "@context": {"x": "urn:x"}}}}`,
		`{"@context": "c", "@type": "Class", "@id": "a:b", "more": {"subClassOf": {"http://www.w3.org/2002/07/owl#complementOf": {"@id": "a:c"}}}}`)
	f.Fuzz(func(t *testing.T, context, src string) {
		c, _ := jsonld.ReadContext(context)
		o := jsonld.Options{Line: 1, Context: func(string) *jsonld.Context { return c }}
		r := jsonld.Parse(src, o)
		if again := jsonld.Parse(src, o); !reflect.DeepEqual(r, again) {
			t.Fatal("two readings differ")
		}
		for _, a := range r.Axioms {
			if again := owlfs.Parse(a.Expression, owlfs.Options{}); len(again.Axioms) != 1 || again.Axioms[0].Expression != a.Expression {
				t.Errorf("axiom %s reads back as %+v", a.Expression, again)
			}
		}
	})
}
