package repoconfig

import "strings"

// ednValue is one value of an EDN file, as far as a configuration needs it.
type ednValue struct {
	kind ednKind
	text string // of a string, keyword (with ":"), symbol or number
	list []ednValue
	line int
}

type ednKind uint8

const (
	ednAtom   ednKind = iota // symbol, number, character, nil, true, false
	ednString                // "..." and #"..."
	ednKeyword
	ednSeq // list, vector, set
	ednMap // list holds keys and values in turn
)

// ednReader reads EDN as Logseq's config.edn uses it: comments, discards (#_),
// sets (#{}), regular expressions (#"") and tagged values. It is tolerant: what
// is not closed ends at the end of the file.
type ednReader struct {
	src    string
	pos    int
	line   int
	depth  int
	broken int // line of the first syntax error, 0 if none
}

const maxEDNDepth = 64

// next returns the next value; ok is false at the end of the enclosing list or
// of the file.
func (r *ednReader) next() (v ednValue, ok bool) {
	for {
		r.blank()
		if r.pos >= len(r.src) {
			return v, false
		}
		v = ednValue{line: r.line}
		switch c := r.src[r.pos]; c {
		case ')', ']', '}':
			return v, false
		case '(', '[':
			v.kind = ednSeq
			v.list = r.list(c)
			return v, true
		case '{':
			v.kind = ednMap
			v.list = r.list(c)
			return v, true
		case '"':
			v.kind, v.text = ednString, r.str()
			return v, true
		case '\'', '`', '~', '^', '@':
			r.pos++ // reader marks before a value
		case '#':
			if done, v := r.dispatch(); done {
				return v, true
			}
		default:
			v.text = r.atom()
			if strings.HasPrefix(v.text, ":") {
				v.kind = ednKeyword
			}
			return v, true
		}
	}
}

// dispatch reads what follows "#": a set, a regular expression, a discard or a
// tag. It reports false if that leaves no value.
func (r *ednReader) dispatch() (bool, ednValue) {
	v := ednValue{line: r.line}
	rest := r.src[r.pos+1:]
	switch {
	case strings.HasPrefix(rest, "{"):
		r.pos++
		v.kind, v.list = ednSeq, r.list('{')
		return true, v
	case strings.HasPrefix(rest, `"`):
		r.pos++
		v.kind, v.text = ednString, r.str()
		return true, v
	case strings.HasPrefix(rest, "_"):
		r.pos += 2
		if r.depth++; r.depth < maxEDNDepth {
			r.next()
		}
		r.depth--
	default:
		r.pos++
		r.atom()
	}
	return false, v
}

// list reads values up to the closing bracket.
func (r *ednReader) list(open byte) []ednValue {
	line := r.line
	r.pos++
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxEDNDepth {
		r.fail(line)
		r.pos = len(r.src)
		return nil
	}
	want := map[byte]byte{'(': ')', '[': ']', '{': '}'}[open]
	var values []ednValue
	for {
		v, ok := r.next()
		if ok {
			values = append(values, v)
			continue
		}
		if r.pos >= len(r.src) {
			r.fail(line)
			return values
		}
		if r.src[r.pos] != want {
			r.fail(r.line)
		}
		r.pos++
		return values
	}
}

func (r *ednReader) fail(line int) {
	if r.broken == 0 {
		r.broken = line
	}
}

// blank skips white space, commas and comments.
func (r *ednReader) blank() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case '\n':
			r.line++
		case ' ', '\t', '\r', '\f', ',':
		case ';':
			i := strings.IndexByte(r.src[r.pos:], '\n')
			if i < 0 {
				r.pos = len(r.src)
				return
			}
			r.pos += i
			continue
		default:
			return
		}
		r.pos++
	}
}

func (r *ednReader) str() string {
	line := r.line
	var b strings.Builder
	for r.pos++; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; c {
		case '"':
			r.pos++
			return b.String()
		case '\\':
			if r.pos+1 < len(r.src) {
				r.pos++
				b.WriteByte(unescape(r.src[r.pos]))
			}
		default:
			if c == '\n' {
				r.line++
			}
			b.WriteByte(c)
		}
	}
	r.fail(line)
	return b.String()
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return c
}

// atom reads a keyword, symbol, number or character.
func (r *ednReader) atom() string {
	start := r.pos
	for r.pos < len(r.src) && strings.IndexByte(" \t\r\n\f,()[]{}\";", r.src[r.pos]) < 0 {
		if r.src[r.pos] == '\\' && r.pos+1 < len(r.src) && r.src[r.pos+1] < 0x80 && r.src[r.pos+1] != '\n' {
			r.pos++ // a character such as \( or \"
		}
		r.pos++
	}
	return r.src[start:r.pos]
}
