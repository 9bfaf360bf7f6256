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

// listKey says what lists the value of a key may be without looking like one.
type listKey struct {
	names bool // of page names: a member that holds a comma stands in brackets
	words bool // of words between blanks
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
// list stand between commas.
func (y *yamlLines) value(first part, key listKey) yamlText {
	rest := strings.TrimSpace(withoutComment(first.text))
	if rest == "" {
		var ok bool
		if first, ok = y.below(0); !ok {
			return joinItems(y.items(), key)
		}
		rest = first.text
	}
	first.text = rest
	if strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, "[[") {
		start := y.pos
		if list, ok := y.bracketed(first); ok {
			if items, ok := splitItems(list); ok {
				return joinItems(items, key)
			}
		}
		y.pos = start
	}
	text := y.scalar(first, 0)
	if key.words {
		if words := text.words(); words != nil {
			return joinItems(words, key)
		}
	}
	return text
}

// below returns the first line of a scalar that begins below its key or dash.
func (y *yamlLines) below(indent int) (part, bool) {
	start := y.pos
	for {
		line, _, ok := y.deeper(indent)
		if !ok {
			break
		}
		line.text = strings.TrimSpace(withoutComment(line.text))
		if line.text == "" {
			continue
		}
		if isItem(line.text) || isPair(line.text) {
			break
		}
		return line, true
	}
	y.pos = start
	return part{}, false
}

// bracketed reads a list in brackets, up to the line that ends with the last one.
// It returns what stands between them.
func (y *yamlLines) bracketed(first part) (yamlText, bool) {
	list := yamlText{{first.text[1:], first.line}}
	for {
		last := &list[len(list)-1]
		if text, ok := strings.CutSuffix(last.text, "]"); ok {
			last.text = text
			return list, true
		}
		if !y.indented() {
			return nil, false
		}
		line, at, _ := y.next()
		list = append(list, part{" " + strings.TrimSpace(withoutComment(line)), y.r.lineAt(at)})
	}
}

// indented reports whether the next line is blank, indented or closes a list.
func (y *yamlLines) indented() bool {
	return y.pos < y.end && (isSpace(y.r.src[y.pos]) || y.r.src[y.pos] == '\n' || y.r.src[y.pos] == ']')
}

// items reads the "- item" lines that follow, at any indentation, and passes
// what is nested in them.
func (y *yamlLines) items() []yamlText {
	var list []yamlText
	for y.pos < y.end {
		line := y.r.src[y.pos:min(y.r.eol(y.pos), y.end)]
		text := strings.TrimSpace(line)
		if !isItem(text) && !y.indented() {
			break
		}
		at := y.pos
		y.next()
		if isItem(text) {
			text = strings.TrimSpace(withoutComment(text[1:]))
			list = append(list, y.item(part{text, y.r.lineAt(at)}, skipSpace(line, 0, len(line))))
		}
	}
	return list
}

// item reads a member whose dash is indented by indent.
func (y *yamlLines) item(first part, indent int) yamlText {
	if first.text == "" {
		var ok bool
		if first, ok = y.below(indent); !ok {
			return nil
		}
	}
	return y.scalar(first, indent)
}

func isItem(line string) bool { return line == "-" || strings.HasPrefix(line, "- ") }

// isPair reports whether a line is "key: value" rather than text.
func isPair(line string) bool {
	if line[0] == '"' || line[0] == '\'' {
		return false
	}
	i := strings.Index(line, ": ")
	if i < 0 && strings.HasSuffix(line, ":") {
		i = len(line) - 1
	}
	return i > 0 && !strings.Contains(line[:i], "[")
}

// withoutComment cuts " # ..." off. A "#" that touches a word is a tag.
func withoutComment(line string) string {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case (c == '"' || c == '\'') && opensScalar(line[:i]):
			n := quoteEnd(line[i+1:], c)
			if n < 0 {
				return line
			}
			i += 1 + n
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
// brackets. It reports false if the list ends before its text does, which is then
// none: "[label](url) and [[page]]".
func splitItems(rest yamlText) (items []yamlText, ok bool) {
	list := rest.String()
	depth, start := 0, 0
	add := func(end int) {
		var item yamlText
		item, rest = rest.cut(end - start)
		items = append(items, item.trim().unquote())
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case (c == '"' || c == '\'') && opensScalar(list[start:i]):
			n := quoteEnd(list[i+1:], c)
			if n < 0 {
				n = len(list)
			}
			i += 1 + n
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth--; depth < 0 {
				return nil, false
			}
		case c == ',' && depth == 0:
			add(i)
			rest[0].text = rest[0].text[1:]
			start = i + 1
		}
	}
	add(len(list))
	return items, true
}

// joinItems makes a list of what its members say.
func joinItems(items []yamlText, key listKey) yamlText {
	list := make(yamlText, 0, 2*len(items))
	for _, item := range items {
		text := item.String()
		if text == "" {
			continue
		}
		line := item[0].line
		if len(list) > 0 {
			list = append(list, part{", ", line})
		}
		if key.names && strings.Contains(text, ",") && !strings.Contains(text, "[[") {
			item = append(append(yamlText{{"[[", line}}, item...), part{"]]", line})
		}
		list = append(list, item...)
	}
	return list
}
