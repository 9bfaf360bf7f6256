package manchester

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files with what the parser says")

// TestGolden reads the sections name.omn of the golden files and compares with
// name.want.
func TestGolden(t *testing.T) {
	for _, file := range goldenFiles(t) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			rewrite(t, file, archive)
			continue
		}
		want := map[string]string{}
		for _, s := range archive.Files {
			want[s.Name] = string(s.Data)
		}
		for _, s := range sources(archive) {
			name := strings.TrimSuffix(s.Name, ".omn")
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				t.Parallel()
				result := Parse(string(s.Data), owlfs.Options{})
				if got := describe(result); got != want[name+".want"] {
					t.Errorf("got:\n%s\nwant:\n%s", got, want[name+".want"])
				}
				for _, a := range result.Axioms {
					checkReadsBack(t, a)
				}
			})
		}
	}
}

func goldenFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no golden files (%v)", err)
	}
	return files
}

func sources(a *txtar.Archive) []txtar.File {
	return slices.DeleteFunc(slices.Clone(a.Files), func(s txtar.File) bool { return !strings.HasSuffix(s.Name, ".omn") })
}

func rewrite(t *testing.T, file string, old *txtar.Archive) {
	t.Helper()
	a := &txtar.Archive{Comment: old.Comment}
	for _, s := range sources(old) {
		want := txtar.File{Name: strings.TrimSuffix(s.Name, ".omn") + ".want", Data: []byte(describe(Parse(string(s.Data), owlfs.Options{})))}
		a.Files = append(a.Files, s, want)
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// describe writes a result the way the golden files hold it.
func describe(r owlfs.Result) string {
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
		fmt.Fprintf(&b, "%d %s\n", a.Line, a.Expression)
	}
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, "%d:%d %s %s %s\n", d.Line, d.Column, d.Severity, d.Code, d.Message)
	}
	return b.String()
}

// checkReadsBack wants the functional-style parser to read the axiom's text as
// that axiom.
func checkReadsBack(t *testing.T, a owlfs.Axiom) {
	t.Helper()
	again := owlfs.Parse(a.Expression, owlfs.Options{})
	if len(again.Axioms) != 1 {
		t.Fatalf("canonical text %q holds %d axioms: %+v", a.Expression, len(again.Axioms), again.Diagnostics)
	}
	b := again.Axioms[0]
	if b.Expression != a.Expression || b.Type != a.Type || b.Subject != a.Subject || b.Object != a.Object {
		t.Fatalf("canonical text changes:\n%+v\n%+v", a, b)
	}
}

// TestGoldenCoversGrammar wants an axiom of every section and every list.
func TestGoldenCoversGrammar(t *testing.T) {
	t.Parallel()
	heads := map[string]bool{}
	for _, file := range goldenFiles(t) {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources(archive) {
			for _, a := range Parse(string(s.Data), owlfs.Options{}).Axioms {
				heads[a.Term.Text] = true
			}
		}
	}
	want := []string{"HasKey", "ObjectPropertyAssertion", "DataPropertyAssertion", "NegativeObjectPropertyAssertion",
		"NegativeDataPropertyAssertion", "AnnotationAssertion", "Declaration"}
	for _, s := range sections {
		if s.head != "" {
			want = append(want, s.head)
		}
	}
	for _, l := range lists {
		want = append(want, l.head)
	}
	for _, words := range characteristics {
		want = slices.AppendSeq(want, maps.Values(words))
	}
	for _, head := range want {
		if !heads[head] {
			t.Errorf("no golden case gives %s", head)
		}
	}
}
