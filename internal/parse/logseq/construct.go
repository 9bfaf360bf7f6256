package logseq

import "strings"

// This file holds the block constructs whose content is text of another kind
// or not text at all: math, LaTeX, quotes, lists, tables.

// blockMath skips $$ ... $$ at the start of a line.
func (s *scanner) blockMath(r *reader, start, at int) bool {
	if !strings.HasPrefix(r.src[at:], "$$") {
		return false
	}
	i := strings.Index(r.src[at+2:], "$$")
	if i < 0 {
		return false
	}
	s.skip(r, start, at+2+i+2)
	return true
}

// skip ends the paragraph before start and goes on at next, or on the next line
// if nothing is left on this one.
func (s *scanner) skip(r *reader, start, next int) {
	s.flush(r, start)
	r.firstBlock = false
	end := r.eol(next)
	if skipSpace(r.src, next, end) == end {
		next = end + 1
	}
	r.pos = next
}

// latexEnv skips \begin{x} ... \end{x}. One that is not closed is text.
func (s *scanner) latexEnv(r *reader, start, at, end int) bool {
	const open = `\begin{`
	line := r.src[at:end]
	if !hasPrefixFold(line, open) || r.misses >= maxMisses {
		return false
	}
	i := strings.IndexByte(line, '}')
	if i <= len(open) {
		return false
	}
	close := `\end{` + line[len(open):i+1]
	j := strings.Index(r.src[at+i:], close)
	if j < 0 {
		r.misses++
		r.memo.work += len(r.src) - at
		return false
	}
	s.skip(r, start, at+i+j+len(close))
	return true
}

// lineWith returns the end of the first line from pos on that ok accepts, -1 if
// none does. A text in which that failed too often is not searched again, which
// bounds the work on a file full of openings without an end.
func (r *reader) lineWith(pos int, ok func(string) bool) int {
	src := r.src
	if r.misses >= maxMisses {
		return -1
	}
	for pos < len(src) {
		end := len(src)
		if i := strings.IndexByte(src[pos:], '\n'); i >= 0 {
			end = pos + i
		}
		if ok(src[pos:end]) {
			return end
		}
		pos = end + 1
	}
	r.memo.work += len(src)
	r.misses++
	return -1
}

// nested reads the content of a container for everything but headings and
// properties.
func (s *scanner) nested(r *reader, from, to int) {
	if from >= to {
		return
	}
	if s.depth >= maxDepth {
		s.text(r, from, to, -1)
		return
	}
	s.inner(r.src[from:to], r.lineAt(from))
}

// inner reads a text inside another one.
func (s *scanner) inner(src string, line int) {
	s.depth++
	r := &s.readers[s.depth]
	*r = reader{src: src, line: line}
	s.blocks(r)
	s.work += len(src) + r.memo.work
	s.depth--
}

// quote reads "> ..." with lazy continuation. The content is a copy without
// the marks, line for line.
func (s *scanner) quote(r *reader, start, at int) bool {
	var b strings.Builder
	pos := at
	if end := r.eol(at); skipSpace(r.src, at+1, end) == end {
		return false // a quote starts with text
	}
	for pos < len(r.src) {
		end := r.eol(pos)
		i := skipSpace(r.src, pos, end)
		marked := i < end && r.src[i] == '>'
		if marked {
			i = skipSpace(r.src, i+1, end)
		}
		if pos == at && i < end && r.src[i] == '>' {
			i = skipSpace(r.src, i+1, end) // of two marks on the first line one counts
		}
		line := r.src[i:end]
		if line == "" && !marked || line == "-" || line == "#" ||
			strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "id:: ") {
			break
		}
		b.WriteString(line)
		b.WriteByte('\n')
		pos = end + 1
	}
	if pos == at {
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	line := r.lineAt(at)
	r.pos = pos
	content := b.String()
	if s.depth < maxDepth {
		s.inner(content, line)
	}
	return true
}

// listItem reads "* ", "+ " and "1. " items; the lines of an item that follow
// are indented and neither a bullet nor another item; an empty line ends it.
func (s *scanner) listItem(r *reader, start, at, end int) bool {
	body := listMark(r.src, at, end)
	if body < 0 {
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	pos := end + 1
	for pos < len(r.src) && isSpace(r.src[pos]) {
		e := r.eol(pos)
		i := skipSpace(r.src, pos, e)
		if i < e && r.src[i] == '-' && (i+1 == e || isSpace(r.src[i+1])) || listMark(r.src, i, e) >= 0 {
			break
		}
		pos = e + 1
	}
	s.item(r, body, min(pos, len(r.src)))
	r.pos = pos
	return true
}

// item reads the content of a list item: after its checkbox, without the
// indentation of its lines.
func (s *scanner) item(r *reader, from, to int) {
	if text := r.src[from:to]; len(text) > 2 && text[0] == '[' && text[2] == ']' && strings.IndexByte(" xX", text[1]) >= 0 {
		from += 3
	}
	text := strings.TrimSuffix(r.src[from:to], "\n")
	if s.depth >= maxDepth || strings.IndexByte(text, '\n') < 0 {
		s.nested(r, from, from+len(text))
		return
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, " \t"))
	}
	s.inner(b.String(), r.lineAt(from))
}

// listMark returns the offset after the mark of a list item, -1 if there is none.
func listMark(src string, at, end int) int {
	i := at
	for i < end && '0' <= src[i] && src[i] <= '9' {
		i++
	}
	switch {
	case i > at:
		if i >= end || src[i] != '.' {
			return -1
		}
	case i >= end || src[i] != '*' && src[i] != '+':
		return -1
	}
	i++
	if i >= end || !isSpace(src[i]) {
		return -1
	}
	return skipSpace(src, i, end)
}

// tableRow reads "| a | b |" cell by cell: a cell is a text of its own.
func (s *scanner) tableRow(r *reader, start, at, end int) bool {
	last := end
	for last > at && isSpace(r.src[last-1]) {
		last--
	}
	if last-at < 2 || r.src[last-1] != '|' {
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	for cell := at + 1; cell < last; {
		stop := s.cellEnd(r.src, cell, last)
		s.text(r, cell, cell+len(strings.TrimRight(r.src[cell:stop], " \t")), -1)
		cell = stop + 1
	}
	r.pos = end + 1
	return true
}

// cellEnd returns the offset of the "|" that ends a cell. In mldoc each one does;
// where "|" shows a page under another name, one in a reference does not, nor one
// behind the backslash that other tools want there.
func (s *scanner) cellEnd(src string, at, last int) int {
	if s.opts.PipeIsPage {
		return at + strings.IndexByte(src[at:last], '|')
	}
	closed := true
	for i := at; i < last; i++ {
		switch src[i] {
		case '|':
			return i
		case '\\':
			i++
		case '[':
			if closed && strings.HasPrefix(src[i:last], "[[") {
				n := strings.Index(src[i:last], "]]")
				closed = n >= 0
				i += max(n, 0)
			}
		}
	}
	return last - 1
}

// footnote reads "[^name]: text" and the lines that go on: those that begin
// with neither a heading, a list item nor a bracket.
func (s *scanner) footnote(r *reader, start, at, end int) bool {
	src := r.src
	i := strings.IndexByte(src[at:end], ']')
	if i <= 2 || at+i+1 >= end || src[at+i+1] != ':' || strings.ContainsAny(src[at:at+i], " \t") {
		return false
	}
	from := skipSpace(src, at+i+2, end)
	stop := from
	for pos := from; pos < len(src); {
		e := r.eol(pos)
		first := skipSpace(src, pos, e)
		if e-first < 2 || strings.IndexByte("-*#[", src[first]) >= 0 {
			break
		}
		stop = e
		pos = e + 1
	}
	if stop == from {
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	s.text(r, from, stop, -1)
	r.pos = stop + 1
	return true
}

// hiccupBlock skips a hiccup element at the start of a line.
func (s *scanner) hiccupBlock(r *reader, start, at, end int) bool {
	if !strings.HasPrefix(r.src[at:end], "[:") {
		return false
	}
	if r.noHiccup || hiccupName(r.src, at, end) < 0 {
		return false
	}
	stop := hiccup(r.src, at, len(r.src))
	if stop < 0 {
		r.noHiccup = true
		return false
	}
	s.skip(r, start, stop)
	return true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
