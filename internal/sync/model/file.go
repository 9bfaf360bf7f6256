package model

// What a file's attempt has come to.
const (
	toSave      = 1
	toKeep      = 2 // the applied state already is the wanted one
	toSaveFacts = 5 // a mutation writes them apart
)

// beginFiles starts file jobs: the first check, then the fetch.
func (e *explorer) beginFiles(s *State) {
	k := s.freeSlot()
	for g := uint8(1); g <= s.gen; g++ {
		for p := range s.jobs[g] {
			if s.jobs[g][p] != queued {
				continue
			}
			if s.budget[discard] > 0 {
				n := *s
				n.spend(discard)
				n.jobs[g][p] = dead
				e.out(&n, "River gives up the job of generation %d %c", g, 'A'+uint8(p))
			}
			if k >= 0 {
				n := *s
				e.beginFile(&n, g, p, k)
			}
		}
	}
}

func (e *explorer) beginFile(n *State, g uint8, p, k int) {
	r := &n.rows[p]
	n.jobs[g][p] = running
	n.slots[k] = slot{kind: fileWork, id: g, path: uint8(p), pc: toSave}
	w := &n.slots[k]
	late := e.has(lateInsert) && r.exists == 0
	if (r.exists == 0 || r.wantedGen != g || n.is(g, finished) && !e.has(endedRunsWrite)) && !late {
		n.supersede(g, p)
		e.done(n, k, g, uint8(p)+1)
		e.out(n, "job of generation %d %c: superseded before the fetch", g, 'A'+uint8(p))
		return
	}
	if !late && r.wantedBlob == 0 {
		e.out(n, "job of generation %d %c: the file is gone", g, 'A'+uint8(p))
		return
	}
	full := n.fullRun(g)
	same := r.wantedBlob == r.blob && r.failed == 0 && !full
	if !late && same && (r.wantedKey == r.key || e.has(keyNotApplied)) {
		w.pc = toKeep
		e.out(n, "job of generation %d %c: nothing to do", g, 'A'+uint8(p))
		return
	}
	e.fetch(n, g, p, k, late)
}

// fullRun reports whether the generation's plan ignores equality. The plan job may
// be forgotten by then: reading a file again that is equal changes nothing.
func (s *State) fullRun(g uint8) bool {
	for i := range s.plans {
		if s.plans[i].gen == g && s.plans[i].full == 1 {
			return true
		}
	}
	return false
}

// fetch asks GitHub for the wanted bytes, by blob or at the commit.
func (e *explorer) fetch(n *State, g uint8, p, k int, late bool) {
	r, w := &n.rows[p], &n.slots[k]
	path := uint8(p)
	if !n.allowed() {
		if e.has(deleteOnRefusal) {
			e.out(n, "job of generation %d %c takes a refusal for an absence", g, 'A'+path)
			return
		}
		n.accessLost()
		e.end(n, g)
		e.done(n, k, g, path+1)
		e.out(n, "job of generation %d %c learns that the installation is gone", g, 'A'+path)
		return
	}
	at := n.vanished>>n.commit[g]&1 == 0
	byBlob := !late && r.wantedBlob != unknown
	missing := !at && !byBlob || byBlob && !e.exists(n, p, r.wantedBlob) && !at
	if n.budget[lagging] > 0 && !missing {
		m := *n
		m.spend(lagging)
		e.vanishedRun(&m, g, p, k)
	}
	if missing {
		e.vanishedRun(n, g, p, k)
		return
	}
	w.value = commits[n.commit[g]].tree[p]
	if byBlob {
		w.value = r.wantedBlob
	}
	if e.has(deleteOn404) && n.budget[notFound] > 0 && w.value != 0 {
		m := *n
		m.spend(notFound)
		m.slots[k].value = 0
		e.out(&m, "job of generation %d %c takes a passing 404 for an absence", g, 'A'+path)
	}
	e.out(n, "job of generation %d %c fetches its bytes", g, 'A'+path)
}

func (e *explorer) vanishedRun(n *State, g uint8, p, k int) {
	if n.holder != 0 {
		e.end(n, g)
		e.request(n)
	}
	e.done(n, k, g, uint8(p)+1)
	e.out(n, "job of generation %d %c: the commit vanished, the run is superseded", g, 'A'+uint8(p))
}

func (s *State) supersede(g uint8, p int) { s.pending[g] &^= 1 << p }

// done completes a job (0: none, 9: the group's) if its attempt is not late, and looks
// whether the run is.
func (e *explorer) done(n *State, k int, g, job uint8) {
	late := n.slots[k].late
	n.slots[k] = slot{}
	e.look(n, k, g, job, late)
}

// stepFile saves what the attempt has come to: the second check under the row's lock,
// the facts, the applied state and the outcome in one transaction.
func (e *explorer) stepFile(s *State, k int) {
	w := s.slots[k]
	g, p := w.id, int(w.path)
	if w.pc == toSaveFacts {
		n := *s
		n.rows[p].facts = w.value
		e.done(&n, k, g, w.path+1)
		e.out(&n, "job of generation %d %c writes its facts", g, 'A'+w.path)
		return
	}
	if s.budget[failure] > 0 && e.mine(s, g, p) {
		n := *s
		n.spend(failure)
		n.supersede(g, p)
		e.failed(&n, p)
		e.done(&n, k, g, w.path+1)
		e.out(&n, "job of generation %d %c fails for good", g, 'A'+w.path)
	}
	n := *s
	violation := e.save(&n, g, p, w.pc, w.value)
	if e.has(tornFile) && w.pc == toSave && w.value != 0 && n.rows[p].blob == w.value {
		n.rows[p].facts = s.rows[p].facts
		n.slots[k].pc = toSaveFacts
	} else {
		e.done(&n, k, g, w.path+1)
	}
	e.violate(&n, violation, "job of generation %d %c saves", g, 'A'+w.path)
}

// mine reports whether the row is wanted by the generation's run and that goes on.
func (e *explorer) mine(s *State, g uint8, p int) bool {
	r := &s.rows[p]
	return r.exists == 1 && r.wantedGen == g && (!s.is(g, finished) || e.has(endedRunsWrite))
}

func (e *explorer) failed(n *State, p int) {
	r := &n.rows[p]
	r.failed, r.open = 1, 0
	if e.has(failedDropsFacts) {
		r.facts = 0
	}
}

// save applies one file and gives the violation that this is, if it is one.
func (e *explorer) save(n *State, g uint8, p int, what, blob uint8) string {
	r := &n.rows[p]
	mine := e.mine(n, g, p) || e.has(noRecheck) || e.has(lateInsert) && r.exists == 0
	n.supersede(g, p)
	if !mine {
		return ""
	}
	violation := ""
	if n.is(g, finished) {
		violation = "3: an attempt of a run that has ended writes"
	}
	if g < r.newest {
		violation = "3: content of an older generation replaces a newer one's"
	}
	switch {
	case what == toKeep:
		r.open, r.failed = 0, 0
		r.newest = max(r.newest, g)
	case blob == 0:
		if commits[n.commit[g]].tree[p] != 0 {
			violation = "7: a file was deleted that the commit has"
		}
		*r = row{newest: max(r.newest, g)}
	default:
		key := r.wantedKey
		if r.exists == 0 {
			*r = row{exists: 1, wantedGen: g, newest: r.newest}
		}
		r.wantedBlob, r.blob, r.facts, r.key = blob, blob, blob, key
		r.open, r.failed = 0, 0
		r.newest = max(r.newest, g)
	}
	return violation
}
