package oracle

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// score sums what an independent tool saw and what we saw.
type score struct {
	files, exact        int
	hits, missed, extra int
}

// add compares one file's sets and logs the differences.
func (s *score) add(t *testing.T, path, what string, want, got map[string]bool) {
	t.Helper()
	s.files++
	before := s.missed + s.extra
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] {
			s.hits++
			continue
		}
		s.missed++
		t.Logf("%s: missed %s %q", path, what, k)
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if !want[k] {
			s.extra++
			t.Logf("%s: extra %s %q", path, what, k)
		}
	}
	if s.missed+s.extra == before {
		s.exact++
	}
}

func (s *score) String() string {
	return fmt.Sprintf("precision %.4f  recall %.4f  exact files %d/%d  (%d found, %d missed, %d extra)",
		ratio(s.hits, s.hits+s.extra), ratio(s.hits, s.hits+s.missed), s.exact, s.files, s.hits, s.missed, s.extra)
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// scoreboard is the scores of one corpus in the order in which they print, and
// how often each rule explained a difference.
type scoreboard struct {
	corpus string
	names  []string
	scores map[string]*score
	rules  map[rule]int
}

func newScoreboard(corpus string) *scoreboard {
	return &scoreboard{corpus: corpus, scores: map[string]*score{}, rules: map[rule]int{}}
}

func (b *scoreboard) add(t *testing.T, path, what string, want, got map[string]bool) {
	t.Helper()
	s := b.scores[what]
	if s == nil {
		s = &score{}
		b.scores[what] = s
		b.names = append(b.names, what)
	}
	s.add(t, path, what, want, got)
}

// explained counts differences that a rule leaves out.
func (b *scoreboard) explained(r rule, n int) {
	if n > 0 {
		b.rules[r] += n
	}
}

// print writes the scores and fails unless every file is exact.
func (b *scoreboard) print(t *testing.T) {
	t.Helper()
	for _, what := range b.names {
		s := b.scores[what]
		t.Logf("%-10s %-17s %s", b.corpus, what, s)
		if s.exact != s.files {
			t.Errorf("%s: %s are exact on %d of %d files only", b.corpus, what, s.exact, s.files)
		}
	}
	for _, r := range slices.Sorted(maps.Keys(b.rules)) {
		t.Logf("%-10s left out by rule  %6d  %s", b.corpus, b.rules[r], r)
	}
}
