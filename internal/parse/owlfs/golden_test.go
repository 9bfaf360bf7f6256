package owlfs

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files with what the parser says")

// goldenCase is a pair of sections in a golden file: name.ofn, the source, and
// name.want, what Parse says of it.
type goldenCase struct {
	file, name   string
	source, want string
}

func readCases(tb testing.TB) []goldenCase {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no golden files (%v)", err)
	}
	var cases []goldenCase
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		sections := map[string]string{}
		for _, s := range archive.Files {
			sections[s.Name] = string(s.Data)
		}
		for _, s := range archive.Files {
			if name, ok := strings.CutSuffix(s.Name, ".ofn"); ok {
				cases = append(cases, goldenCase{file, name, sections[s.Name], sections[name+".want"]})
			}
		}
	}
	return cases
}

func TestGolden(t *testing.T) {
	cases := readCases(t)
	if *update {
		writeCases(t, cases)
		return
	}
	for _, c := range cases {
		t.Run(filepath.Base(c.file)+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			result := Parse(c.source, Options{})
			if got := describe(result); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			for _, a := range result.Axioms {
				checkReadsBack(t, a)
			}
		})
	}
}

// writeCases keeps the comment of each golden file.
func writeCases(t *testing.T, cases []goldenCase) {
	t.Helper()
	archives := map[string]*txtar.Archive{}
	for _, c := range cases {
		a := archives[c.file]
		if a == nil {
			old, err := txtar.ParseFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			a = &txtar.Archive{Comment: old.Comment}
			archives[c.file] = a
		}
		a.Files = append(a.Files,
			txtar.File{Name: c.name + ".ofn", Data: []byte(c.source)},
			txtar.File{Name: c.name + ".want", Data: []byte(describe(Parse(c.source, Options{})))})
	}
	for file, a := range archives {
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// describe writes a result the way the golden files hold it.
func describe(r Result) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Prefixes)) {
		fmt.Fprintf(&b, "prefix %s: %s\n", name, r.Prefixes[name])
	}
	if r.OntologyIRI != "" {
		fmt.Fprintf(&b, "ontology %s %s\n", r.OntologyIRI, r.VersionIRI)
	}
	for _, iri := range r.Imports {
		fmt.Fprintf(&b, "import %s\n", iri)
	}
	for _, a := range r.Axioms {
		fmt.Fprintf(&b, "%d %s | %s | %s\n  %s\n", a.Line, a.Type, a.Subject, a.Object, a.Expression)
	}
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, "%d:%d %s %s %s\n", d.Line, d.Column, d.Severity, d.Code, d.Message)
	}
	return b.String()
}

// TestGoldenCoversGrammar wants every keyword of the grammar in a golden source
// and every type of axiom in a golden result.
func TestGoldenCoversGrammar(t *testing.T) {
	t.Parallel()
	seen, types := map[string]bool{}, map[string]bool{}
	var note func(Term)
	note = func(term Term) {
		if term.Kind == Call {
			seen[term.Text] = true
		}
		for _, arg := range term.Args {
			note(arg)
		}
	}
	for _, c := range readCases(t) {
		for _, a := range Parse(c.source, Options{}).Axioms {
			note(a.Term)
			types[a.Type] = true
		}
	}
	for word := range keywords {
		if !seen[word] {
			t.Errorf("no golden case reads %s", word)
		}
	}
	for entity := range entities {
		if !types["Declaration("+entity+")"] {
			t.Errorf("no golden case declares a %s", entity)
		}
	}
}
