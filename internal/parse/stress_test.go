package parse_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// megabyte repeats s until it is a megabyte long.
func megabyte(s string) string { return strings.Repeat(s, 1<<20/len(s)) }

// pathological are pages of a megabyte made to hurt: what is quadratic in them
// does not come back before the tests' time is up.
func pathological() map[string]string {
	return map[string]string{
		"brackets":            megabyte("["),
		"parentheses":         megabyte("("),
		"hashes":              megabyte("#"),
		"dollars":             megabyte("$"),
		"quote marks":         megabyte("> "),
		"images":              megabyte("!["),
		"backquotes":          megabyte("`"),
		"stars":               megabyte("*"),
		"references":          megabyte("[[a]] "),
		"nested references":   megabyte("[[a [[b]] c]] "),
		"tags":                megabyte("#a "),
		"nested lists":        megabyte("\t- a\n\t\t- b\n"),
		"deep list":           deepList(),
		"properties":          megabyte("a:: [[b]], c\n"),
		"tags property":       "tags:: " + megabyte("a, "),
		"aliases":             "alias:: " + megabyte("a, "),
		"fences":              megabyte("```clojure\nSubClassOf(:A :B)\n```\n"),
		"ontology blocks":     megabyte("- ### OntologyBlock\n\t- owl:class:: a:B\n"),
		"titled blocks":       megabyte("- # OntologyBlock: x\n"),
		"classes":             "- ### OntologyBlock\n" + megabyte("\t- owl:class:: a:B\n\t- is-subclass-of:: [[C]]\n"),
		"superclasses":        "- ### OntologyBlock\n\t- owl:class:: a:B\n\t- is-subclass-of:: " + megabyte("[[C]] via d, "),
		"declared properties": "objectProperty:: " + strings.Repeat("a:b,", 1<<17) + "\n" + strings.Repeat("domain:: a:C\n", 1<<15),
		"syntax properties":   strings.Repeat("owl:functional-syntax:: true\n", 1<<14) + strings.Repeat("```\n```\n", 1<<16),
		"summaries":           megabyte("<details><summary>OntologyBlock: x</summary>\n```\na\n```\n</details>\n"),
		"nested details":      strings.Repeat("<details><summary>OntologyBlock</summary>\n", 1<<14) + strings.Repeat("</details>\n", 1<<14),
		"reopened fences":     strings.Repeat("```json-ld\n{}\n", 900),
		"json":                "```json-ld\n" + megabyte(`{"@type":"Class","a":[`) + "\n```\n",
		"json-ld values":      inline(megabyte(`"http://a/b",`)),
		"json-ld nodes":       inline(megabyte(`{"@id":"x:a","x:p":1},`)),
		"json-ld fences":      megabyte("```json-ld\n{\"@context\": {}, \"@id\": \"x:a\"}\n```\n"),
		"json-ld at limit":    inline(strings.Repeat(`{"@id":"x:a","x:p":1},`, 16_000)),
		"json-ld list":        inline(strings.Repeat(`"a",`, 49_000)),
		"json-ld scopes":      "```json-ld\n" + `{"@context": {"x": {"@id": "urn:x", "@context": {"y": "urn:y"}}}, "@id": "urn:s", "x": [` + strings.Repeat(`{"x":{"y":1}},`, 16_000) + "1]}\n```\n",
		"json-ld contexts":    inline(megabyte(`{"@context":{"a":"x:a"}},`)),
		"json-ld classes":     "```json-ld\n[" + megabyte(`{"@type":"Class","@id":"a:b","relations":{"uses":"x"}},`) + "{}]\n```\n",
		"manchester":          "- ### OntologyBlock\n\t- ```manchester\n" + megabyte("\t  Class: A SubClassOf: B\n") + "\t  ```\n",
		"prefixes":            numbered("```\nPrefix(a%d:=<u>)\n```\n"),
		"prefixes in values":  numbered("owl:functional-syntax:: Prefix(a%d:=<u>)\n"),
		"plain items":         "- ### OntologyBlock\n\t- has-part:: [[a]]" + megabyte(",(b") + "\n",
		"percent":             megabyte("[a](%41%"),
	}
}

// inline is a block with an inline context and a property of those values.
func inline(values string) string {
	return "```json-ld\n{\"@context\": {\"x\": \"http://x/\"}, \"@id\": \"x:s\", \"x:p\": [" + values + "1]}\n```\n"
}

// BenchmarkPathological: what each megabyte made to hurt costs, beside one of
// ordinary text.
func BenchmarkPathological(b *testing.B) {
	inputs := pathological()
	inputs["ordinary text"] = megabyte("- A [[page]] of *text* with a #tag and more words, as people write them.\n\t- below:: it\n")
	cfg := repoconfig.Default()
	cfg.AllPublic, cfg.LooseFences = true, true
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		b.Run(name, func(b *testing.B) {
			content := []byte(inputs[name])
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				parse.Parse("a.md", content, cfg)
			}
		})
	}
}

// numbered repeats a format with a number until it is a megabyte long.
func numbered(format string) string {
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func deepList() string {
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		b.WriteString(strings.Repeat("\t", i) + "- a\n")
	}
	return b.String()
}

func TestPathological(t *testing.T) {
	t.Parallel()
	cfg := repoconfig.Default()
	cfg.AllPublic, cfg.LooseFences = true, true
	for name, content := range pathological() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := parse.Parse(megabyte("a%41___"), []byte(content), cfg)
			checkDocument(t, doc, len(content))
			if len(doc.Diagnostics) > 1000 {
				t.Errorf("%d findings", len(doc.Diagnostics))
			}
		})
	}
}
