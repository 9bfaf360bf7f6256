package logseq

import "strings"

// blocks reads the block level of r: line by line, the first construct that
// matches at the start of a line wins, and what matches none is a paragraph.
func (s *scanner) blocks(r *reader) {
	for r.pos < len(r.src) {
		start := r.pos
		end := r.eol(start)
		at := skipSpace(r.src, start, end)
		if at == end {
			// Paragraphs go on over blank lines, as in mldoc.
			if r.pos = end + 1; r.run == start+1 {
				r.run = r.pos + 1
			}
			continue
		}
		if r.top && s.heading(r, start, at, end) {
			continue
		}
		if s.special(r, start, at, end) {
			continue
		}
		if r.para == 0 {
			r.para = start + 1
		}
		r.firstBlock = false
		r.pos = end + 1
	}
	s.flush(r, len(r.src))
}

// special reads the construct, other than a heading or a paragraph, that
// starts at offset at. It reports false if there is none.
func (s *scanner) special(r *reader, start, at, end int) bool {
	if r.top && s.property(r, start, at, end) {
		return true
	}
	switch c := r.src[at]; c {
	case '`', '~':
		return s.fence(r, start, at, end)
	case '<':
		return s.blockHTML(r, start, at)
	case '$':
		return s.blockMath(r, start, at)
	case '>':
		return s.quote(r, start, at)
	case '#':
		return s.hashPlus(r, start, at, end)
	case ':':
		return r.top && s.drawer(r, start, at, end)
	case '\\':
		return s.latexEnv(r, start, at, end)
	case '|':
		return s.tableRow(r, start, at, end)
	case '[':
		if r.top && strings.HasPrefix(r.src[at:end], "[^") {
			return s.footnote(r, start, at, end)
		}
		return s.hiccupBlock(r, start, at, end)
	case '*', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.listItem(r, start, at, end)
	}
	return false
}

// flush reads the open paragraph, which ends at end, for inline constructs.
func (s *scanner) flush(r *reader, end int) {
	if r.para == 0 {
		return
	}
	start := r.para - 1
	r.para = 0
	s.text(r, start, min(end, len(r.src)), -1)
}

// heading reads a bullet or an ATX heading and opens its block.
func (s *scanner) heading(r *reader, start, at, end int) bool {
	src := r.src
	b := Block{Kind: BlockBullet, indent: at - start}
	var next int
	switch src[at] {
	case '-':
		next = at + 1
		if next < end && !isSpace(src[next]) {
			return false
		}
		if h := skipSpace(src, next, end); h < end && src[h] == '#' {
			if n := hashes(src, h, end); n == end || isSpace(src[n]) {
				b.Heading, next = n-h, n
			}
		}
	case '#':
		next = hashes(src, at, end)
		if next < end && !isSpace(src[next]) {
			return false
		}
		b.Kind, b.Heading = BlockHeading, next-at
	default:
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	b.Line = r.lineAt(start)
	b.Start = start
	next = skipSpace(src, next, end)
	b.Title = strings.TrimRight(src[next:end], " \t")
	if s.room(len(s.out.Blocks), b.Line) {
		s.open(b)
	}
	r.pos = end + 1
	next = taskEnd(src, next, end)
	if next < end && !s.titleIsBlock(r, next, end) {
		s.text(r, next, end, -1)
	}
	return true
}

// taskEnd returns the offset after the marker and the priority of a task:
// "TODO [#A] ".
func taskEnd(src string, at, end int) int {
	i := at
	for i < end && ('A' <= src[i] && src[i] <= 'Z' || src[i] == '-') {
		i++
	}
	if isTask(src[at:i]) && (i == end || isSpace(src[i])) {
		at = skipSpace(src, i, end)
	}
	if at+4 <= end && src[at:at+2] == "[#" && src[at+3] == ']' && class[src[at+2]]&classAlnum != 0 {
		at = skipSpace(src, at+4, end)
	}
	return at
}

func isTask(word string) bool {
	switch word {
	case "TODO", "DOING", "DONE", "NOW", "LATER", "WAIT", "WAITING", "CANCELED", "CANCELLED", "STARTED", "IN-PROGRESS":
		return true
	}
	return false
}

// titleIsBlock reads what stands right after a bullet, if it is a block of its
// own: "- ```clojure", "- key:: value", "- > quote".
func (s *scanner) titleIsBlock(r *reader, at, end int) bool {
	switch r.src[at] {
	case '|', '*', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return r.top && s.property(r, at, at, end) // tables and lists do not start in a title
	case '[':
		if strings.HasPrefix(r.src[at:end], "[:") && hiccupName(r.src, at, end) > 0 {
			return false // hiccup in a title is inline
		}
	}
	return s.special(r, at, at, end)
}

func hashes(src string, pos, end int) int {
	for pos < end && src[pos] == '#' {
		pos++
	}
	return pos
}
