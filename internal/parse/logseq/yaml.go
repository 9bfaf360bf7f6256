package logseq

import "strings"

// yamlLines reads the lines of front matter as the YAML that people write there,
// and as what they mean where it is none ("tags: #a", "title: a: b"): scalars,
// lists in brackets or of "- item" lines, and texts after "|" or ">". What is
// nested more deeply is left out.
type yamlLines struct {
	r        *reader
	pos, end int
}

// next returns the next line and its offset; false at the end.
func (y *yamlLines) next() (line string, at int, ok bool) {
	if y.pos >= y.end {
		return "", 0, false
	}
	at = y.pos
	e := min(y.r.eol(at), y.end)
	y.pos = e + 1
	return y.r.src[at:e], at, true
}

// value reads what follows "key:", on that line and below it. The members of a
// list stand between commas; one that holds a comma itself stands in brackets if
// the key takes such a list for page names.
func (y *yamlLines) value(rest string, names bool) string {
	rest = strings.TrimSpace(withoutComment(rest))
	switch {
	case rest == "":
		return joinItems(y.items(), names)
	case strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, ">"):
		if strings.Trim(rest, "|>+-0123456789") == "" {
			return y.folded(rest[0] == '|')
		}
	case strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, "[["):
		if text, ok := strings.CutSuffix(y.bracketed(rest), "]"); ok {
			return joinItems(splitItems(text[1:]), names)
		}
	}
	return unquote(rest)
}

// bracketed adds to the start of a list the lines up to the one that ends it.
func (y *yamlLines) bracketed(start string) string {
	var b strings.Builder
	for line := start; ; {
		b.WriteString(line)
		if strings.HasSuffix(line, "]") || !y.indented() {
			return b.String()
		}
		line, _, _ = y.next()
		line = " " + strings.TrimSpace(withoutComment(line))
	}
}

// indented reports whether the next line is blank, indented or closes a list.
func (y *yamlLines) indented() bool {
	return y.pos < y.end && (isSpace(y.r.src[y.pos]) || y.r.src[y.pos] == '\n' || y.r.src[y.pos] == ']')
}

// items reads the "- item" lines that follow, at any indentation, and passes
// what is nested in them.
func (y *yamlLines) items() []string {
	var list []string
	for y.pos < y.end {
		line := y.r.src[y.pos:min(y.r.eol(y.pos), y.end)]
		item, ok := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !ok && !y.indented() && strings.TrimSpace(line) != "-" {
			break
		}
		if ok {
			list = append(list, unquote(strings.TrimSpace(withoutComment(item))))
		}
		y.next()
	}
	return list
}

// folded reads the indented lines that follow: as they are, or as one line.
func (y *yamlLines) folded(keep bool) string {
	separator := " "
	if keep {
		separator = "\n"
	}
	var b strings.Builder
	for y.indented() {
		line, _, _ := y.next()
		b.WriteString(strings.TrimSpace(line))
		b.WriteString(separator)
	}
	return strings.TrimSpace(b.String())
}

// withoutComment cuts " # ..." off. A "#" that touches a word is a tag.
func withoutComment(line string) string {
	quote := byte(0)
	for i := range len(line) {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && opensScalar(line[:i]):
			quote = c
		case c == '#' && (i == 0 || isSpace(line[i-1])) && (i+1 == len(line) || isSpace(line[i+1])):
			return line[:i]
		}
	}
	return line
}

// opensScalar reports whether a quotation mark after before opens a quoted text
// rather than stands in a word.
func opensScalar(before string) bool {
	before = strings.TrimRight(before, " \t")
	return before == "" || strings.IndexByte("[,-:", before[len(before)-1]) >= 0
}

// splitItems cuts a list at the commas that stand in neither quotation marks nor
// brackets.
func splitItems(list string) []string {
	var items []string
	quote, depth, start := byte(0), 0, 0
	add := func(end int) {
		if item := unquote(strings.TrimSpace(list[start:end])); item != "" {
			items = append(items, item)
		}
	}
	for i := range len(list) {
		switch c := list[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && opensScalar(list[start:i]):
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth <= 0:
			add(i)
			start = i + 1
		}
	}
	add(len(list))
	return items
}

func joinItems(items []string, names bool) string {
	for i, item := range items {
		if names && strings.Contains(item, ",") && !strings.Contains(item, "[[") {
			items[i] = "[[" + item + "]]"
		}
	}
	return strings.Join(items, ", ")
}

func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
