package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMutantsFitTheTree: the text that a mutant replaces stands in its file once.
func TestMutantsFitTheTree(t *testing.T) {
	t.Parallel()
	broken := map[int]bool{}
	for _, m := range mutants {
		broken[m.invariant] = true
		for _, e := range m.edits {
			b, err := os.ReadFile(filepath.Join("..", "..", "..", e.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(b), e.old); n != 1 {
				t.Errorf("%s: %q stands %d times in %s", m.name, e.old, n, e.file)
			}
		}
	}
	for invariant := 1; invariant <= 12; invariant++ {
		if !broken[invariant] && invariant != 11 { // held by the linter's import rules
			t.Errorf("no mutant breaks invariant %d", invariant)
		}
	}
}
