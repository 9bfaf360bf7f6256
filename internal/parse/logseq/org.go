package logseq

import "strings"

// This file holds what Logseq's Markdown took over from org mode: drawers,
// blocks and directives.

// drawer reads :NAME: ... :END:, which holds notes of the program; in one named
// PROPERTIES stand properties.
func (s *scanner) drawer(r *reader, start, at, end int) bool {
	name := strings.TrimRight(r.src[at:end], " \t")
	if len(name) < 3 || name[len(name)-1] != ':' || strings.IndexByte(name[1:len(name)-1], ':') >= 0 {
		return false
	}
	if strings.EqualFold(name, ":PROPERTIES:") && s.drawnProperties(r, start, end+1) {
		return true
	}
	after := r.lineWith(end+1, func(line string) bool { return strings.EqualFold(strings.TrimSpace(line), ":END:") })
	if after < 0 {
		return false
	}
	s.skip(r, start, after)
	return true
}

// drawnProperties reads the lines ":key: value" from from on up to ":END:". If
// another line stands between them it is no drawer of properties.
func (s *scanner) drawnProperties(r *reader, start, from int) bool {
	const mark = ":END:"
	if start < r.noDrawer {
		return false // what spoilt the last one spoils this one
	}
	last := from
	for ; last < len(r.src); last = r.eol(last) + 1 {
		line := r.src[last:r.eol(last)]
		if hasPrefixFold(strings.TrimLeft(line, " \t"), mark) || drawnKey(line) < 0 {
			break
		}
	}
	r.memo.work += last - from
	if last >= len(r.src) || !hasPrefixFold(strings.TrimLeft(r.src[last:r.eol(last)], " \t"), mark) {
		r.noDrawer = last
		return false
	}
	s.flush(r, start)
	page := r.firstBlock && s.current() == 0
	for pos := from; pos < last; pos = r.eol(pos) + 1 {
		end := r.eol(pos)
		colon := pos + drawnKey(r.src[pos:end])
		s.orgProperty(r, skipSpace(r.src, pos, end)+1, colon, end, page)
	}
	end := r.eol(last)
	next := skipSpace(r.src, last, end) + len(mark)
	if skipSpace(r.src, next, end) == end {
		next = end + 1
	}
	s.endRun(r, next, page)
	return true
}

// drawnKey returns the offset of the colon after the key of a line
// ":key: value", -1 if it has none.
func drawnKey(line string) int {
	at := skipSpace(line, 0, len(line))
	if at == len(line) || line[at] != ':' {
		return -1
	}
	n := strings.IndexAny(line[at+1:], ": \t")
	if n <= 0 || line[at+1+n] != ':' {
		return -1
	}
	return at + 1 + n
}

// orgProperty records the property whose key stands at r.src[at:colon] and whose
// value lies between the colon and end.
func (s *scanner) orgProperty(r *reader, at, colon, end int, page bool) {
	p := Property{
		RawKey: r.src[at:colon],
		Value:  strings.TrimSpace(r.src[colon+1 : end]),
		Block:  s.current(),
		Line:   r.lineAt(at),
		Page:   page,
	}
	p.Key = normalKey(p.RawKey)
	if n := s.addProperty(p); n >= 0 {
		s.propertyRefs(r, colon+1, end, n)
	}
}

// endRun goes on after a run of properties, of the page or not.
func (s *scanner) endRun(r *reader, next int, page bool) {
	r.pos, r.run, r.runOfPage = next, next+1, page
	if r.firstBlock && (next >= len(r.src) || blank(r.src[next:r.eol(next)])) {
		r.firstBlock = false // page properties end at a blank line
	}
}

// hashPlus reads org blocks and directives: #+BEGIN_X ... #+END_X, #+key: value.
func (s *scanner) hashPlus(r *reader, start, at, end int) bool {
	line := r.src[at:end]
	if !strings.HasPrefix(line, "#+") {
		return false
	}
	if !hasPrefixFold(line, "#+begin_") {
		return s.directive(r, start, at, end)
	}
	name := line[len("#+begin_"):]
	if i := strings.IndexAny(name, " \t"); i >= 0 {
		name = name[:i]
	}
	close := "#+end_" + name
	after := r.lineWith(end+1, func(line string) bool { return hasPrefixFold(strings.TrimSpace(line), close) })
	if after < 0 || name == "" {
		return s.directive(r, start, at, end)
	}
	bodyEnd := strings.LastIndexByte(r.src[:after], '\n') + 1
	s.flush(r, start)
	r.firstBlock = false
	switch strings.ToLower(name) {
	case "src":
		s.addCode(r, Fence{Info: strings.TrimSpace(line[len("#+begin_src"):]), Summary: -1}, at, min(end+1, bodyEnd), bodyEnd)
	case "example", "export", "comment":
		// Code.
	default:
		s.nested(r, end+1, bodyEnd)
	}
	r.pos = after
	if after < len(r.src) {
		r.pos++
	}
	return true
}

// directive reads "#+key: value": a property of the page, or of the block whose
// properties stand right before it. One whose key begins like a block, #+BEGIN_key,
// begins a run of properties itself, as in mldoc.
func (s *scanner) directive(r *reader, start, at, end int) bool {
	i := strings.IndexByte(r.src[at:end], ':')
	if i <= 2 {
		return false
	}
	s.flush(r, start)
	if !r.top { // nobody's property, as in mldoc
		r.pos = end + 1
		return true
	}
	if r.run != start+1 && hasPrefixFold(r.src[at:end], "#+begin_") {
		page := r.firstBlock && s.current() == 0
		s.orgProperty(r, at+2, at+i, end, page)
		s.endRun(r, end+1, page)
		return true
	}
	if r.run == start+1 {
		s.orgProperty(r, at+2, at+i, end, r.runOfPage)
		s.endRun(r, end+1, r.runOfPage)
		return true
	}
	s.orgProperty(r, at+2, at+i, end, true)
	r.pos = end + 1
	return true
}
