package owlfs

import (
	"maps"
	"strings"
	"testing"
)

// FuzzParse checks what holds for any input: no panic, limits kept, findings
// inside the source, canonical text that reads back as the same axiom, and the
// same prefixes without the axioms.
func FuzzParse(f *testing.F) {
	for _, src := range fuzzSeeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		const first = 7
		result := Parse(src, Options{Line: first, MaxAxioms: 1000, MaxDepth: 20})
		last := first + strings.Count(src, "\n")
		for _, d := range result.Diagnostics {
			if d.Line < first || d.Line > last || d.Column < 0 || d.Message == "" || d.Code == "" {
				t.Fatalf("finding outside the source or without text: %+v", d)
			}
		}
		if got := DeclaredPrefixes(src); len(result.Diagnostics) == 0 && !maps.Equal(got, result.Prefixes) {
			t.Fatalf("prefixes %v, Parse says %v", got, result.Prefixes)
		}
		for _, a := range result.Axioms {
			if a.Line < first || a.Line > last {
				t.Fatalf("axiom on line %d of %d-%d", a.Line, first, last)
			}
			checkReadsBack(t, a)
		}
		if len(result.Axioms) > 0 && !LooksLikeOWL(canonical(result.Axioms)) {
			t.Fatalf("LooksLikeOWL denies %q", result.Axioms[0].Expression)
		}
	})
}

// checkReadsBack parses the canonical text of an axiom and wants it again.
func checkReadsBack(t *testing.T, a Axiom) {
	t.Helper()
	again := Parse(a.Expression, Options{})
	if len(again.Axioms) != 1 {
		t.Fatalf("canonical text %q holds %d axioms: %+v", a.Expression, len(again.Axioms), again.Diagnostics)
	}
	b := again.Axioms[0]
	if b.Expression != a.Expression || b.Type != a.Type || b.Subject != a.Subject || b.Object != a.Object {
		t.Fatalf("canonical text changes:\n%+v\n%+v", a, b)
	}
}

func canonical(axioms []Axiom) string {
	var b strings.Builder
	for _, a := range axioms {
		b.WriteString(a.Expression + "\n")
	}
	return b.String()
}

// fuzzSeeds are all inputs of the golden files.
func fuzzSeeds(tb testing.TB) []string {
	var seeds []string
	for _, c := range readCases(tb) {
		seeds = append(seeds, c.source)
	}
	return seeds
}
