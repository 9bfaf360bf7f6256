package manchester

import "strings"

// HasFrame reports whether some line of src begins a frame, such as "Class:". It
// is cheap and does not parse.
func HasFrame(src string) bool {
	for line := range strings.Lines(src) {
		word, _, found := strings.Cut(strings.TrimLeft(line, " \t"), ":")
		if _, known := frames[strings.TrimRight(word, " ")]; found && known {
			return true
		}
	}
	return false
}
