package model

// webhook delivers pushes: the GUID, the wanted state and the jobs in one transaction.
func (e *explorer) webhook(s *State) {
	for i := range e.pushes {
		again := s.push[i] == delivered && s.budget[duplicate] > 0
		if s.push[i] != inFlight && !again {
			continue
		}
		n := *s
		if again {
			n.spend(duplicate)
		}
		if again && !e.has(noGUID) {
			e.out(&n, "push %d is delivered again: a duplicate", uint8(i)+1, 0)
			continue
		}
		n.push[i] = delivered
		e.accept(&n, i)
		if e.has(guidFirst) && !again {
			n := *s
			n.push[i] = delivered
			e.out(&n, "push %d: its GUID is committed, then the process dies; the redelivery is a duplicate", uint8(i)+1, 0)
		}
	}
}

func (e *explorer) accept(n *State, i int) {
	p := e.pushes[i]
	if n.accepted[i]++; n.accepted[i] > 1 {
		e.violate(n, "2: the work of one delivery was done twice", "push %d is delivered again", uint8(i)+1, 0)
		return
	}
	if n.holder == 0 || n.holder == 1 && n.firstEnded == 1 {
		e.out(n, "push %d of a deleted installation is ignored", uint8(i)+1, 0)
		return
	}
	n.lost = 0
	slow := n.leased() || n.key == 0 || n.commit[n.gen] != p.before || p.forced || p.config
	if slow || !e.has(noSettle) {
		n.hint = p.after + 1
		n.number++
		if n.settle != dead {
			n.settle = queued
		}
	}
	if slow {
		e.request(n)
		e.out(n, "push %d to c%d is slow: a plan is queued", uint8(i)+1, p.after)
		return
	}
	g := e.next(n, p.after)
	n.run[g] = sealed
	for path := range n.rows {
		if p.listed>>path&1 == 1 {
			e.want(n, path, g, unknown, n.key-1)
			n.jobs[g][path] = queued
			n.pending[g] |= 1 << path
		}
	}
	if n.pending[g] == 0 {
		e.end(n, g)
	}
	e.out(n, "push %d is fast: generation %d", uint8(i)+1, g)
}

// next accepts a commit as the next generation.
func (e *explorer) next(n *State, c uint8) uint8 {
	if n.gen+1 >= maxGeneration {
		e.unbounded = true
		return n.gen
	}
	n.gen++
	n.commit[n.gen], n.run[n.gen] = c, 0
	return n.gen
}

// want sets a row's wanted state.
func (e *explorer) want(n *State, path int, g, blob, key uint8) {
	r := &n.rows[path]
	if r.exists == 0 {
		*r = row{exists: 1, open: g, newest: r.newest}
	} else if r.open == 0 || e.has(openReset) {
		r.open = g
	}
	if e.has(failedForgotten) {
		r.failed = 0
	}
	r.wantedGen, r.wantedBlob, r.wantedKey = g, blob, key
}

// request makes sure that a plan is queued.
func (e *explorer) request(n *State) {
	if n.plan == noJob {
		n.plan = queued
	}
}

// end ends a run and settles what was pending.
func (e *explorer) end(n *State, g uint8) {
	if !n.is(g, finished) {
		n.run[g] |= finished
		n.pending[g] = 0
	}
}
