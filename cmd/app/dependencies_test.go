package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestEveryDependencyHasItsReason compares docs/dependencies.md with the direct
// requirements of go.mod.
func TestEveryDependencyHasItsReason(t *testing.T) {
	t.Parallel()
	var documented, real []string
	for _, row := range doc(t, "dependencies.md") {
		documented = append(documented, names(row[0])[0])
		if len(row) < 2 || row[1] == "" {
			t.Errorf("%s stands there without a reason", row[0])
		}
	}
	b, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(b), -1) { // indirect ones end in a comment
		real = append(real, m[1])
	}
	same(t, "dependency", documented, real)
}
