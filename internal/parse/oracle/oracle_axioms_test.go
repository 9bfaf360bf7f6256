// Package oracle compares the parsers with what independent tools say of real
// repositories. It has tests only; they need KGSYNC_CORPUS, the folder that
// holds the repositories and the expectations.
package oracle

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// axiomFence is one line of an axioms expectation, made with the OWL API.
type axiomFence struct {
	Path     string         `json:"path"`
	Line     int            `json:"line"` // of the opening fence, 1-based
	Lang     string         `json:"lang"`
	OK       bool           `json:"ok"`
	Axioms   map[string]int `json:"axioms"`
	Salvaged *int           `json:"salvaged_axioms"`
}

// TestAxioms demands exact counts by type of every fence that the OWL API
// reads, and at least what it salvages of every other.
func TestAxioms(t *testing.T) {
	t.Parallel()
	root := os.Getenv("KGSYNC_CORPUS")
	if root == "" {
		t.Skip("KGSYNC_CORPUS is not set: the comparison with the OWL API needs the corpus")
	}
	expectations, err := filepath.Glob(filepath.Join(root, "expected", "*_axioms.jsonl"))
	if err != nil || len(expectations) == 0 {
		t.Fatalf("no expected/*_axioms.jsonl below %s (%v)", root, err)
	}
	for _, file := range expectations {
		corpus := strings.TrimSuffix(filepath.Base(file), "_axioms.jsonl")
		t.Run(corpus, func(t *testing.T) {
			t.Parallel()
			compareAxioms(t, filepath.Join(root, corpus), file)
		})
	}
}

// axiomScore is what TestAxioms prints.
type axiomScore struct {
	fences, exact, broken     int
	expected, matched, got    int
	salvagedTheirs, brokenOur int
	repeated                  int
}

func compareAxioms(t *testing.T, folder, expectation string) {
	t.Helper()
	var score axiomScore
	var types = map[string]int{}
	findings := map[diag.Code]int{}
	for _, want := range readAxiomFences(t, expectation) {
		src := fenceText(t, filepath.Join(folder, filepath.FromSlash(want.Path)), want.Line)
		if !owlfs.LooksLikeOWL(src) {
			t.Errorf("%s:%d: LooksLikeOWL says no", want.Path, want.Line)
		}
		result := owlfs.Parse(src, owlfs.Options{Line: want.Line + 1, Prefixes: anyPrefix(src)})
		counts, repeated := countTypes(result.Axioms)
		score.repeated += repeated
		for _, d := range result.Diagnostics {
			findings[d.Code]++
			if want.OK && d.Severity == diag.Error {
				t.Errorf("%s:%d:%d: %s in a well-formed fence: %s", want.Path, d.Line, d.Column, d.Code, d.Message)
			}
		}
		for kind, n := range counts {
			types[kind] += n
		}
		score.add(t, want, counts, len(result.Axioms))
	}
	t.Logf("well-formed fences: %d of %d exact; axioms: %d expected, %d found, %d matched: precision %.4f recall %.4f",
		score.exact, score.fences, score.expected, score.got, score.matched,
		ratio(score.matched, score.got), ratio(score.matched, score.expected))
	t.Logf("broken fences: %d; axioms: %d salvaged by the OWL API, %d read here", score.broken, score.salvagedTheirs, score.brokenOur)
	t.Logf("axioms stated twice in one fence, counted once (the OWL API keeps a set): %d", score.repeated)
	t.Logf("types: %v", types)
	t.Logf("findings: %v", findings)
}

func (s *axiomScore) add(t *testing.T, want axiomFence, counts map[string]int, found int) {
	t.Helper()
	if !want.OK {
		s.broken++
		s.brokenOur += found
		if want.Salvaged != nil {
			s.salvagedTheirs += *want.Salvaged
		}
		for kind, n := range want.Axioms {
			if counts[w3cName(kind)] < n {
				t.Errorf("%s:%d: %d %s salvaged by the OWL API, %d here", want.Path, want.Line, n, kind, counts[w3cName(kind)])
			}
		}
		return
	}
	expected := map[string]int{}
	for kind, n := range want.Axioms {
		expected[w3cName(kind)] += n
	}
	s.fences++
	if maps.Equal(expected, counts) {
		s.exact++
	} else {
		t.Errorf("%s:%d: counts by type %v, the OWL API has %v", want.Path, want.Line, counts, expected)
	}
	for kind, n := range expected {
		s.expected += n
		s.matched += min(n, counts[kind])
	}
	for _, n := range counts {
		s.got += n
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// w3cName is the name in the Structural Specification of an axiom type that the
// OWL API calls otherwise.
func w3cName(kind string) string {
	switch kind {
	case "SubPropertyChainOf":
		return "SubObjectPropertyOf"
	case "IrrefexiveObjectProperty":
		return "IrreflexiveObjectProperty"
	case "AnnotationPropertyRangeOf":
		return "AnnotationPropertyRange"
	case "Rule":
		return "DLSafeRule"
	}
	return kind
}

// countTypes counts distinct axioms by type, and how many were repetitions.
func countTypes(axioms []owlfs.Axiom) (counts map[string]int, repeated int) {
	counts = map[string]int{}
	seen := map[string]bool{}
	for _, a := range axioms {
		if seen[a.Expression] {
			repeated++
			continue
		}
		seen[a.Expression] = true
		counts[a.Type]++
	}
	return counts, repeated
}

func readAxiomFences(t *testing.T, path string) []axiomFence {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var fences []axiomFence
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var fence axiomFence
		if err := json.Unmarshal(lines.Bytes(), &fence); err != nil {
			t.Fatal(err)
		}
		fences = append(fences, fence)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return fences
}

// fenceText is the text between the fence that opens at line and its end.
func fenceText(t *testing.T, path string, line int) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(content), "\n")
	lines = lines[line:]
	end := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "```") })
	if end < 0 {
		end = len(lines)
	}
	return strings.Join(lines[:end], "")
}

// anyPrefix declares every prefix of a fence: the expectation was made so, and
// which prefixes a repository declares is not the question here.
func anyPrefix(src string) map[string]string {
	known := map[string]string{}
	for _, d := range owlfs.Parse(src, owlfs.Options{}).Diagnostics {
		if d.Code == diag.OWLUnknownPrefix {
			name, _, _ := strings.Cut(strings.TrimPrefix(d.Message, "The prefix "), ":")
			known[name] = "http://example.org/" + name + "#"
		}
	}
	return known
}
