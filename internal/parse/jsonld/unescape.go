package jsonld

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape decodes the escapes of a JSON string that the scanner accepted
// (RFC 8259, section 7). A surrogate without its partner becomes U+FFFD.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			var r rune
			r, s = escapedRune(s)
			b.WriteRune(r)
		default:
			b.WriteByte(c)
		}
	}
}

// escapedRune decodes the hexadecimal digits after \u, and the second half of a
// surrogate pair.
func escapedRune(s string) (rune, string) {
	r, s := hex4(s)
	if !utf16.IsSurrogate(r) {
		return r, s
	}
	if strings.HasPrefix(s, `\u`) {
		second, rest := hex4(s[2:])
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, rest
		}
	}
	return utf8.RuneError, s
}

func hex4(s string) (rune, string) {
	if len(s) < 4 {
		return utf8.RuneError, ""
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	if err != nil {
		return utf8.RuneError, s[4:]
	}
	return rune(n), s[4:]
}
