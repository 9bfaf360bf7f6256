package logseq

import "strings"

// mark is the run of ticks or tildes that a line of a fence begins with. The zero
// mark is none.
type mark struct {
	char   byte
	length int
}

// anyMark is closed by every mark, as an open fence in mldoc.
var anyMark = mark{length: 3}

// maxMark is how long a mark may be for its length to count. It bounds how often a
// text is searched for a mark that it does not have.
const maxMark = 16

func markOf(line string) mark {
	if !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") {
		return mark{}
	}
	m := mark{line[0], 3}
	for m.length < len(line) && line[m.length] == m.char {
		m.length++
	}
	return m
}

// closes reports whether a line that begins with m closes a fence that opens with
// open: it has the same character and is at least as long (CommonMark 0.31, 4.5).
func (m mark) closes(open mark) bool {
	return (open.char == 0 || m.char == open.char) && m.length >= min(open.length, maxMark)
}

// fenceEnd returns the start of the line from pos on that closes a fence, -1 if
// none does; searched says that all of the text was looked at for one in vain. Outside
// of Logseq graphs CommonMark's rule counts. Where it finds none, and in graphs, any
// mark closes the fence, as in mldoc.
func (s *scanner) fenceEnd(f *fenceEnds, src string, pos int, open mark) (at int, searched bool) {
	if s.opts.NoGraph {
		if at, searched = f.find(src, pos, open); at >= 0 {
			return at, searched
		}
	}
	at, again := f.find(src, pos, anyMark)
	return at, searched || again
}

// fenceEnds remembers which closing lines are not there in one text, so that a
// text full of openings is searched a few times only.
type fenceEnds struct {
	missing map[byte]int // character of the opening mark -> the least length that no line closes
}

// find returns the start of the first line from pos on that closes open, -1 if
// there is none; searched says that this was not known before.
func (f *fenceEnds) find(src string, pos int, open mark) (at int, searched bool) {
	length := min(open.length, maxMark)
	if least, ok := f.missing[open.char]; ok && least <= length {
		return -1, false
	}
	if at = nextFence(src, pos, open); at >= 0 {
		return at, false
	}
	if f.missing == nil {
		f.missing = map[byte]int{}
	}
	f.missing[open.char] = length
	return -1, true
}

// nextFence returns the start of the first line from pos on whose mark closes
// open, -1 if there is none.
func nextFence(src string, pos int, open mark) int {
	for pos < len(src) {
		end := len(src)
		if i := strings.IndexByte(src[pos:], '\n'); i >= 0 {
			end = pos + i
		}
		at := skipSpace(src, pos, end)
		if m := markOf(src[at:end]); m.length > 0 && m.closes(open) {
			return pos
		}
		pos = end + 1
	}
	return -1
}
