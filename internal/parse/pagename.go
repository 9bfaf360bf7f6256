package parse

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NameKey returns the identity of a page name: trimmed, Unicode NFC, lower
// case, without slashes at its ends (Logseq page-name-sanity-lc). Two names are
// the same page if and only if their keys are equal.
func NameKey(name string) string {
	name = strings.Trim(strings.TrimSpace(name), "/")
	if ascii(name) {
		return strings.ToLower(name)
	}
	// Lower-casing may denormalise (İ), so normalise last.
	return norm.NFC.String(strings.ToLower(norm.NFC.String(name)))
}

// Namespace returns the name of the parent page of a namespaced page name, ""
// if there is none.
func Namespace(name string) string {
	i := strings.LastIndexByte(name, '/')
	if i <= 0 || i == len(name)-1 {
		return ""
	}
	return name[:i]
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
