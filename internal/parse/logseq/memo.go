package logseq

import "strings"

// searchMemo remembers the last search for each mark, so that looking for the
// same mark from growing offsets costs one pass over the text in all.
type searchMemo struct {
	marks [12]memoEntry
	n     int
}

type memoEntry struct {
	mark     string
	from, to int // searched from here up to here
	at       int // first occurrence, -1 if none
}

// find returns the first offset of mark in src[from:end], -1 if there is none.
func (m *searchMemo) find(src, mark string, from, end int) int {
	if from >= end {
		return -1
	}
	e := m.entry(mark)
	if e.from <= from && from < e.to {
		switch {
		case e.at >= from:
			return within(e.at, len(mark), end)
		case e.at < 0 && end <= e.to:
			return -1
		}
	}
	e.from, e.to, e.at = from, end, -1
	if i := strings.Index(src[from:end], mark); i >= 0 {
		e.at = from + i
	}
	return e.at
}

func within(at, width, end int) int {
	if at+width > end {
		return -1
	}
	return at
}

func (m *searchMemo) entry(mark string) *memoEntry {
	for i := range m.n {
		if m.marks[i].mark == mark {
			return &m.marks[i]
		}
	}
	if m.n == len(m.marks) {
		m.n--
	}
	e := &m.marks[m.n]
	m.n++
	*e = memoEntry{mark: mark}
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
