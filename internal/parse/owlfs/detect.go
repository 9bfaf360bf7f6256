package owlfs

import "strings"

// LooksLikeOWL says whether some line of src begins with a statement of the
// functional-style syntax, in either form. It is cheap and neither validates
// nor parses: Clojure code, Logseq queries and prose say no.
func LooksLikeOWL(src string) bool {
	for src != "" {
		line := src
		if i := strings.IndexByte(src, '\n'); i >= 0 {
			line, src = src[:i], src[i+1:]
		} else {
			src = ""
		}
		if beginsStatement(line) {
			return true
		}
	}
	return false
}
