package manchester

import (
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
	"golang.org/x/tools/txtar"
)

// FuzzParse checks what holds for any input: no panic, findings and axioms
// inside the source, and text that the functional-style parser reads back.
func FuzzParse(f *testing.F) {
	for _, file := range goldenFiles(f) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, s := range sources(archive) {
			f.Add(string(s.Data))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		const first = 7
		result := Parse(src, owlfs.Options{Line: first, MaxAxioms: 1000, MaxDepth: 20})
		last := first + strings.Count(src, "\n")
		for _, d := range result.Diagnostics {
			if d.Line < first || d.Line > last || d.Column < 0 || d.Message == "" || d.Code == "" {
				t.Fatalf("finding outside the source or without text: %+v", d)
			}
		}
		for _, a := range result.Axioms {
			if a.Line < first || a.Line > last {
				t.Fatalf("axiom on line %d of %d-%d", a.Line, first, last)
			}
			checkReadsBack(t, a)
		}
	})
}
