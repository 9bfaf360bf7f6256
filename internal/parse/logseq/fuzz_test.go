package logseq_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/logseq"
)

var seeds = []string{
	"", "a", "- a\n\t- b\n  c\n# d\n## e\n- f",
	"public:: true\nalias:: a, [[b]], \"c\"\n\n- k:: [[v]] #t\n  owl:class:: x:Y\n  z:: |\n    one\n    two\n",
	"[[a|b]] [[a [[b]] c]] #[[d e]] #f, ((12345678-1234-1234-1234-123456789abc)) {{embed [[g]]}} ![[h.png]] [i](../j%20k.md#l)",
	"```go\n[[a]]\n```\n~~~\nb\n~~~\n`[[c]]` ``[[d]]`` $[[e]]$ $$\n[[f]]\n$$ \\([[g]]\\)",
	"<details><summary>S</summary>\n\n```clojure\n(a)\n```\n</details>\n<!-- [[a]] --> <b>[[c]]</b> <br/>",
	"---\ntitle: T\ntags:\n  - a\n  - b\n---\n> quote [[a]]\n> > more\n\n1. x\n   y [[z]]\n* w\n\n| a | [[b]] |\n|---|---|\n",
	"---\nalias: [\"a \\\" \\u00e9\", 'b''s',\n  ~]\ntags: a b\nk: \"[[c]]\n\n  [[d]]\" # e\nl:\n- >-\n  f\n  g\n- h\n  i: j\n---\n",
	"````md\n```json-ld\n[[a]]\n```\n````\n```json-ld\n{}\n```json-ld\n{}\n```\n~~~~\n~~~\n",
	"**a *b _c [[d]] c_ b* a** ~~x~~ ==y== ^^z^^ a_{b} @@html: x@@ <http://a#b> http://c/d#e [:div [[f]]]",
	":LOGBOOK:\nx\n:END:\n#+BEGIN_QUOTE\n[[a]]\n#+END_QUOTE\n#+title: x\n\\begin{a}\nb\n\\end{a}\n[^1]: [[note]]\n",
}

// FuzzScan checks what every outline promises, for any bytes.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), false)
		f.Add([]byte(strings.ReplaceAll(s, "\n", "\r\n")), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, pipe bool) {
		opts := logseq.Options{PipeIsPage: pipe, CommaKeys: []string{"topics"}, NoGraph: !pipe,
			Begins: func(language string) bool { return language == "json-ld" }}
		o := logseq.Scan(content, opts)
		checkOutline(t, o)
		if again := logseq.Scan(content, opts); !reflect.DeepEqual(o, again) {
			t.Fatal("two scans of the same bytes differ")
		}
	})
}

// checkOutline fails if o breaks a promise of its documentation.
func checkOutline(t *testing.T, o *logseq.Outline) {
	t.Helper()
	lines := strings.Count(o.Source, "\n") + 1
	inside := func(what string, line, block int) {
		t.Helper()
		if line < 1 || line > lines {
			t.Fatalf("%s on line %d of %d", what, line, lines)
		}
		if block < 0 || block >= len(o.Blocks) {
			t.Fatalf("%s in block %d of %d", what, block, len(o.Blocks))
		}
	}
	for i, b := range o.Blocks {
		inside("block", b.Line, max(b.Parent, 0))
		if b.Start > b.End || b.End > len(o.Source) || b.Last < i || b.Last >= len(o.Blocks) {
			t.Fatalf("block %d spans %d to %d with descendants up to %d", i, b.Start, b.End, b.Last)
		}
		if i > 0 && (b.Parent >= i || !o.Within(i, b.Parent) || b.Depth != o.Blocks[b.Parent].Depth+1) {
			t.Fatalf("block %d does not fit below its parent %d", i, b.Parent)
		}
		for _, p := range o.BlockProperties(i) {
			if p.Block != i {
				t.Fatalf("block %d has a property of block %d", i, p.Block)
			}
		}
	}
	for _, p := range o.Properties {
		inside("property", p.Line, p.Block)
		if p.Key == "" && p.RawKey == "" {
			t.Fatal("a property without a key")
		}
	}
	for _, r := range o.References {
		inside("reference", r.Line, r.Block)
		if r.Target == "" || r.Property >= len(o.Properties) {
			t.Fatalf("reference %+v", r)
		}
	}
	for _, f := range o.Fences {
		inside("fence", f.Line, f.Block)
		if f.Summary >= len(o.Summaries) {
			t.Fatalf("fence %+v", f)
		}
	}
	for _, m := range o.Macros {
		inside("macro", m.Line, m.Block)
	}
}
