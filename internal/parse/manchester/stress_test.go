package manchester

import (
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
	"golang.org/x/tools/txtar"
)

// megabyte repeats s until it is a megabyte long.
func megabyte(s string) string { return strings.Repeat(s, 1<<20/len(s)) }

// pathological are inputs made to hurt a parser.
func pathological() map[string]string {
	return map[string]string{
		"open":        megabyte("("),
		"close":       megabyte(")"),
		"quotes":      megabyte(`"`),
		"less":        megabyte("<"),
		"colons":      megabyte(": "),
		"commas":      megabyte(","),
		"one name":    megabyte("a"),
		"words":       megabyte("a "),
		"lines":       megabyte("a\n"),
		"invalid":     megabyte("\xff"),
		"frames":      megabyte("Class: "),
		"sections":    "Class: A " + megabyte("SubClassOf: "),
		"strangers":   megabyte("Word: "),
		"nested":      "Class: A SubClassOf: " + megabyte("("),
		"not":         "Class: A SubClassOf: " + megabyte("not "),
		"some":        "Class: A SubClassOf: " + megabyte("p some "),
		"and":         "Class: A SubClassOf: B" + megabyte(" and B"),
		"entries":     "Class: A SubClassOf: B" + megabyte(", B"),
		"annotations": "Class: A SubClassOf: " + megabyte("Annotations: "),
		"enumeration": "Class: A SubClassOf: {a" + megabyte(",a"),
		"keys":        "Class: A HasKey: " + megabyte("p "),
		"chain":       "ObjectProperty: p SubPropertyChain: p" + megabyte(" o p"),
		"relations":   megabyte("A SubClassOf B\n"),
	}
}

// TestPathological wants the limits kept and something said of every input.
func TestPathological(t *testing.T) {
	t.Parallel()
	for name, src := range pathological() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := Parse(src, owlfs.Options{})
			if n := len(result.Diagnostics); n > owlfs.DefaultMaxDiagnostics+1 {
				t.Errorf("%d findings", n)
			}
			if n := len(result.Axioms); n > owlfs.DefaultMaxAxioms {
				t.Errorf("%d axioms", n)
			}
			if len(result.Diagnostics) == 0 && len(result.Axioms) == 0 {
				t.Error("neither an axiom nor a finding")
			}
		})
	}
}

func TestMaxDepth(t *testing.T) {
	t.Parallel()
	src := "Class: :A SubClassOf: " + strings.Repeat("not ", 9) + ":B, " + strings.Repeat("not ", 10) + ":B, :C"
	result := Parse(src, owlfs.Options{MaxDepth: 10, Prefixes: map[string]string{"": "http://zoo.example/"}})
	if len(result.Axioms) != 3 || len(result.Diagnostics) != 1 || result.Diagnostics[0].Code != diag.OWLLimit {
		t.Errorf("%d axioms, findings %+v; want the entry that is too deep left out", len(result.Axioms), result.Diagnostics)
	}
}

func BenchmarkParse(b *testing.B) {
	var golden strings.Builder
	for _, file := range goldenFiles(b) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range sources(archive) {
			golden.Write(s.Data)
		}
	}
	b.Run("golden", func(b *testing.B) { benchmark(b, golden.String()) })
	for name, src := range pathological() {
		b.Run("pathological/"+name, func(b *testing.B) { benchmark(b, src) })
	}
}

func benchmark(b *testing.B, src string) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src, owlfs.Options{})
	}
}
