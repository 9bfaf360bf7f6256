package logseq

import "strings"

// inline reads one text (a paragraph, a title, a cell, a property value) from
// left to right, as mldoc does: at each position the construct that the first
// character announces is tried, and what matches none is a run of plain text up
// to the next delimiter. So "(see [[A]])" holds a reference, while the tag in
// "http://host#tag" and anything inside code do not count.
type inline struct {
	s        *scanner
	r        *reader
	src      string
	property int

	memo  *searchMemo
	pairs pairs
	limit int // end of the text
	// unclosed remembers, by nesting and emphasis mark, where no closing mark
	// was found; refless, where no page reference was.
	unclosed [maxDepth + 1][9]span
	rescans  int // searches for emphasis that are not remembered
	refless  span
	marks    span // the last run of punctuation in a tag
	lastByte byte // last byte of plain text, decides whether _ is emphasis
	noHiccup int  // end of a text in which a hiccup element was not closed
	depth    int
}

// text reads r.src[from:to]. The references belong to the given property, or to
// running text if it is -1.
func (s *scanner) text(r *reader, from, to, property int) {
	if from >= to {
		return
	}
	in := &s.inl
	*in = inline{s: s, r: r, src: r.src, memo: &r.memo, pairs: in.pairs, limit: to, property: property}
	in.pairs.to = 0
	in.run(from, to)
	s.work += to - from
}

// run reads all inline constructs between i and end.
func (in *inline) run(i, end int) {
	src := in.src
	for i < end {
		next := -1
		switch src[i] {
		case '\n': // the byte before it decides whether _ is emphasis
			i++
			continue
		case ' ', '\t', '\r', '\f':
			in.lastByte = src[i]
			i++
			continue
		case '#':
			next = in.tag(i, end)
		case '*', '_', '~', '=', '^':
			next = in.emphasis(i, end)
		case '$':
			next = in.math(i, end)
		case '\\':
			next = in.backslash(i, end)
		case '[':
			next = in.bracket(i, end, true)
		case '<':
			next = in.angle(i, end)
		case '{':
			next = in.macro(i, end)
		case '!':
			if i+1 < end && src[i+1] == '[' {
				next = in.image(i, end)
			}
		case '@':
			next = in.exportSnippet(i, end)
		case '`':
			next = in.code(i, end)
		case '(':
			next = in.blockRef(i, end)
		}
		if next > i {
			i = next
			continue
		}
		i = in.plain(i, end)
	}
}

// plain takes one run of plain text, or one character that did not turn out to
// open anything, or a bare URL.
func (in *inline) plain(i, end int) int {
	src := in.src
	if class[src[i]]&classDelim != 0 {
		in.lastByte = src[i]
		return i + 1
	}
	j := i + 1
	// mldoc looks for a date instead where one may start, as in "SCHEDULED:".
	dated := strings.IndexByte("SCDscd", src[i]) >= 0
	for j < end && class[src[j]]&classDelim == 0 {
		if src[j] == ':' && !dated && j+2 < end && src[j+1] == '/' && src[j+2] == '/' && alnum(src[i:j]) {
			if stop := in.url(j+3, end); stop > 0 {
				return stop
			}
		}
		j++
	}
	in.lastByte = src[j-1]
	return j
}

func alnum(s string) bool {
	for i := range len(s) {
		if class[s[i]]&classAlnum == 0 {
			return false
		}
	}
	return s != ""
}

// url returns the end of the bare URL whose host starts at i, -1 if none does.
func (in *inline) url(i, end int) int {
	src := in.src
	host := i
	for i < end && !isSpace(src[i]) && strings.IndexByte("[]<>{}()\n/?#", src[i]) < 0 {
		i++
	}
	if i == host {
		return -1
	}
	if i == end || strings.IndexByte("/?#", src[i]) < 0 {
		return i
	}
	round, square := 0, 0
	for ; i < end && !isSpace(src[i]) && src[i] != '\n' && round >= 0 && square >= 0; i++ {
		switch src[i] {
		case '(':
			round++
		case ')':
			round--
		case '[':
			square++
		case ']':
			square--
		}
	}
	if round < 0 || square < 0 {
		return i - 1
	}
	return i
}

// backslash reads LaTeX \( \) and \[ \], an entity, or an escaped character.
func (in *inline) backslash(i, end int) int {
	if i+1 >= end {
		return -1
	}
	c := in.src[i+1]
	if c == '[' || c == '(' {
		mark := `\]`
		if c == '(' {
			mark = `\)`
		}
		if j := in.memo.find(in.src, mark, i+2, end); j > i+2 {
			return j + 2
		}
	}
	if class[c]&classPunct != 0 {
		in.lastByte = c
		return i + 2
	}
	j := i + 1
	for j < end && ('a' <= in.src[j]|0x20 && in.src[j]|0x20 <= 'z') {
		j++
	}
	if j > i+1 {
		return j
	}
	return -1
}

// math skips $x$ and $$x$$, both within one line.
func (in *inline) math(i, end int) int {
	src := in.src
	if i+2 >= end {
		return -1
	}
	lineEnd := in.memo.lineEnd(src, i+2, end)
	if src[i+1] == '$' {
		j := in.memo.find(src, "$", i+2, end)
		if j < 0 || j >= lineEnd || j+1 >= end || src[j+1] != '$' {
			return -1
		}
		return j + 2
	}
	if src[i+1] == ' ' {
		return -1
	}
	j := in.memo.find(src, "$", i+2, end)
	if j < 0 || j >= lineEnd || strings.IndexByte(" ([{", src[j-1]) >= 0 && j > i+2 {
		return -1
	}
	return j + 1
}

// code skips `code` within a line and “code“ with two ticks over several.
func (in *inline) code(i, end int) int {
	src := in.src
	if j := in.memo.find(src, "`", i+1, end); j > i+1 && j < in.memo.lineEnd(src, i, end) {
		return j + 1
	}
	if i+1 < end && src[i+1] == '`' {
		if j := in.memo.find(src, "``", i+2, end); j > 0 {
			return j + 2
		}
	}
	return -1
}

// angle skips <scheme:link>, raw HTML and <name@host>, whose ">" mldoc does not
// insist on.
func (in *inline) angle(i, end int) int {
	src := in.src
	j := i + 1
	for j < end && class[src[j]]&classAlnum != 0 {
		j++
	}
	if j > i+1 && j < end && src[j] == ':' {
		if k := in.memo.find(src, ">", j+1, end); k > j+1 && k < in.memo.spaceOrEOL(src, j+1, end) {
			return k + 1
		}
	}
	if next := in.r.html.htmlEnd(src, i, end); next > 0 {
		return next
	}
	stop := in.memo.spaceOrEOL(src, i, end)
	at := in.memo.find(src, "@", i+1, end)
	if at <= i+1 || at+1 >= stop || src[at+1] == '@' || strings.IndexByte(src[i+1:at], '<') >= 0 {
		return -1
	}
	for _, quote := range [...]string{"\"", "'"} {
		if j := in.memo.find(src, quote, at, end); j >= 0 && j < stop {
			return -1
		}
	}
	if close := in.memo.find(src, ">", i+1, end); close > 0 && close < stop {
		if close <= at+1 {
			return -1
		}
		return close + 1
	}
	return stop
}

// exportSnippet skips @@name: content@@ within a line.
func (in *inline) exportSnippet(i, end int) int {
	src := in.src
	if i+1 >= end || src[i+1] != '@' {
		return -1
	}
	colon := in.memo.find(src, ":", i+2, end)
	if colon <= i+2 || colon > in.memo.spaceOrEOL(src, i, end) || colon+1 >= end || src[colon+1] != ' ' {
		return -1
	}
	stop := in.memo.find(src, "@", colon+2, end)
	if stop <= colon+2 || stop+1 >= end || src[stop+1] != '@' || stop > in.memo.lineEnd(src, i, end) {
		return -1
	}
	return stop + 2
}

// hiccup returns the offset after the element [:tag ...] at src[at], -1 if it
// does not end before limit or its tag is not known.
func hiccup(src string, at, limit int) int {
	name := hiccupName(src, at, limit)
	if name < 0 {
		return -1
	}
	depth, quoted := 1, false
	for i := name; i < limit; i++ {
		switch src[i] {
		case '\\':
			if quoted || i+1 < limit && src[i+1] == '"' {
				i++
			}
		case '"':
			quoted = !quoted
		case '[':
			if i+1 < limit && src[i+1] == ':' {
				depth++
			}
		case ']':
			if !quoted {
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	return -1
}

// hiccupName returns the end of the name of the element at src[at], -1 if no
// element has that name.
func hiccupName(src string, at, limit int) int {
	name := at + 2
	for name < limit && name-at-2 <= maxTagName && !isSpace(src[name]) && strings.IndexByte("].#\n", src[name]) < 0 {
		name++
	}
	if name > limit || !knownTags[strings.ToLower(src[at+2:name])] {
		return -1
	}
	return name
}
