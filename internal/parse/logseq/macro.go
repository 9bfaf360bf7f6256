package logseq

import "strings"

// macro reads {{name arguments}} and {{{name arguments}}} within a line. Only
// {{embed}} refers to something; the arguments of a query are conditions.
// Property values are read for references inside macros instead, as in Logseq.
func (in *inline) macro(i, end int) int {
	src := in.src
	if in.property >= 0 || i+2 >= end || src[i+1] != '{' {
		return -1
	}
	width := 2
	if src[i+2] == '{' {
		width = 3
	}
	j := in.memo.find(src, "}", i+width, end)
	if j <= i+width || j > in.memo.lineEnd(src, i, end) || j+width > end || src[j:j+width] != "}}}"[:width] {
		return -1
	}
	body := src[i+width : j]
	n := strings.IndexAny(body, " (")
	if n < 0 {
		n = len(body)
	}
	if n == 0 {
		return -1
	}
	in.addMacro(body[:n], strings.TrimSpace(body[n:]), i)
	return j + width
}

func (in *inline) addMacro(name, arguments string, at int) {
	s := in.s
	line := in.r.lineAt(at)
	if !s.room(len(s.out.Macros), line) {
		return
	}
	s.out.Macros = append(s.out.Macros, Macro{Name: name, Arguments: arguments, Block: s.current(), Line: line})
	if !strings.EqualFold(name, "embed") {
		return
	}
	n := len(arguments)
	switch {
	case n > 4 && strings.HasPrefix(arguments, "((") && strings.HasSuffix(arguments, "))"):
		in.addBlock(arguments[2:n-2], at, true)
	case n > 4 && strings.HasPrefix(arguments, "[[") && strings.HasSuffix(arguments, "]]") && n <= maxNameBytes:
		in.add(Reference{Kind: RefPage, Target: strings.TrimSpace(arguments[2 : n-2]), Embed: true}, at)
	}
}
