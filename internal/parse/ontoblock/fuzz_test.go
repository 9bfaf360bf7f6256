package ontoblock_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/ontoblock"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// FuzzParse: any outline gives a result whose lines lie in the file, the same
// one each time.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"- ### OntologyBlock\n\t- owl:class:: a:B\n\t- is-subclass-of:: [[C]], a:D, <urn:x:y>\n\t- bridges-to:: [[E]] via [[p]]\n\t- owl_class:: a:F\n",
		"## Ontology Block: x\nobjectProperty:: a:p, a:q\ndomain:: [[C]]\n- range:: xsd:string\n",
		"owl:iri:: a:p\nowl:type:: ObjectProperty\nowl:characteristics:: Transitive\nowl:inverse-of:: a:q\nowl:functional-syntax:: |\n  SubClassOf(a:B a:C)\n",
		"<details><summary>OntologyBlock</summary>\n\n- owl:class:: a:B\n<details><summary>ontology-block</summary>x</details></details>\n",
		"<summary>OntologyBlock</summary>\n- has-part:: [[x [[y]] z]], [[\n",
		"- ### OntologyBlock\n\t- owl:class:: `b:C`\n\t- is-subclass-of:: #, \"\", P (q, r)\n\t- uses:: [[A]] (b, c), d, b:e (f), (g\n\t- ```clojure\n\t  Prefix(b:=<urn:b#>)\n\t  ```\n",
	} {
		f.Add([]byte(seed))
	}
	opts := ontoblock.Options{Page: strings.ToLower, Prefixes: map[string]string{"a": "https://a.example/"},
		Declared: func(f *logseq.Fence, _ bool) map[string]string { return owlfs.DeclaredPrefixes(f.Content) }}
	f.Fuzz(func(t *testing.T, content []byte) {
		o := logseq.Scan(content, logseq.Options{})
		r := ontoblock.Parse(o, opts)
		last := strings.Count(o.Source, "\n") + 1
		check := func(what string, line int) {
			if line < 1 || line > last {
				t.Fatalf("%s on line %d of %d", what, line, last)
			}
		}
		for _, c := range r.Classes {
			check("class", c.Line)
		}
		for _, s := range append(r.SubClassOf, r.Relations...) {
			check("statement", s.Line)
			if s.Object.Name == "" || s.Predicate == "" {
				t.Fatalf("empty statement %+v", s)
			}
		}
		for _, p := range r.Properties {
			check("property", p.Line)
		}
		for _, s := range r.Sources {
			check("source", s.Line)
		}
		for _, d := range r.Diagnostics {
			check("finding", d.Line)
		}
		for i := range o.Fences {
			r.InBlock(&o.Fences[i])
		}
		if again := ontoblock.Parse(o, opts); !reflect.DeepEqual(r, again) {
			t.Fatal("two readings of the same outline differ")
		}
	})
}
