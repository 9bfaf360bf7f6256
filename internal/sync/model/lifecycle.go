package model

// lifecycle is the end of the installation and the beginning of another one.
func (e *explorer) lifecycle(s *State) {
	if s.installed == 1 && s.budget[uninstall] > 0 {
		n := *s
		n.spend(uninstall)
		n.installed, n.removal = 0, inFlight
		e.out(&n, "GitHub: the App is uninstalled", 0, 0)
	}
	if s.installed == 0 {
		n := *s
		n.installed, n.arrival = 2, inFlight
		e.out(&n, "GitHub: the App is installed again", 0, 0)
	}
	if s.budget[lostEvent] > 0 && (s.removal == inFlight || s.arrival == inFlight) {
		n := *s
		n.spend(lostEvent)
		if n.removal == inFlight {
			n.removal = never
		} else {
			n.arrival = never
		}
		e.out(&n, "an event of the installation is lost", 0, 0)
	}
}

// events delivers what GitHub says of installations, in any order; a listing finds
// out what they did not say.
func (e *explorer) events(s *State) {
	if s.removal == inFlight {
		n := *s
		n.removal, n.firstEnded = delivered, 1
		if n.holder == 1 || n.holder == 2 && e.has(lateEventTakes) {
			n.lost = 1
		}
		e.out(&n, "the event that the App was uninstalled", 0, 0)
	}
	if s.arrival == inFlight {
		n := *s
		n.arrival = delivered
		if n.holder != 1 || n.firstEnded == 1 || n.lost == 1 { // else the first one is listed, then this
			e.put(&n)
			e.request(&n)
		}
		e.out(&n, "the event that the App was installed again", 0, 0)
	}
	ended := s.installed != 1 && s.firstEnded == 0
	returned := s.installed == 2 && (s.holder != 2 || s.lost == 1)
	if e.has(lateEventTakes) && s.holder == 2 {
		returned = false // the next listing is an hour away; what an event says must hold
	}
	if (ended || returned) && !e.has(listingGivesUp) {
		n := *s
		if ended {
			n.accessLost()
			n.firstEnded = 1
		}
		if returned {
			e.put(&n)
		}
		e.out(&n, "a listing shows where the App is installed", 0, 0)
	}
}

// put records the repository with the second installation and plans it if that is news.
func (e *explorer) put(n *State) {
	if n.holder != 2 || n.lost == 1 {
		e.request(n)
	}
	n.holder, n.lost = 2, 0
}

// accessLost records that the repository's installation is gone.
func (s *State) accessLost() {
	if s.holder == 1 {
		s.firstEnded, s.lost = 1, 1
	}
}

// deleteLost deletes a lost repository after the grace period, batch by batch, as
// long as it still is lost.
func (e *explorer) deleteLost(s *State) {
	if s.holder == 0 {
		return
	}
	if e.has(deleteReturned) && s.lost == 1 && s.doomed == 0 {
		n := *s
		n.doomed = 1
		e.out(&n, "housekeeping finds the repository lost", 0, 0)
	}
	if s.lost == 0 && s.doomed == 0 {
		return
	}
	n := *s
	for p := range n.rows {
		if n.rows[p].exists == 1 {
			n.rows[p] = row{}
			if !e.has(keepSynced) {
				n.forgetSynced()
			}
			e.out(&n, "the grace period is over: %c is deleted", 'A'+uint8(p), 0)
			return
		}
	}
	n.doomed = 0
	if s.lost == 1 {
		n.forgetRepository()
	}
	e.out(&n, "the grace period is over: the repository is deleted", 0, 0)
}

// forgetSynced takes back what was said of rows that are deleted.
func (s *State) forgetSynced() {
	for g := range s.run {
		s.run[g] &^= planned
	}
	s.verified, s.verifiedG = 0, 0
}

// forgetRepository deletes its row, and with it its runs and generations.
func (s *State) forgetRepository() {
	for g := uint8(1); g <= s.gen; g++ {
		s.run[g], s.pending[g] = finished, 0
	}
	for i := range s.plans {
		if s.plans[i].state != noJob {
			s.plans[i].ended = 1
		}
	}
	s.commit[s.gen] = none
	s.hint, s.key, s.lease, s.expired, s.plan, s.planFull, s.settle, s.failures = 0, 0, 0, 0, 0, 0, 0, 0
	s.verified, s.verifiedG, s.holder, s.lost = 0, 0, 0, 0
}
