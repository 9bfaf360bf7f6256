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
	ratio := func(n, of int) float64 {
		if of == 0 {
			return 1
		}
		return float64(n) / float64(of)
	}
	return fmt.Sprintf("precision %.4f  recall %.4f  exact files %d/%d  (%d found, %d missed, %d extra)",
		ratio(s.hits, s.hits+s.extra), ratio(s.hits, s.hits+s.missed), s.exact, s.files, s.hits, s.missed, s.extra)
}
