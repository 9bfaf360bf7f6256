package model

// github moves the world outside: heads, deliveries, garbage collection.
func (e *explorer) github(s *State) {
	if int(s.head) < len(e.pushes) {
		n := *s
		n.push[n.head] = inFlight
		if n.installed == 0 {
			n.push[n.head] = never // nobody to tell; the return plans
		}
		n.head++
		for c := range commits {
			if reaches(int(e.heads[n.head]), c) {
				n.vanished &^= 1 << c
			}
		}
		e.out(&n, "GitHub: the head moves to c%d", e.heads[n.head], 0)
	}
	for i := range e.pushes {
		if s.push[i] == inFlight && s.budget[lostPush] > 0 {
			n := *s
			n.spend(lostPush)
			n.push[i], n.dirty = never, 1
			e.out(&n, "push %d is lost", uint8(i)+1, 0)
		}
	}
	if s.budget[vanish] > 0 {
		e.vanish(s)
	}
}

func (e *explorer) vanish(s *State) {
	for c := range commits {
		if s.vanished>>c&1 == 1 || reaches(int(e.heads[s.head]), c) {
			continue
		}
		for _, h := range e.heads[:s.head+1] {
			if reaches(int(h), c) {
				n := *s
				n.spend(vanish)
				n.vanished |= 1 << c
				e.out(&n, "commit c%d vanishes", uint8(c), 0)
				break
			}
		}
	}
}

// exists reports whether GitHub still has a blob of the path.
func (e *explorer) exists(s *State, p int, blob uint8) bool {
	for c := range commits {
		if s.vanished>>c&1 == 0 && commits[c].tree[p] == blob && reaches(int(e.heads[s.head]), c) {
			return true
		}
	}
	return false
}
