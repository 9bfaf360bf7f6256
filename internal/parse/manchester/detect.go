package manchester

import "strings"

// HasFrame reports whether some line of src begins a frame, such as "Class:" or
// "DisjointClasses:". It is cheap and does not parse.
func HasFrame(src string) bool {
	for line := range strings.Lines(src) {
		word, _, found := strings.Cut(strings.TrimLeft(line, " \t"), ":")
		if _, known := frameWord(strings.TrimRight(word, " ")); found && known {
			return true
		}
	}
	return false
}

// hasSection reports whether some line of src begins a section, such as
// "SubClassOf:".
func hasSection(src string) bool {
	for line := range strings.Lines(src) {
		if word, _, found := strings.Cut(strings.TrimLeft(line, " \t"), ":"); found && sectionWords[word] {
			return true
		}
	}
	return false
}
