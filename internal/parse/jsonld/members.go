package jsonld

// members finds the keys that stand twice in one object. The zero value is an
// object without members. Objects are small, so it compares; a large one gets an
// index, to stay linear.
type members struct {
	few   [16]int32 // the first members
	count int
	index map[string]int32
}

// repeated adds the member at and reports whether its key was there before; the
// earlier member is then shadowed.
func (m *members) repeated(t *tape, at int32) bool {
	if m.index != nil {
		return m.indexed(t, at)
	}
	for i, other := range m.few[:m.count] {
		if sameKey(t, other, at) {
			t.nodes[other].shadowed = true
			m.few[i] = at
			return true
		}
	}
	if m.count < len(m.few) {
		m.few[m.count] = at
		m.count++
		return false
	}
	m.index = make(map[string]int32, 4*len(m.few))
	for _, other := range m.few {
		m.index[value{t, other}.key()] = other
	}
	return m.indexed(t, at)
}

func (m *members) indexed(t *tape, at int32) bool {
	key := value{t, at}.key()
	other, found := m.index[key]
	if found {
		t.nodes[other].shadowed = true
	}
	m.index[key] = at
	return found
}

func sameKey(t *tape, a, b int32) bool {
	x, y := &t.nodes[a], &t.nodes[b]
	if x.keyEscaped || y.keyEscaped {
		return value{t, a}.key() == value{t, b}.key()
	}
	return x.keyEnd-x.keyStart == y.keyEnd-y.keyStart && t.src[x.keyStart:x.keyEnd] == t.src[y.keyStart:y.keyEnd]
}
