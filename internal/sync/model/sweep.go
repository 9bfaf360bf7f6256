package model

// sweep is the periodic look for what fell through.
func (e *explorer) sweep(s *State) {
	for g := uint8(1); g <= s.gen; g++ {
		for p := range s.rows {
			if s.orphan(g, p) && !e.has(noFileSweep) {
				e.settleLost(s, g, p)
			}
		}
		if e.due(s, g) && !e.has(noFinishSweep) {
			e.sweepFinish(s, g)
		}
		if !s.is(g, sealed) && !s.is(g, finished) && (s.lease == 0 || s.plans[s.lease-1].gen != g) {
			n := *s
			e.end(&n, g)
			e.out(&n, "sweeper ends the abandoned run of generation %d", g, 0)
		}
	}
	if e.needsPlan(s) {
		n := *s
		e.resync(&n)
		e.out(&n, "sweeper queues a plan", 0, 0)
	}
}

// orphan reports whether a pending file's job will never run again.
func (s *State) orphan(g uint8, p int) bool {
	if s.pending[g]>>p&1 == 0 || !s.is(g, sealed) {
		return false
	}
	job := s.jobs[g][p]
	if s.grouped[g]>>p&1 == 1 {
		job = s.groups[g]
	}
	return job == dead || job == noJob
}

// settleLost is one statement; in scenarios with isolation other transactions come
// between its snapshot and its locks, after which only the rows are looked at again.
func (e *explorer) settleLost(s *State, g uint8, p int) {
	n := *s
	if e.isolation {
		k := s.freeSlot()
		if k < 0 {
			return
		}
		for i := range s.slots {
			if s.slots[i].kind == sweepWork {
				return // one sweep at a time
			}
		}
		n.slots[k] = slot{kind: sweepWork, id: g, path: uint8(p)}
		e.out(&n, "sweeper finds that the job of generation %d %c is lost", g, 'A'+uint8(p))
		return
	}
	e.markLost(&n, g, p)
	e.finishNow(&n, g)
	e.out(&n, "sweeper settles generation %d %c, whose job is lost", g, 'A'+uint8(p))
}

func (e *explorer) markLost(n *State, g uint8, p int) {
	n.pending[g] &^= 1 << p
	if r := &n.rows[p]; r.exists == 1 && r.wantedGen == g && r.open != 0 && !e.has(noRowSweep) {
		e.failed(n, p)
	}
}

func (e *explorer) stepSweep(s *State, k int) {
	n := *s
	w := n.slots[k]
	n.slots[k] = slot{}
	e.markLost(&n, w.id, int(w.path))
	e.out(&n, "sweeper settles generation %d %c", w.id, 'A'+w.path)
}

func (e *explorer) sweepFinish(s *State, g uint8) {
	n := *s
	violation := ""
	if !s.is(g, sealed) && !e.isolation {
		violation = "6: a run finished before its list was complete"
	}
	if !e.isolation {
		e.finishNow(&n, g)
		e.violate(&n, violation, "sweeper finishes generation %d", g, 0)
		return
	}
	for i := range s.slots {
		if s.slots[i].kind == finishWork && s.slots[i].id == g && s.slots[i].pc <= atUpdate {
			return // it is being looked at; whoever dies gives way to this
		}
	}
	if k := s.freeSlot(); k >= 0 {
		n.slots[k] = slot{kind: finishWork, id: g, pc: atSnapshot}
		e.violate(&n, violation, "sweeper looks at generation %d", g, 0)
	}
}

func (e *explorer) needsPlan(s *State) bool {
	if !s.readable() || e.has(noPlanSweep) {
		return false
	}
	return s.plan == dead || s.settle == dead || s.lease != 0 && s.plans[s.lease-1].state == dead ||
		(s.hint != 0 || s.failures > 0) && s.plan == noJob && s.settle == noJob && s.lease == 0
}

// resync forgets dead jobs, ends the runs that they would have filled and queues a plan.
func (e *explorer) resync(n *State) {
	if n.plan == dead {
		n.plan, n.planFull = noJob, 0
	}
	if n.settle == dead {
		n.settle = noJob
	}
	if n.lease != 0 && n.plans[n.lease-1].state == dead {
		i := int(n.lease) - 1
		n.endUnsealed(i)
		n.donePlan(i)
	}
	e.request(n)
}

// reconcile is the periodic look at a quiet repository whose head may have moved
// unseen. By then GitHub's reads have caught up.
func (e *explorer) reconcile(s *State) {
	if s.dirty == 0 || e.has(noReconcile) || !s.readable() {
		return
	}
	n := *s
	n.dirty, n.budget[staleHead] = 0, 0
	h := e.heads[s.head]
	if s.verified == h+1 && (s.verifiedG == s.gen || e.has(verifiedAnyGeneration)) {
		e.out(&n, "reconcile: the head c%d is the verified commit", h, 0)
		return
	}
	e.resync(&n)
	e.out(&n, "reconcile queues a plan", 0, 0)
}
