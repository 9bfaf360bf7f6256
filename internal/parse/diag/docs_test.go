package diag_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// TestEveryCodeIsDocumented compares the Code constants of this package with
// the tables of docs/diagnostics.md, both ways.
func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	declared := declaredCodes(t)
	documented := documentedCodes(t, filepath.Join("..", "..", "..", "docs", "diagnostics.md"))
	for code, name := range declared {
		if !documented[code] {
			t.Errorf("%s (%q) is not in docs/diagnostics.md", name, code)
		}
	}
	for code := range documented {
		if _, ok := declared[code]; !ok {
			t.Errorf("docs/diagnostics.md documents %q, which no constant has", code)
		}
	}
	if len(declared) == 0 {
		t.Error("no Code constants found")
	}
}

// declaredCodes gives code -> constant name.
func declaredCodes(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
				return true
			}
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if other, dup := codes[code]; dup {
				t.Errorf("%s and %s are both %q", other, spec.Names[0].Name, code)
			}
			codes[code] = spec.Names[0].Name
			return true
		})
	}
	return codes
}

func documentedCodes(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|.*\\|.*\\|.*\\|$").FindAllStringSubmatch(string(text), -1) {
		if codes[m[1]] {
			t.Errorf("%q is documented twice", m[1])
		}
		codes[m[1]] = true
	}
	if len(codes) == 0 {
		t.Errorf("no codes found in %s; known: %v", path, slices.Sorted(maps.Keys(codes)))
	}
	return codes
}
