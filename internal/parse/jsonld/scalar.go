package jsonld

import "github.com/kgsync/kgsync/internal/parse/diag"

// str reads a string and gives its bounds without the quotation marks.
func (s *scanner) str() (start, end int, escaped bool) {
	src, i := s.src, s.pos+1
	start = i
	for i < len(src) {
		switch c := src[i]; {
		case c == '"':
			s.pos = i + 1
			return start, i, escaped
		case c == '\\':
			n := escapeLength(src[i:])
			if n == 0 {
				s.pos = i
				s.fail(diag.JSONLDSyntax, `this is not valid JSON: a backslash starts no escape here; write \\ for a backslash`)
				return start, i, escaped
			}
			escaped = true
			i += n
		case c < ' ' && c != '\t':
			s.fail(diag.JSONLDSyntax, "this is not valid JSON: the text that starts here is not closed on its line; close it with a quotation mark")
			return start, i, escaped
		default:
			i++
		}
	}
	s.fail(diag.JSONLDSyntax, "this is not valid JSON: the text that starts here is never closed; close it with a quotation mark")
	return start, len(src), escaped
}

// escapeLength gives the length of the escape that s starts with, 0 if it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && isHex(s[2]) && isHex(s[3]) && isHex(s[4]) && isHex(s[5]) {
			return 6
		}
	}
	return 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func (s *scanner) number() {
	end := s.pos
	for end < len(s.src) && isNumeric(s.src[end]) {
		end++
	}
	if !validNumber(s.src[s.pos:end]) {
		s.unexpected("a number")
		return
	}
	if at := s.add(kindBare); at >= 0 {
		s.nodes[at].textStart, s.nodes[at].textEnd = int32(s.pos), int32(end)
	}
	s.pos = end
}

func isNumeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// validNumber checks the grammar of RFC 8259, section 6.
func validNumber(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	if s != "" && s[0] == '0' {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if s != "" && s[0] == '.' {
		s = s[1:]
		if !digits() {
			return false
		}
	}
	if s != "" && s[0]|0x20 == 'e' {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}
