package logseq

// Character classes of mldoc's inline grammar, one bit each.
const (
	classDelim = 1 << iota // ends a run of plain text
	classSpace             // blank, tab, form feed, SUB
	classAlnum             // ASCII letter or digit: may start a bare URL
	classUnder             // punctuation or space beside which _ is emphasis
	classPunct             // ASCII punctuation: may be escaped by a backslash
)

var class = buildClasses()

func buildClasses() (t [256]uint8) {
	mark := func(chars string, bit uint8) {
		for i := range len(chars) {
			t[chars[i]] |= bit
		}
	}
	const punct = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	mark("\\_^[*~`=$# \t\n\r\f", classDelim)
	mark(" \t\x1a\f", classSpace)
	mark(punct, classPunct|classUnder)
	mark(" \t\n\r\f", classUnder)
	mark("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", classAlnum)
	return t
}

func isSpace(c byte) bool { return class[c]&classSpace != 0 }

// skipSpace returns the first offset from pos on, before end, that is not blank.
func skipSpace(s string, pos, end int) int {
	for pos < end && isSpace(s[pos]) {
		pos++
	}
	return pos
}

func blank(s string) bool { return skipSpace(s, 0, len(s)) == len(s) }
