package owlfs

import (
	"strings"
	"unicode/utf8"
)

type nameClass uint8

const (
	notAName      nameClass = iota
	prefixedName            // prefix:name
	oddName                 // prefix:name with characters that PN_LOCAL has not
	bareName                // a word without a prefix
	anonymousName           // _:name
	absoluteName            // http://..., angle brackets forgotten
	numberName              // digits, with a sign, a fraction or an exponent
)

// classifyName says what a run of name characters is. PN_LOCAL is that of
// SPARQL 1.0, which the Structural Specification refers to, plus the colon of
// SPARQL 1.1; any character outside ASCII is taken for a letter.
func classifyName(s string) nameClass {
	colon := strings.IndexByte(s, ':')
	switch {
	case colon < 0 && isNumber(s):
		return numberName
	case colon < 0 && (isLetter(s[0]) || s[0] == '_'):
		return bareName
	case colon < 0:
		return notAName
	case strings.HasPrefix(s, "_:") && len(s) > 2:
		return anonymousName
	case strings.HasPrefix(s[colon:], "://") && colon > 0:
		return absoluteName
	case colon > 0 && !isAlnum(s[0]) && s[0] < utf8.RuneSelf && s[0] != '_':
		return notAName
	case colon > 0 && !isLetter(s[0]):
		return oddName
	}
	for i := range len(s) {
		if c := s[i]; c != ':' && !isNamePart(c) {
			return oddName
		}
	}
	return prefixedName
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf }
func isNamePart(c byte) bool {
	return isAlnum(c) || c >= utf8.RuneSelf || c == '_' || c == '-' || c == '.'
}

// isNumber accepts the lexical forms of xsd:integer, xsd:decimal and
// xsd:double that are written in digits.
func isNumber(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '.' || c == '-' || c == '+':
		case (c == 'e' || c == 'E') && digits > 0:
		default:
			return false
		}
	}
	return digits > 0
}
