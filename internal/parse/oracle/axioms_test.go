package oracle

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// axiomFence is one line of an axioms expectation, made with the OWL API.
type axiomFence struct {
	Path          string         `json:"path"`
	Line          int            `json:"line"` // of the opening fence, 1-based
	OntologyBlock bool           `json:"ontologyblock"`
	OK            bool           `json:"ok"`
	Axioms        map[string]int `json:"axioms"`
	Salvaged      *int           `json:"salvaged_axioms"`
}

// TestAxioms demands exact counts by type of every fence that the OWL API
// reads, and at least what it salvages of every other: of the page as a whole
// where the page has an OntologyBlock, and of the fence's text in any case.
func TestAxioms(t *testing.T) {
	t.Parallel()
	eachCorpus(t, "axioms", func(t *testing.T, corpus, dir, expectation string) {
		score := axiomScore{board: newScoreboard(corpus), types: map[string]int{}}
		pages := map[string][]axiomFence{}
		for _, fence := range readExpectations[axiomFence](t, expectation) {
			pages[fence.Path] = append(pages[fence.Path], fence)
		}
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			score.page(t, path, readPage(t, dir, path), pages[path])
		}
		score.print(t)
	})
}

// axiomScore is what TestAxioms prints.
type axiomScore struct {
	board                             *scoreboard
	types                             map[string]int
	fences, exact                     int
	expected, matched, found          int
	broken, salvagedTheirs, brokenOur int
}

func (s *axiomScore) page(t *testing.T, path string, content []byte, fences []axiomFence) {
	t.Helper()
	doc := parse.Parse(path, content, nil)
	lines := strings.SplitAfter(string(content), "\n")
	for _, fence := range fences {
		end := fenceEnd(lines, fence.Line)
		text := strings.Join(lines[fence.Line:end], "")
		distinct := s.text(t, fence, text)
		got := axiomsBetween(doc, fence.Line+1, end)
		if !fence.OntologyBlock {
			if len(got) == 0 {
				s.board.explained(ruleLoneFence, 1)
			} else {
				t.Errorf("%s:%d: a fence outside of any ontology counts", path, fence.Line)
			}
			continue
		}
		if len(got) != distinct {
			t.Errorf("%s:%d: the page states %d of the fence's %d axioms", path, fence.Line, len(got), distinct)
		}
		s.fence(t, fence, countTypes(got))
	}
}

// text checks the functional-style parser by itself and returns the number of
// distinct axioms.
func (s *axiomScore) text(t *testing.T, fence axiomFence, text string) int {
	t.Helper()
	if !owlfs.LooksLikeOWL(text) {
		t.Errorf("%s:%d: LooksLikeOWL says no", fence.Path, fence.Line)
	}
	result := owlfs.Parse(text, owlfs.Options{Line: fence.Line + 1})
	distinct := map[string]bool{}
	for _, a := range result.Axioms {
		distinct[a.Expression] = true
	}
	s.board.explained(ruleTwice, len(result.Axioms)-len(distinct))
	for _, d := range result.Diagnostics {
		if fence.OK && d.Severity == diag.Error {
			t.Errorf("%s:%d:%d: %s in a well-formed fence: %s", fence.Path, d.Line, d.Column, d.Code, d.Message)
		}
	}
	return len(distinct)
}

func (s *axiomScore) fence(t *testing.T, want axiomFence, counts map[string]int) {
	t.Helper()
	expected := map[string]int{}
	for kind, n := range want.Axioms {
		expected[w3cName(kind)] += n
		if w3cName(kind) != kind {
			s.board.explained(ruleW3CNames, n)
		}
	}
	found := 0
	for kind, n := range counts {
		found += n
		s.types[kind] += n
	}
	if !want.OK {
		s.brokenFence(t, want, expected, counts, found)
		return
	}
	s.fences++
	s.found += found
	for kind, n := range expected {
		s.expected += n
		s.matched += min(n, counts[kind])
	}
	if !maps.Equal(expected, counts) {
		t.Errorf("%s:%d: counts by type %v, the OWL API has %v", want.Path, want.Line, counts, expected)
		return
	}
	s.exact++
}

func (s *axiomScore) brokenFence(t *testing.T, want axiomFence, expected, counts map[string]int, found int) {
	t.Helper()
	s.broken++
	s.brokenOur += found
	if want.Salvaged != nil {
		s.salvagedTheirs += *want.Salvaged
		if found < *want.Salvaged {
			t.Errorf("%s:%d: %d axioms, the OWL API salvages %d", want.Path, want.Line, found, *want.Salvaged)
		}
	}
	for kind, n := range expected {
		if counts[kind] < n {
			t.Errorf("%s:%d: %d %s salvaged by the OWL API, %d here", want.Path, want.Line, n, kind, counts[kind])
		}
	}
}

func (s *axiomScore) print(t *testing.T) {
	t.Helper()
	t.Logf("%-10s %-17s precision %.4f  recall %.4f  exact fences %d/%d  (%d expected, %d found)", s.board.corpus, "axioms",
		ratio(s.matched, s.found), ratio(s.matched, s.expected), s.exact, s.fences, s.expected, s.found)
	t.Logf("%-10s %-17s %d fences: %d axioms salvaged by the OWL API, %d read here", s.board.corpus, "broken axioms", s.broken, s.salvagedTheirs, s.brokenOur)
	for _, kind := range slices.Sorted(maps.Keys(s.types)) {
		t.Logf("%-10s %-17s %6d %s", s.board.corpus, "axioms by type", s.types[kind], kind)
	}
	s.board.print(t)
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

// axiomsBetween are the axioms that a document states from line first to last.
func axiomsBetween(doc *parse.Document, first, last int) []parse.Axiom {
	var list []parse.Axiom
	for _, a := range doc.Axioms {
		if first <= a.Line && a.Line <= last {
			list = append(list, a)
		}
	}
	return list
}

func countTypes(axioms []parse.Axiom) map[string]int {
	counts := map[string]int{}
	for _, a := range axioms {
		counts[a.Type]++
	}
	return counts
}

// fenceEnd is the index of the line that closes the fence whose text starts at
// lines[from].
func fenceEnd(lines []string, from int) int {
	for i := from; i < len(lines); i++ {
		if strings.HasPrefix(strings.TrimSpace(lines[i]), "```") {
			return i
		}
	}
	return len(lines)
}
