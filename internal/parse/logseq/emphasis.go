package logseq

import "strings"

// emphasis reads *a*, **a**, ***a***, _a_, ~~a~~, ^^a^^ and ==a==, and the
// scripts _{a} and ^{a}. Inside, only emphasis and links count: no tags, no
// block references, no macros; in ***a*** and in property values nothing does,
// as in mldoc.
func (in *inline) emphasis(i, end int) int {
	src := in.src
	c := src[i]
	run := 1
	for run < 3 && i+run < end && src[i+run] == c {
		run++
	}
	switch c {
	case '*':
	case '_':
		if in.lastByte != 0 && class[in.lastByte]&classUnder == 0 {
			return in.script(i, end)
		}
	default:
		if run < 2 {
			return in.script(i, end)
		}
		run = 2
	}
	for n := run; n > 0; n-- {
		if n < 2 && c != '*' && c != '_' {
			break
		}
		if close := in.closing(i, n, end); close > 0 {
			if n < 3 && in.property < 0 {
				in.emphasised(i+n, close, c)
			}
			return close + n
		}
	}
	return in.script(i, end)
}

// script reads _{a} and ^{a}, whose content is plain.
func (in *inline) script(i, end int) int {
	src := in.src
	if src[i] != '_' && src[i] != '^' || i+2 >= end || src[i+1] != '{' {
		return -1
	}
	j := in.memo.find(src, "}", i+2, end)
	if j <= i+2 || j > in.memo.lineEnd(src, i, end) {
		return -1
	}
	return j + 1
}

// closing returns the offset of the mark of n characters that closes the one at
// i, -1 if there is none.
func (in *inline) closing(i, n, end int) int {
	src := in.src
	c := src[i]
	first := i + n
	if first >= end || class[src[first]]&classSpace != 0 || src[first] == '\n' {
		return -1
	}
	memo := &in.unclosed[in.depth][markSlot(c, n)]
	if memo.from <= i && i < memo.to && end == memo.to {
		return -1
	}
	j, from := first, i
	defer func() { in.s.work += j - first }()
	for ; j < end; j++ {
		switch b := src[j]; {
		case b == '\\' && j+1 < end && (src[j+1] == c || src[j+1] == '`'):
			j++
		case b == '`':
			if k := in.code(j, end); k > 0 {
				if strings.IndexByte(src[j:k], c) > 0 {
					from = k // a mark in the code may find its partner
				}
				j = k - 1
			} else {
				j = wordEnd(src, j+1, end, c) - 1
			}
		case b != c || j+n > end || src[j:j+n] != src[i:i+n]:
		case j == first && (c != '_' || j+n >= end || class[src[j+n]]&classUnder != 0):
			return -1 // empty
		case in.closes(c, n, j, end):
			return j
		default:
			j += n - 1
		}
	}
	if in.rescans++; in.rescans > maxMisses {
		from = i
	}
	*memo = span{from, end}
	return -1
}

// wordEnd returns the first blank or c from j on.
func wordEnd(src string, j, end int, c byte) int {
	for j < end && src[j] != c && !isSpace(src[j]) && src[j] != '\n' {
		if src[j] == '\\' && j+1 < end && src[j+1] == c {
			j++
		}
		j++
	}
	return min(j, end)
}

// closes decides whether the mark at j ends emphasis. After a blank it does so
// only before the same mark again or at the end of the text.
func (in *inline) closes(c byte, n, j, end int) bool {
	src := in.src
	if j+n >= end {
		return true
	}
	before, after := src[j-1], src[j+n]
	if !isSpace(before) && before != '\n' {
		return c != '_' || class[after]&classUnder != 0
	}
	switch {
	case after != c:
		return false
	case j+2*n > end:
		return true // too little is left for another mark
	case src[j+n:j+2*n] != src[j:j+n]:
		return false
	}
	return c != '_' || j+2*n == end || class[src[j+2*n]]&classUnder != 0
}

func markSlot(c byte, n int) int {
	switch c {
	case '*':
		return n - 1
	case '_':
		return n + 2
	case '~':
		return 6
	case '^':
		return 7
	default:
		return 8
	}
}

// emphasised reads the content of an emphasis with the mark c. Code cuts it
// into pieces, and of those only emphasis and links count.
func (in *inline) emphasised(i, end int, c byte) {
	if in.depth >= maxDepth || strings.IndexByte(in.src[i:end], '[') < 0 {
		return
	}
	in.depth++
	last := in.lastByte
	in.lastByte = 0 // inside, _ is emphasis in the middle of a word too
	for i < end {
		start, stop := in.nextCode(i, end, c)
		in.piece(i, start)
		i = stop
	}
	in.lastByte = last
	in.depth--
}

// nextCode returns where the next code between i and end starts and stops, end
// and end if there is none. A tick that opens no code takes the word after it
// along.
func (in *inline) nextCode(i, end int, c byte) (start, stop int) {
	src := in.src
	for j := i; j < end; j++ {
		switch {
		case src[j] == '\\' && j+1 < end && (src[j+1] == c || src[j+1] == '`'):
			j++
		case src[j] == '`':
			if stop := in.code(j, end); stop > 0 {
				return j, stop
			}
			j = wordEnd(src, j+1, end, c) - 1
		}
	}
	return end, end
}

// piece reads a part of an emphasis that holds no code.
func (in *inline) piece(i, end int) {
	src := in.src
	for i < end {
		next := -1
		switch src[i] {
		case '*', '_', '~', '=', '^':
			next = in.emphasis(i, end)
		case '[':
			next = in.bracket(i, end, false)
		case '\\':
			if i+1 < end && class[src[i+1]]&classPunct != 0 {
				next = i + 2
			}
		}
		if next <= i {
			next = i + 1
			for next < end && class[src[next]]&classDelim == 0 {
				next++
			}
		}
		i = next
	}
}
