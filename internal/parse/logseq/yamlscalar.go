package logseq

import "strings"

// scalar reads a scalar that begins with first, whose key or dash is indented by
// indent: in quotation marks, after "|" or ">", or plain.
func (y *yamlLines) scalar(first part, indent int) yamlText {
	switch c := first.text[0]; c {
	case '|', '>':
		if strings.Trim(first.text, "|>+-0123456789") == "" {
			return y.block(c == '|', indent)
		}
	case '"', '\'':
		if text, ok := y.quoted(first, indent); ok {
			return text
		}
	}
	return y.plain(first, indent)
}

// deeper returns the next line that is not blank, if it is indented by more than
// indent, and how many blank lines stand before it.
func (y *yamlLines) deeper(indent int) (line part, blanks int, ok bool) {
	src := y.r.src
	for pos := y.pos; pos < y.end; blanks++ {
		e := min(y.r.eol(pos), y.end)
		if at := skipSpace(src, pos, e); at < e {
			if at-pos <= indent {
				break
			}
			y.pos = e + 1
			return part{strings.TrimRight(src[at:e], " \t"), y.r.lineAt(pos)}, blanks, true
		}
		pos = e + 1
	}
	return part{}, 0, false
}

// fold is what stands for the end of a line in a scalar: a blank, or a line end
// for each blank line that follows (YAML 1.2, 6.5).
func fold(blanks int) string {
	if blanks == 0 {
		return " "
	}
	return strings.Repeat("\n", blanks)
}

// plain reads a scalar without quotation marks. Lines that are indented more
// deeply go on with it (YAML 1.2, 7.3.3), unless it or they are members or pairs:
// those are nested.
func (y *yamlLines) plain(first part, indent int) yamlText {
	text := yamlText{first}
	if isPair(first.text) {
		return text
	}
	for {
		start := y.pos
		line, blanks, ok := y.deeper(indent)
		if !ok {
			break
		}
		line.text = strings.TrimSpace(withoutComment(line.text))
		if line.text == "" {
			continue
		}
		if isItem(line.text) || isPair(line.text) {
			y.pos = start
			break
		}
		line.text = fold(blanks) + line.text
		text = append(text, line)
	}
	return text.unquote()
}

// quoted reads a scalar in quotation marks, over several lines too (YAML 1.2,
// 7.3.1 and 7.3.2). It reports false if the quotation does not end, or something
// stands behind it.
func (y *yamlLines) quoted(first part, indent int) (yamlText, bool) {
	quote, start := first.text[0], y.pos
	var text yamlText
	line, from, separator := first, 1, ""
	for ; ; from = 0 {
		if n := quoteEnd(line.text[from:], quote); n >= 0 {
			end := from + n + 1
			if strings.TrimSpace(withoutComment(line.text[end:])) != "" {
				break
			}
			text = append(text, part{separator + line.text[:end], line.line})
			return text.unquote(), true
		}
		escaped := quote == '"' && endsInBackslash(line.text)
		if escaped {
			line.text = line.text[:len(line.text)-1]
		}
		text = append(text, part{separator + line.text, line.line})
		next, blanks, ok := y.deeper(indent)
		if !ok {
			break
		}
		if separator = fold(blanks); escaped && blanks == 0 {
			separator = ""
		}
		line = next
	}
	y.pos = start
	return nil, false
}

// block reads the indented lines below "|" or ">": as they are, or as one line.
func (y *yamlLines) block(keep bool, indent int) yamlText {
	var text yamlText
	for {
		line, blanks, ok := y.deeper(indent)
		if !ok {
			return text
		}
		switch {
		case len(text) == 0:
		case keep:
			line.text = "\n" + strings.Repeat("\n", blanks) + line.text
		default:
			line.text = fold(blanks) + line.text
		}
		text = append(text, line)
	}
}

// quoteEnd returns the offset of the mark that ends the quotation in which text
// stands, -1 if none does.
func quoteEnd(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i
		}
	}
	return -1
}

// endsInBackslash reports whether a backslash that is not escaped itself ends text.
func endsInBackslash(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}
