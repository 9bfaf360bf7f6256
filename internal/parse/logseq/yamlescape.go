package logseq

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// yamlEscapes are the escapes of one character (YAML 1.2, 5.7), but for \0: no
// text holds NUL.
var yamlEscapes = map[byte]string{
	'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b", ' ': " ",
	'"': "\"", '/': "/", '\\': "\\", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// unescapeYAML decodes the backslash escapes of a text in double quotes, with
// JSON's pairs of \u for what lies beyond 16 bits. It reports false if one is none.
func unescapeYAML(s string) (string, bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			if b.Len() == 0 {
				return s, true
			}
			b.WriteString(s)
			return b.String(), true
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if s == "" {
			return "", false
		}
		if text, ok := yamlEscapes[s[0]]; ok {
			b.WriteString(text)
			s = s[1:]
			continue
		}
		r, n := codePoint(s)
		if n == 0 {
			return "", false
		}
		b.WriteRune(r)
		s = s[n:]
	}
}

// codePoint reads xXX, uXXXX, uXXXX\uXXXX or UXXXXXXXX at the start of s; n is 0 if
// that is no character of a text.
func codePoint(s string) (r rune, n int) {
	r, n = hexEscape(s)
	if utf16.IsSurrogate(r) && strings.HasPrefix(s[n:], `\u`) {
		low, m := hexEscape(s[n+1:])
		r, n = utf16.DecodeRune(r, low), n+1+m
		if r == utf8.RuneError {
			return 0, 0
		}
	}
	if r == 0 || !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, n
}

// hexEscape reads a character's number in the digits that the letter before it
// promises; n is 0 if they are not there.
func hexEscape(s string) (r rune, n int) {
	switch s[0] {
	case 'x':
		n = 3
	case 'u':
		n = 5
	case 'U':
		n = 9
	}
	if n == 0 || len(s) < n {
		return 0, 0
	}
	code, err := strconv.ParseUint(s[1:n], 16, 31)
	if err != nil {
		return 0, 0
	}
	return rune(code), n
}
