package manchester

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF     tokenKind = iota
	tokKeyword           // a word that ends in a colon; text is without the colon
	tokWord              // a name, a number or a word of the syntax
	tokIRI               // text without < and >
	tokString            // text without escapes
	tokSuffix            // @lang
	tokMark              // ( ) { } [ ] , ^^ < <= > >=
	tokInvalid           // anything else
)

// token is one lexical unit. Bol says that it is the first of its line.
type token struct {
	kind      tokenKind
	bol       bool
	text      string
	line      int
	offset    int
	lineStart int
}

// is says whether t is a word of the syntax. They are written in lower case;
// upper case is tolerated.
func (t token) is(word string) bool {
	return t.kind == tokWord && (t.text == word || len(t.text) == len(word) && t.text == strings.ToUpper(word))
}

type lexer struct {
	src       string
	pos       int
	line      int
	lineStart int
	bol       bool
	unquoted  bool // no closing quotation mark is left
	oddQuotes bool // a quotation mark is missing somewhere
	tokens    []token
}

// maxTokens bounds the memory that one block takes; real ones have a few
// hundred.
const maxTokens = 1 << 18

// scan cuts src into tokens, the last of which is tokEOF. It is not complete if
// src has more than maxTokens.
func scan(src string, line int) (tokens []token, complete bool) {
	l := &lexer{src: src, line: line, bol: true, oddQuotes: (strings.Count(src, `"`)-strings.Count(src, `\"`))%2 != 0, tokens: make([]token, 0, min(len(src)/6, maxTokens)+1)}
	more := l.skipSpace()
	for more && len(l.tokens) < maxTokens {
		l.token()
		more = l.skipSpace()
	}
	l.add(tokEOF, l.pos, "")
	return l.tokens, !more
}

// skipSpace passes white space and comments and says whether a token follows.
func (l *lexer) skipSpace() bool {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			l.pos++
			l.line, l.lineStart, l.bol = l.line+1, l.pos, true
		case c <= ' ':
			l.pos++
		case c == '#', c == '/' && strings.HasPrefix(l.src[l.pos:], "//"):
			if i := strings.IndexByte(l.src[l.pos:], '\n'); i >= 0 {
				l.pos += i
			} else {
				l.pos = len(l.src)
			}
		case c >= utf8.RuneSelf && l.wideSpace() > 0:
			l.pos += l.wideSpace()
		default:
			return true
		}
	}
	return false
}

// wideSpace is the size of a space outside ASCII at the current position.
func (l *lexer) wideSpace() int {
	r, size := utf8.DecodeRuneInString(l.src[l.pos:])
	if unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' {
		return size
	}
	return 0
}

func (l *lexer) add(kind tokenKind, from int, text string) {
	l.tokens = append(l.tokens, token{kind: kind, bol: l.bol, text: text, line: l.line, offset: from, lineStart: l.lineStart})
	l.bol = false
}

func (l *lexer) token() {
	from := l.pos
	switch c := l.src[from]; c {
	case '(', ')', '{', '}', '[', ']', ',':
		l.mark(1)
	case '<':
		if end := iriEnd(l.src[from+1:]); end > 0 {
			l.pos = from + 1 + end + 1
			l.add(tokIRI, from, l.src[from+1:from+1+end])
			return
		}
		l.comparison()
	case '>':
		l.comparison()
	case '"':
		l.quoted()
	case '@':
		l.lang()
	case '^':
		if strings.HasPrefix(l.src[from:], "^^") {
			l.mark(2)
			return
		}
		l.invalid()
	default:
		l.word()
	}
}

func (l *lexer) mark(size int) {
	l.pos += size
	l.add(tokMark, l.pos-size, l.src[l.pos-size:l.pos])
}

func (l *lexer) comparison() {
	if l.pos+1 < len(l.src) && l.src[l.pos+1] == '=' {
		l.mark(2)
		return
	}
	l.mark(1)
}

func (l *lexer) invalid() {
	_, size := utf8.DecodeRuneInString(l.src[l.pos:])
	l.pos += size
	l.add(tokInvalid, l.pos-size, l.src[l.pos-size:l.pos])
}

// iriEnd is the offset of the ">" that ends an IRI, or -1 where "<" is a sign
// of comparison.
func iriEnd(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '>':
			return i
		case c <= ' ' || c == '<' || c == '"', i == 0 && strings.IndexByte(",=+-0123456789", c) >= 0:
			return -1
		}
	}
	return -1
}

// quoted reads a string; without a closing quotation mark it is invalid to the
// end of the line. Where one mark is missing in the block, and the next one stands
// behind a line that begins a frame or a section, it is that of another string.
func (l *lexer) quoted() {
	from := l.pos
	end := -1
	if !l.unquoted {
		end = closingQuote(l.src, from+1)
	}
	if end < 0 {
		l.unquoted = true
		if i := strings.IndexByte(l.src[from:], '\n'); i >= 0 {
			l.pos += i
		} else {
			l.pos = len(l.src)
		}
		l.add(tokInvalid, from, l.src[from:l.pos])
		return
	}
	raw := l.src[from+1 : end]
	if i := strings.IndexByte(raw, '\n'); i >= 0 && l.oddQuotes && (HasFrame(raw[i:]) || hasSection(raw[i:])) {
		l.oddQuotes = false
		l.pos = from + 1 + i
		l.add(tokInvalid, from, l.src[from:l.pos])
		return
	}
	l.add(tokString, from, unescape(raw))
	l.pos = end + 1
	if n := strings.Count(raw, "\n"); n > 0 {
		l.line += n
		l.lineStart = from + 1 + strings.LastIndexByte(raw, '\n') + 1
	}
}

func closingQuote(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unescape resolves \" and \\, the only escapes there are.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (l *lexer) lang() {
	from := l.pos
	for l.pos++; l.pos < len(l.src) && (isAlnum(l.src[l.pos]) || l.src[l.pos] == '-'); {
		l.pos++
	}
	if l.pos == from+1 {
		l.pos = from
		l.invalid()
		return
	}
	l.add(tokSuffix, from, l.src[from:l.pos])
}

// word reads a run of name characters. A run that ends in a colon, other than
// the colon alone, is a keyword.
func (l *lexer) word() {
	from := l.pos
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if c >= utf8.RuneSelf && l.wideSpace() == 0 {
			_, size := utf8.DecodeRuneInString(l.src[l.pos:])
			l.pos += size
			continue
		}
		if c < utf8.RuneSelf && (isAlnum(c) || strings.IndexByte("_-.:/+&'*!$~%?", c) >= 0) {
			l.pos++
			continue
		}
		break
	}
	text := l.src[from:l.pos]
	if n := len(text) - 1; n > 0 && text[n] == '.' { // no name or number ends so
		l.pos--
		text = text[:n]
	}
	if i := strings.IndexByte(text, ':'); i > 0 && i < len(text)-1 && l.bol && (isFrameWord(text[:i]) || sectionWords[text[:i]]) {
		l.pos = from + i + 1 // the blank is forgotten
		text = text[:i+1]
	}
	switch {
	case text == "":
		l.invalid()
	case len(text) > 1 && text[len(text)-1] == ':':
		l.add(tokKeyword, from, text[:len(text)-1])
	default:
		l.add(tokWord, from, text)
	}
}

func isAlnum(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}
