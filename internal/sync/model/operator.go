package model

// operator is what people may do at any time, and what jobs may suffer.
func (e *explorer) operator(s *State) {
	if s.holder != 0 && s.readable() {
		e.resyncs(s)
		e.retries(s)
	}
	if s.budget[cancel] > 0 {
		e.cancels(s)
	}
	if s.budget[leaseEnd] > 0 && s.leased() {
		n := *s
		n.spend(leaseEnd)
		n.expired = 1
		e.out(&n, "the lease of plan %d ends while it works", s.lease-1, 0)
	}
	if s.budget[discardPlan] > 0 {
		e.discardPlans(s)
	}
	if s.budget[rescue] > 0 {
		e.rescues(s)
	}
	for k := range s.slots {
		if s.slots[k].late == 1 {
			n := *s
			n.slots[k] = slot{}
			e.out(&n, "a late attempt dies", 0, 0)
		}
	}
}

func (e *explorer) resyncs(s *State) {
	for _, f := range []fault{resync, full} {
		if s.budget[f] == 0 {
			continue
		}
		n := *s
		n.spend(f)
		e.resync(&n)
		if f == full {
			n.planFull = 1
		}
		e.out(&n, "an operator resyncs", 0, 0)
	}
}

func (e *explorer) retries(s *State) {
	if s.budget[retry] == 0 {
		return
	}
	n := *s
	some := false
	for p := range n.rows {
		if n.rows[p].failed == 1 {
			n.rows[p].retry, some = 1, true
		}
	}
	if some {
		n.spend(retry)
		e.request(&n)
		e.out(&n, "an operator retries what failed", 0, 0)
	}
}

// cancels ends a run on an operator's word: its open files count as failed.
func (e *explorer) cancels(s *State) {
	if s.plan != noJob {
		n := *s
		n.spend(cancel)
		n.plan, n.planFull, n.dirty = noJob, 0, 1
		e.out(&n, "an operator cancels the queued plan", 0, 0)
	}
	if s.lease != 0 && s.plans[s.lease-1].gen == 0 {
		n := *s
		n.spend(cancel)
		n.plans[s.lease-1].ended, n.lease, n.expired, n.dirty = 1, 0, 0, 1
		e.out(&n, "an operator cancels plan %d before its pin", s.lease-1, 0)
	}
	for g := uint8(2); g <= s.gen; g++ {
		if s.is(g, finished) {
			continue
		}
		n := *s
		n.spend(cancel)
		e.end(&n, g)
		for p := range n.rows {
			if r := &n.rows[p]; r.exists == 1 && r.wantedGen == g && r.open != 0 {
				r.open, r.failed = 0, 1
			}
		}
		if n.lease != 0 && n.plans[n.lease-1].gen == g {
			n.lease, n.expired = 0, 0
		}
		n.dirty = 1
		e.out(&n, "an operator cancels the run of generation %d", g, 0)
	}
}

func (e *explorer) discardPlans(s *State) {
	discard := func(what string, i uint8, change func(n *State)) {
		n := *s
		n.spend(discardPlan)
		change(&n)
		e.out(&n, what, i, 0)
	}
	if s.plan == queued {
		discard("River gives up the queued plan", 0, func(n *State) { n.plan = dead })
	}
	if s.settle == queued {
		discard("River gives up the settle", 0, func(n *State) { n.settle = dead })
	}
	for i := range s.plans {
		if s.plans[i].state == queued && s.lease == uint8(i)+1 {
			discard("River gives up plan %d", uint8(i), func(n *State) { n.plans[i].state = dead })
		}
	}
}

// rescues gives the jobs of attempts back that may be dead or only late.
func (e *explorer) rescues(s *State) {
	for k := range s.slots {
		w := s.slots[k]
		if w.kind == idle || w.kind == sweepWork || w.late == 1 {
			continue
		}
		n := *s
		n.spend(rescue)
		n.slots[k].late = 1
		switch {
		case w.kind == fileWork:
			n.jobs[w.id][w.path] = queued
		case w.kind == groupWork || w.back == groupJob:
			n.groups[w.id] = queued
		case w.kind == planWork:
			n.plans[w.id].state = queued
		case w.back > 0:
			n.jobs[w.id][w.back-1] = queued
		}
		e.out(&n, "the rescuer gives back a job; its attempt may be dead or late", 0, 0)
	}
}
