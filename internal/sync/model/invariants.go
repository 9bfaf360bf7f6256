package model

import "fmt"

// check gives the invariant that a state breaks, "" if none.
func (e *explorer) check(s *State) string {
	for p := range s.rows {
		if r := &s.rows[p]; r.facts != r.blob {
			if r.failed == 1 {
				return "8: a failed file lost its last good facts"
			}
			return "5: a file's facts are not those of its applied state"
		}
	}
	if !s.readable() {
		return ""
	}
	return e.checkSynced(s)
}

// checkSynced takes synced_sha at its word.
func (e *explorer) checkSynced(s *State) string {
	for g := s.gen; g >= 1; g-- {
		if !s.is(g, planned) && !(e.has(fastIsSynced) && s.is(g, sealed)) {
			continue
		}
		if s.openSince(g) {
			continue
		}
		for p, blob := range commits[s.commit[g]].tree {
			if r := &s.rows[p]; r.blob != blob && r.newest <= g && r.failed == 0 {
				return fmt.Sprintf("4: synced_sha is c%d, but %c shows something older", s.commit[g], 'A'+p)
			}
		}
		return ""
	}
	return ""
}

func (s *State) openSince(g uint8) bool {
	for p := range s.rows {
		if o := s.rows[p].open; o != 0 && o <= g {
			return true
		}
	}
	return false
}

// equals compares what the tables show with f(commit, configuration); failed files
// count as fulfilled unless strict.
func (e *explorer) equals(s *State, c uint8, strict bool) bool {
	for p, blob := range commits[c].tree {
		r := &s.rows[p]
		if r.failed == 1 && !strict {
			continue
		}
		if r.blob != blob || r.facts != blob || blob != 0 && r.key != commits[c].key {
			return false
		}
	}
	return true
}

// checkQuiet is what must hold when nothing is left to do.
func (e *explorer) checkQuiet(s *State) string {
	if s.dirty == 1 && !e.has(noReconcile) {
		return ""
	}
	if s.installed == 0 {
		return "" // its data is on its way out
	}
	if !s.readable() || s.holder != s.installed {
		return "1: GitHub shows us the repository and nobody looks"
	}
	if !e.equals(s, e.heads[s.head], false) {
		return fmt.Sprintf("1: nothing is left to do, and the tables are not those of the head c%d", e.heads[s.head])
	}
	for p := range s.rows {
		switch r := &s.rows[p]; {
		case r.open != 0:
			return fmt.Sprintf("4: %c stays open for ever", 'A'+p)
		case r.retry == 1:
			return fmt.Sprintf("8: an operator's retry of %c is never done", 'A'+p)
		}
	}
	if s.hint != 0 {
		return "1: a hint that nobody looks at"
	}
	for g := uint8(1); g <= s.gen; g++ {
		if !s.is(g, finished) {
			return fmt.Sprintf("6: the run of generation %d never ends", g)
		}
	}
	if !s.is(s.gen, planned) {
		return "4: the repository counts as syncing for ever"
	}
	return ""
}
