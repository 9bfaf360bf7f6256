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
	if src[i+2] == '{' {
		if next := in.macroOf(i, 3, end); next > 0 {
			return next
		}
	}
	return in.macroOf(i, 2, end)
}

// macroOf reads a macro between width braces.
func (in *inline) macroOf(i, width, end int) int {
	src := in.src
	j := in.memo.find(src, "}", i+width, end)
	if j <= i+width || j > in.memo.lineEnd(src, i, end) || j+width > end || src[j:j+width] != "}}}"[:width] {
		return -1
	}
	body := src[i+width : j]
	n := strings.IndexAny(body, " (")
	if n < 0 {
		n = len(body)
	}
	if n == 0 || !in.areArguments(i+width+n, j) {
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
		page := strings.TrimSpace(arguments[2 : n-2])
		if !s.opts.PipeIsPage && !strings.Contains(page, "[[") {
			page = BeforePipe(page) // as in ![[page|text]]
		}
		if page != "" {
			in.add(Reference{Kind: RefPage, Target: page, Embed: true}, at)
		}
	}
}

// areArguments reports whether each argument in src[i:end] that begins with a
// reference or a quotation mark ends with it, as mldoc demands.
func (in *inline) areArguments(i, end int) bool {
	src := in.src
	for i = skipSpace(src, i, end); i < end; {
		n := in.argumentMark(i, end)
		if rest := skipSpace(src, i+n, end); n > 0 && rest < end && src[rest] != ',' {
			return false
		}
		comma := strings.IndexByte(src[i+n:end], ',')
		if comma < 0 {
			return true
		}
		next := skipSpace(src, i+n+comma+1, end)
		if next == end || n+comma == 0 {
			return false
		}
		i = next
	}
	return true
}

// argumentMark returns the length of the reference or quoted text that starts
// at i, 0 if there is none.
func (in *inline) argumentMark(i, end int) int {
	src := in.src[i:end]
	switch {
	case strings.HasPrefix(src, "[["):
		if stop := in.pairs.double(in.src, i, end, in.limit); stop > 0 && in.isNested(i, stop) {
			return stop - i
		}
		return max(in.pageRefEnd(i, end)-i, 0)
	case strings.HasPrefix(src, "(("):
		if j := strings.IndexByte(src[2:], ')'); j > 0 && strings.HasPrefix(src[2+j:], "))") {
			return j + 4
		}
	case src[0] == '"':
		if j := strings.IndexByte(src[1:], '"'); j > 0 {
			return j + 2
		}
	}
	return 0
}
