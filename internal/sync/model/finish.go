package model

// The program counters of a look at whether a run is done.
const (
	atSnapshot = 1
	atUpdate   = 2
	atCompare  = 3
	atMark     = 4
)

// look has the worker look whether the run is done, now or, in scenarios with
// isolation, statement by statement; only then its job is complete.
func (e *explorer) look(n *State, k int, g, job, late uint8) {
	if e.isolation {
		n.slots[k] = slot{kind: finishWork, id: g, pc: atSnapshot, back: job, late: late}
		return
	}
	if late == 0 {
		n.complete(g, job)
	}
	e.finishNow(n, g)
}

// complete tells River that the attempt's job is done.
func (s *State) complete(g, job uint8) {
	switch job {
	case 0:
	case groupJob:
		s.groups[g] = noJob
	default:
		s.jobs[g][job-1] = noJob
	}
}

func (e *explorer) due(s *State, g uint8) bool {
	return (s.is(g, sealed) || e.has(noSeal) || e.has(twoStatements)) && !s.is(g, finished) && s.pending[g] == 0
}

func (e *explorer) finishNow(n *State, g uint8) {
	if !e.due(n, g) {
		return
	}
	n.run[g] |= finished
	if n.is(g, derived) && n.equalsTree(g) && e.marks(n, g) {
		n.verified, n.verifiedG = n.commit[g]+1, n.gen
	}
}

// stepFinish is the next statement of the look. The update decides by its snapshot;
// if it then has to wait for the run's row it looks at that again, not at run_files.
func (e *explorer) stepFinish(s *State, k int) {
	n := *s
	w := &n.slots[k]
	g := w.id
	violation := ""
	end := false
	switch w.pc {
	case atSnapshot:
		w.pc = atUpdate
		end = !e.due(s, g)
		if e.has(twoStatements) { // what is pending first, what is sealed when it updates
			end = s.pending[g] != 0
		}
	case atUpdate:
		if s.is(g, finished) || !s.is(g, sealed) && !e.has(noSeal) {
			end = true
			break
		}
		if s.pending[g] != 0 {
			violation = "6: a run finished while files of it are pending"
		}
		n.run[g] |= finished
		w.pc = atCompare
		end = !s.is(g, derived)
	case atCompare:
		w.pc = atMark
		end = !s.equalsTree(g)
	case atMark:
		end = true
		if e.marks(s, g) {
			n.verified, n.verifiedG = s.commit[g]+1, s.gen
			if !e.equals(s, s.commit[g], true) {
				violation = "4: a commit is verified that the tables do not equal"
			}
		}
	}
	step := w.pc
	if end {
		if w.late == 0 {
			n.complete(g, w.back)
		}
		*w = slot{}
	}
	e.violate(&n, violation, "look whether generation %d is done, statement %d", g, step-1)
}

// equalsTree compares the staged tree with the tables.
func (s *State) equalsTree(g uint8) bool {
	for p, blob := range commits[s.commit[g]].tree {
		r := &s.rows[p]
		if (r.exists == 1) != (blob != 0) || r.exists == 1 && (r.open != 0 || r.failed == 1 || r.blob != blob || r.wantedBlob != blob) {
			return false
		}
	}
	return true
}

func (s *State) allApplied() bool {
	for p := range s.rows {
		r := &s.rows[p]
		if r.exists == 1 && (r.open != 0 || r.failed == 1 || r.blob != r.wantedBlob) {
			return false
		}
	}
	return true
}

// marks reports whether the equality that was seen is one of the newest generation
// too: it has the same commit, its wanted state is written and all of it applied.
func (e *explorer) marks(s *State, g uint8) bool {
	return s.allApplied() && s.commit[s.gen] == s.commit[g] && (s.is(s.gen, planned) || e.has(verifyUnplanned))
}
