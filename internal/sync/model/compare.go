package model

// served reports whether a live job will settle the row.
func (s *State) served(path int) bool {
	g := s.rows[path].wantedGen
	return !s.is(g, finished) && s.pending[g]>>path&1 == 1
}

// setWanted compares a tree with the wanted state and gives the differences jobs.
func (e *explorer) setWanted(n *State, g uint8, tree [paths]uint8, key uint8, full bool) {
	var changed uint8
	for path, blob := range tree {
		r := n.rows[path]
		if blob == 0 && r.exists == 0 {
			continue
		}
		is := r.wantedBlob
		if e.has(compareApplied) {
			is = r.blob
		}
		differs := r.exists == 0 || is != blob
		if blob != 0 {
			differs = differs || full || r.retry == 1 && !e.has(retryIgnored) || r.wantedKey != key && !e.has(keyNotCompared) ||
				r.open != 0 && !n.served(path) && !e.has(openIsServed)
		} else {
			differs = differs || !n.served(path)
		}
		if !differs {
			continue
		}
		changed |= 1 << path
		if blob == 0 {
			e.want(n, path, g, 0, r.wantedKey)
			continue
		}
		e.want(n, path, g, blob, key)
		n.rows[path].retry = 0
	}
	n.pending[g] |= changed
	if e.groups && changed == 3 {
		n.groups[g], n.grouped[g] = queued, changed
		return
	}
	for path := range tree {
		if changed>>path&1 == 1 {
			n.jobs[g][path] = queued
		}
	}
}
