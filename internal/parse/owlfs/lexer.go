package owlfs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF     tokenKind = iota
	tokOpen              // (
	tokClose             // )
	tokEquals            // =
	tokIRI               // text without < and >
	tokName              // any run of name characters, numbers included
	tokString            // text without escapes
	tokLang              // @en
	tokCarets            // ^^
	tokInvalid           // anything else; text is what was found
)

// token is one lexical unit. Bol says that nothing but white space stands
// before it on its line; tight says that nothing stands between it and the
// token before it.
type token struct {
	kind  tokenKind
	bol   bool
	tight bool
	text  string
	at    place
}

// lexer cuts a source into tokens. "#" begins a comment where a token may
// start, so not inside <IRI#fragment>.
type lexer struct {
	src   string
	pos   int
	line  int
	start int // offset of the current line
	bol   bool

	unquoted int    // from this offset on no string is closed; 0 means not known
	scans    int    // how often a closing quotation mark was looked for in vain
	span     *place // the first string since this was cleared that goes over a line end
	odd      oddity // the first token of a Lisp style
}

func (l *lexer) place() place { return place{offset: l.pos, line: l.line, lineStart: l.start} }

// oddity is something that OWL does not write, and where it stands.
type oddity struct {
	what string
	at   place
}

// maxVainScans bounds how often the rest of a source is searched for a closing
// quotation mark that is not there.
const maxVainScans = 8

// rewind continues at the start of a line that was passed before.
func (l *lexer) rewind(to place) {
	l.pos, l.line, l.start, l.bol = to.offset, to.line, to.lineStart, to.offset == to.lineStart
}

func (l *lexer) next() token {
	before := l.pos
	l.skipSpace()
	t := token{bol: l.bol, tight: l.pos == before, at: l.place()}
	if l.pos >= len(l.src) {
		return t
	}
	l.bol = false
	switch l.src[l.pos] {
	case '(':
		l.pos++
		t.kind = tokOpen
		l.bol = t.bol // a Lisp head is at the beginning too
	case ')':
		l.pos++
		t.kind = tokClose
	case '=':
		l.pos++
		t.kind = tokEquals
	case '<':
		t.kind, t.text = l.iri()
	case '"':
		t.kind, t.text = l.quoted()
	case '@':
		t.kind, t.text = l.lang()
	case '^':
		t.kind, t.text = l.carets()
	default:
		t.kind, t.text = l.name()
	}
	return t
}

// skipSpace passes white space and comments.
func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			l.pos++
			l.line, l.start, l.bol = l.line+1, l.pos, true
		case c <= ' ':
			l.pos++
		case c == '#':
			l.skipLine()
		case c == ';', c == '/' && strings.HasPrefix(l.src[l.pos:], "//"):
			l.note("a comment starts with ';' or '//' instead of '#'")
			l.skipLine()
		case c == ',':
			l.note("a comma stands between arguments")
			l.pos++
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(l.src[l.pos:])
			if !unicode.IsSpace(r) && r != '\uFEFF' && r != '\u200B' {
				return
			}
			l.pos += size
		default:
			return
		}
	}
}

func (l *lexer) skipLine() {
	if i := strings.IndexByte(l.src[l.pos:], '\n'); i >= 0 {
		l.pos += i
		return
	}
	l.pos = len(l.src)
}

func (l *lexer) note(message string) {
	if l.odd.what == "" {
		l.odd = oddity{message, l.place()}
	}
}

// iri reads <...>; a "<" that is not closed before white space is invalid.
func (l *lexer) iri() (tokenKind, string) {
	for i := l.pos + 1; i < len(l.src); i++ {
		c := l.src[i]
		if c == '>' && i > l.pos+1 {
			text := l.src[l.pos+1 : i]
			l.pos = i + 1
			return tokIRI, text
		}
		if c <= ' ' || c == '<' || c == '>' || c == '"' {
			break
		}
	}
	return l.invalid(1)
}

func (l *lexer) invalid(size int) (tokenKind, string) {
	text := l.src[l.pos : l.pos+size]
	l.pos += size
	return tokInvalid, text
}

// quoted reads a quotedString. Without a closing quotation mark it is invalid
// to the end of the line.
func (l *lexer) quoted() (tokenKind, string) {
	if (l.unquoted == 0 || l.pos < l.unquoted) && l.scans < maxVainScans {
		if end := closingQuote(l.src, l.pos+1); end >= 0 {
			raw, from := l.src[l.pos+1:end], l.place()
			l.pos = end + 1
			l.countLines(from, raw)
			return tokString, unescape(raw)
		}
		l.unquoted, l.scans = l.pos, l.scans+1
	}
	from := l.pos
	l.skipLine()
	return tokInvalid, l.src[from:l.pos]
}

// countLines keeps the line number right after a string that begins at from.
func (l *lexer) countLines(from place, raw string) {
	n := strings.Count(raw, "\n")
	if n == 0 {
		return
	}
	l.line += n
	l.start = from.offset + 1 + strings.LastIndexByte(raw, '\n') + 1
	if l.span == nil {
		l.span = &from
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

// unescape resolves \" and \\, the only escapes there are; any other backslash
// stands for itself.
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

func (l *lexer) lang() (tokenKind, string) {
	end := l.pos + 1
	for end < len(l.src) && (isAlnum(l.src[end]) || l.src[end] == '-') {
		end++
	}
	if end == l.pos+1 {
		return l.invalid(1)
	}
	text := l.src[l.pos:end]
	l.pos = end
	return tokLang, text
}

func (l *lexer) carets() (tokenKind, string) {
	if strings.HasPrefix(l.src[l.pos:], "^^") {
		l.pos += 2
		return tokCarets, ""
	}
	return l.invalid(1)
}

// name reads a run of name characters. In an IRI without its angle brackets a
// "#" is part of the run.
func (l *lexer) name() (tokenKind, string) {
	from, absolute := l.pos, false
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if c < utf8.RuneSelf {
			if !isNameByte(c) && !(absolute && c == '#') {
				break
			}
			absolute = absolute || c == ':' && strings.HasPrefix(l.src[l.pos:], "://")
			l.pos++
			continue
		}
		r, size := utf8.DecodeRuneInString(l.src[l.pos:])
		if unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' {
			break
		}
		l.pos += size
	}
	if l.pos > from {
		return tokName, l.src[from:l.pos]
	}
	if l.src[from] == '\\' && from+1 < len(l.src) && l.src[from+1] < utf8.RuneSelf && l.src[from+1] != '\n' {
		return l.invalid(2) // an escaped quotation mark opens no string
	}
	return l.invalid(1)
}

// isNameByte is looser than PN_LOCAL of SPARQL: what else a name may hold is
// reported when the name is used. '#' and ';' begin comments, ',' separates.
func isNameByte(c byte) bool {
	return isAlnum(c) || strings.IndexByte("_-.:/+&'*!$~%?[]{}|`", c) >= 0
}

func isAlnum(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
}
