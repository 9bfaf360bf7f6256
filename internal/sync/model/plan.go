package model

// The program counters of a plan's attempt.
const (
	atPin   = 2
	atWrite = 3
)

// beginPlans starts plan and settle jobs, and further attempts of them.
func (e *explorer) beginPlans(s *State) {
	k := s.freeSlot()
	if k < 0 {
		return
	}
	if i := s.freePlan(); i >= 0 && !s.leased() {
		if s.plan == queued {
			n := *s
			n.claim(i, false)
			e.attempt(&n, i, k)
		}
		if s.settle == queued {
			n := *s
			n.claim(i, true)
			e.attempt(&n, i, k)
		}
	}
	for i := range s.plans {
		if s.plans[i].state == queued {
			n := *s
			e.attempt(&n, i, k)
		}
	}
}

func (s *State) freePlan() int {
	for i := range s.plans {
		if s.plans[i].state == noJob {
			return i
		}
	}
	return -1
}

// claim gives the job the queued plan's run; a settle takes that over too. It takes
// the lease, which ends the run of a plan that lost it.
func (s *State) claim(i int, settle bool) {
	s.plans[i] = planJob{state: queued, full: s.planFull}
	if settle {
		s.settle, s.plans[i].settle = noJob, 1
	}
	s.plan, s.planFull = noJob, 0
	if s.lease != 0 {
		s.endUnsealed(int(s.lease) - 1)
		if before := &s.plans[s.lease-1]; before.state == dead {
			before.state = over
		}
	}
	s.lease, s.expired = uint8(i)+1, 0
}

func (s *State) endUnsealed(i int) {
	p := &s.plans[i]
	if p.gen == 0 {
		p.ended = 1
	} else if !s.is(p.gen, sealed) {
		s.run[p.gen] |= finished
	}
}

func (s *State) planEnded(i int) bool {
	p := &s.plans[i]
	return p.ended == 1 || p.gen != 0 && s.is(p.gen, finished)
}

// attempt begins one: under the lock it finds its lease and notes the generation and
// the hint's number; then, if it has no pin, it reads the head.
func (e *explorer) attempt(n *State, i, k int) {
	if n.lease != uint8(i)+1 {
		n.donePlan(i)
		e.out(n, "plan %d has nothing to do: another has its lease", uint8(i), 0)
		return
	}
	if n.planEnded(i) || !n.readable() {
		e.endPlan(n, i, false)
		e.out(n, "plan %d ends: its run is over or the repository cannot be read", uint8(i), 0)
		return
	}
	n.expired = 0
	n.plans[i].state = running
	w := slot{kind: planWork, id: uint8(i), pc: atPin, hint: n.hint, seen: n.gen, num: n.number}
	if n.plans[i].gen != 0 && !e.has(pinAgain) {
		n.slots[k] = slot{kind: planWork, id: uint8(i), pc: atWrite, value: n.commit[n.plans[i].gen]}
		e.out(n, "plan %d goes on with its pin, generation %d", uint8(i), n.plans[i].gen)
		return
	}
	e.readHead(n, w, k)
}

// readHead gives the branch's head, or one that it was before.
func (e *explorer) readHead(n *State, w slot, k int) {
	i := w.id
	for h := int(n.head); h >= 0; h-- {
		m := *n
		if h != int(n.head) {
			// A settle waits until GitHub's reads have caught up.
			if e.heads[h] == e.heads[n.head] || n.budget[staleHead] == 0 || n.plans[i].settle == 1 {
				continue
			}
			m.spend(staleHead)
		}
		w.value = e.heads[h]
		m.slots[k] = w
		e.out(&m, "plan %d begins and reads the head: c%d", i, w.value)
	}
}

func (s *State) donePlan(i int) {
	s.plans[i].state = over
	if s.lease == uint8(i)+1 {
		s.lease, s.expired = 0, 0
	}
}

// endPlan ends the plan's run without effect and its job.
func (e *explorer) endPlan(n *State, i int, again bool) {
	if g := n.plans[i].gen; g == 0 {
		n.plans[i].ended = 1
	} else if !n.is(g, sealed) || e.has(writeBlindly) {
		e.end(n, g)
	}
	if again {
		e.request(n)
	}
	n.donePlan(i)
}

// stepPlan is the next step of a plan's attempt.
func (e *explorer) stepPlan(s *State, k int) {
	w := s.slots[k]
	i := int(w.id)
	n := *s
	n.slots[k] = slot{}
	if !s.allowed() && s.holder != 0 {
		if n.lease == w.id+1 {
			n.accessLost()
			e.endPlan(&n, i, false)
		}
		e.out(&n, "plan %d learns that the installation is gone", w.id, 0)
		return
	}
	if w.pc == atPin {
		e.pin(&n, w, k)
		return
	}
	if s.budget[discardPlan] > 0 {
		n := n
		n.spend(discardPlan)
		e.failPlan(&n, i)
		e.out(&n, "plan %d fails for good", w.id, 0)
	}
	e.write(&n, w, k)
}

// pin gives the head that was read the next generation.
func (e *explorer) pin(n *State, w slot, k int) {
	i := int(w.id)
	p := &n.plans[i]
	again := w.late == 0 && p.state == running
	if e.writtenOrOver(n, i) {
		return
	}
	if w.hint != 0 && w.value+1 != w.hint && p.tries < e.headTries {
		p.tries++
		if again {
			p.state = queued
		}
		e.out(n, "plan %d: the head c%d is not the pushed commit, it waits", w.id, w.value)
		return
	}
	if n.lease != w.id+1 && !e.has(pinBlindly) {
		e.endPlan(n, i, n.hint != 0)
		e.out(n, "plan %d lost its lease before the pin and ends", w.id, 0)
		return
	}
	if n.gen != w.seen && !e.has(pinBlindly) {
		if again {
			p.state = queued
		}
		e.out(n, "plan %d: a newer generation was accepted meanwhile, it reads again", w.id, 0)
		return
	}
	g := p.gen
	if g == 0 || !e.has(pinAgain) {
		g = e.next(n, w.value)
	}
	n.commit[g] = w.value // a mutation pins again
	p.gen, p.number = g, w.num
	n.slots[k] = slot{kind: planWork, id: w.id, pc: atWrite, late: w.late, value: w.value}
	e.out(n, "plan %d pins generation %d", w.id, g)
}

// failPlan gives a plan up; the sweeper plans again.
func (e *explorer) failPlan(n *State, i int) {
	if n.lease == uint8(i)+1 {
		n.failures = 1
		e.endPlan(n, i, false)
	} else {
		n.donePlan(i)
	}
}

// write stages the tree and makes the differences wanted, in one transaction.
func (e *explorer) write(n *State, w slot, k int) {
	i := int(w.id)
	p := n.plans[i]
	g := p.gen
	switch {
	case n.vanished>>w.value&1 == 1:
		e.failPlan(n, i)
		e.out(n, "plan %d: its commit vanished, generation %d", w.id, g)
		return
	case e.writtenOrOver(n, i):
		return
	case n.gen != g && !e.has(writeOverNewer):
		e.endPlan(n, i, true)
		e.out(n, "plan %d: a newer generation than %d was accepted, it plans again", w.id, g)
		return
	}
	if e.has(deleteOnCut) && n.budget[truncated] > 0 {
		m := *n
		m.spend(truncated)
		e.writeTree(&m, i, k, w.value, [paths]uint8{commits[w.value].tree[0], 0})
		e.out(&m, "plan %d takes a cut listing of generation %d for whole", w.id, g)
	}
	violation := ""
	if n.is(g, finished) {
		violation = "3: a plan writes for a run that has ended"
	}
	e.writeTree(n, i, k, w.value, commits[w.value].tree)
	e.violate(n, violation, "plan %d writes what generation %d wants", w.id, g)
}

func (e *explorer) writeTree(n *State, i, k int, c uint8, tree [paths]uint8) {
	p := n.plans[i]
	g := p.gen
	key := commits[c].key
	e.setWanted(n, g, tree, key, p.full == 1)
	n.run[g] |= planned | sealed | derived
	n.key, n.failures = key+1, 0
	if n.hint != 0 {
		if n.number == p.number {
			n.hint = 0
		} else {
			e.request(n)
		}
	}
	n.donePlan(i)
	e.look(n, k, g, 0, 0)
}

// writtenOrOver ends an attempt whose run another attempt has sealed, or somebody ended.
func (e *explorer) writtenOrOver(n *State, i int) bool {
	g := n.plans[i].gen
	if e.has(writeBlindly) || !n.planEnded(i) && (g == 0 || !n.is(g, sealed)) {
		return false
	}
	n.donePlan(i)
	e.out(n, "plan %d: its run is written or over already", uint8(i), 0)
	return true
}
