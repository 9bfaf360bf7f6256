package logseq

import "strings"

// searchMemo remembers the last search for each mark in one text, so that
// looking for the same mark from growing offsets costs one pass in all.
type searchMemo struct {
	marks [24]memoEntry
	n     int
	work  int // bytes looked at, for the tests of linearity
}

// memoEntry says that src[from:at] holds no mark and that one starts at at; at
// is len(src) if none is left.
type memoEntry struct {
	mark     string
	from, at int
}

// find returns the first offset of mark that lies wholly in src[from:end], -1 if
// there is none.
func (m *searchMemo) find(src, mark string, from, end int) int {
	if from >= end {
		return -1
	}
	e := m.entry(mark)
	switch {
	case from > e.at || e.at < 0:
		e.from, e.at = from, m.search(src, mark, from, len(src))
	case from < e.from:
		// Going back happens when the inside of an emphasis is read.
		if i := m.search(src, mark, from, min(e.from+len(mark)-1, len(src))); i < e.from {
			e.at = i
		}
		e.from = from
	}
	if e.at+len(mark) > end {
		return -1
	}
	return e.at
}

// search returns the offset of mark in src[from:to], len(src) if there is none.
func (m *searchMemo) search(src, mark string, from, to int) int {
	i := strings.Index(src[from:to], mark)
	if i < 0 {
		m.work += to - from
		return len(src)
	}
	m.work += i
	return from + i
}

func (m *searchMemo) entry(mark string) *memoEntry {
	for i := range m.n {
		if m.marks[i].mark == mark {
			return &m.marks[i]
		}
	}
	e := &m.marks[m.n]
	m.n++
	*e = memoEntry{mark: mark, at: -1}
	return e
}

// lineEnd returns the end of the line that contains from.
func (m *searchMemo) lineEnd(src string, from, end int) int {
	if i := m.find(src, "\n", from, end); i >= 0 {
		return i
	}
	return end
}

// spaceOrEOL returns the offset of the next blank or line end.
func (m *searchMemo) spaceOrEOL(src string, from, end int) int {
	stop := m.lineEnd(src, from, end)
	for _, mark := range [...]string{" ", "\t"} {
		if i := m.find(src, mark, from, end); i >= 0 && i < stop {
			stop = i
		}
	}
	return stop
}
