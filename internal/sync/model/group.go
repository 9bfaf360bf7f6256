package model

// The program counters of a group's attempt.
const (
	together = 1
	oneByOne = 2
	split    = 3
)

const groupJob = 9

// beginGroups starts group jobs: they read what is still theirs to apply, and settle
// the rest as superseded.
func (e *explorer) beginGroups(s *State) {
	k := s.freeSlot()
	for g := uint8(1); g <= s.gen; g++ {
		if s.groups[g] != queued {
			continue
		}
		if s.budget[discard] > 0 {
			n := *s
			n.spend(discard)
			n.groups[g] = dead
			e.out(&n, "River gives up the group of generation %d", g, 0)
		}
		if k < 0 {
			continue
		}
		n := *s
		var mine uint8
		for p := range n.rows {
			if !e.mine(&n, g, p) {
				n.supersede(g, p)
			} else if n.pending[g]>>p&1 == 1 && n.grouped[g]>>p&1 == 1 {
				mine |= 1 << p
			}
		}
		n.groups[g] = running
		n.slots[k] = slot{kind: groupWork, id: g, pc: together, value: mine}
		e.out(&n, "group of generation %d begins", g, 0)
	}
}

// stepGroup saves the group's files together, or one by one where that failed, and
// gives those that fail by themselves jobs of their own.
func (e *explorer) stepGroup(s *State, k int) {
	w := s.slots[k]
	n := *s
	switch w.pc {
	case together:
		e.saveTogether(s, k)
	case oneByOne:
		e.saveNext(s, k)
	case split:
		e.split(&n, k, w.hint)
		e.out(&n, "group of generation %d: what failed gets jobs of its own", w.id, 0)
	}
}

func (e *explorer) saveTogether(s *State, k int) {
	w := s.slots[k]
	g := w.id
	if s.budget[batch] > 0 && w.value != 0 {
		n := *s
		n.spend(batch)
		n.slots[k].pc, n.slots[k].seen = oneByOne, w.value
		if e.has(tornGroup) && w.value&1 == 1 && e.mine(s, g, 0) {
			n.rows[0].facts = n.rows[0].wantedBlob
		}
		e.out(&n, "group of generation %d cannot be saved together", g, 0)
	}
	if s.budget[failure] > 0 && w.value != 0 {
		n := *s
		n.spend(failure)
		e.split(&n, k, w.value)
		e.out(&n, "group of generation %d is given up: each file gets a job", g, 0)
	}
	n := *s
	violation := ""
	for p := range n.rows {
		if w.value>>p&1 == 1 {
			if v := e.saveOf(&n, g, p); v != "" {
				violation = v
			}
		}
	}
	e.done(&n, k, g, groupJob)
	e.violate(&n, violation, "group of generation %d is saved", g, 0)
}

// saveOf applies the wanted content of a file, which a group has at hand.
func (e *explorer) saveOf(n *State, g uint8, p int) string {
	r := &n.rows[p]
	if r.wantedBlob == r.blob && r.wantedBlob != 0 && r.failed == 0 && (r.key == r.wantedKey || e.has(keyNotApplied)) {
		return e.save(n, g, p, toKeep, 0)
	}
	return e.save(n, g, p, toSave, r.wantedBlob)
}

// saveNext saves one file; w.value are those to do, w.hint those that failed, w.seen all.
func (e *explorer) saveNext(s *State, k int) {
	w := s.slots[k]
	g := w.id
	p := 0
	if w.value&1 == 0 {
		p = 1
	}
	rest := w.value &^ (1 << p)
	next := func(n *State) {
		v := &n.slots[k]
		v.value = rest
		switch {
		case rest != 0:
		case v.hint == v.seen: // not the files' fault: another attempt
			if v.late == 0 {
				n.groups[g] = queued
			}
			n.slots[k] = slot{}
		case v.hint != 0:
			v.pc = split
		default:
			e.done(n, k, g, groupJob)
		}
	}
	if s.budget[failure] > 0 {
		n := *s
		n.spend(failure)
		n.slots[k].hint |= 1 << p
		next(&n)
		e.out(&n, "group of generation %d: %c fails by itself", g, 'A'+uint8(p))
	}
	n := *s
	violation := ""
	if e.mine(s, g, p) {
		violation = e.saveOf(&n, g, p)
	} else {
		n.supersede(g, p)
	}
	next(&n)
	e.violate(&n, violation, "group of generation %d saves %c alone", g, 'A'+uint8(p))
}

// split hands pending files over to jobs of their own, unless the run has ended.
func (e *explorer) split(n *State, k int, which uint8) {
	g := n.slots[k].id
	if !n.is(g, finished) {
		for p := range n.rows {
			if which>>p&1 == 1 && n.pending[g]>>p&1 == 1 && n.grouped[g]>>p&1 == 1 {
				n.grouped[g] &^= 1 << p
				n.jobs[g][p] = queued
			}
		}
	}
	e.done(n, k, g, groupJob)
}
