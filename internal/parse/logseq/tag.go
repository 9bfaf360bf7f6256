package logseq

import "strings"

// tag reads #tag, #[[multi word]] and #a[[b c]]d. It follows mldoc in where a
// tag ends and takes everything it takes; what is no tag of the author's intent
// is left out by [isTag].
func (in *inline) tag(i, end int) int {
	src := in.src
	j := i + 1
	for j < end {
		c := src[j]
		if c == '[' && j+1 < end && src[j+1] == '[' {
			if stop := in.pageRefEnd(j, end); stop > 0 {
				j = stop
				continue
			}
		}
		if isSpace(c) || c == '\n' || c == ',' || c == '#' || strings.HasPrefix(src[j:end], "，") {
			break
		}
		j++
	}
	stop := j
	for stop > i+1 && strings.IndexByte(".,;:!?'\"", src[stop-1]) >= 0 {
		stop--
	}
	if stop == i+1 {
		return -1
	}
	name := src[i+1 : stop]
	if strings.HasPrefix(name, "[[") && strings.Index(name, "]]") == len(name)-2 && len(name) > 4 {
		name = strings.TrimSpace(name[2 : len(name)-2])
		in.addTag(name, i)
		return stop
	}
	if isBoundary(src, i) {
		if name = trimClosing(name); isTag(name) {
			in.addTag(name, i)
		}
	}
	return stop
}

func (in *inline) addTag(name string, at int) {
	if name == "" || len(name) > maxNameBytes {
		return
	}
	in.add(Reference{Kind: RefTag, Target: name}, at)
}

// isBoundary reports whether a tag may start at i: at the start of a word, not
// in the middle of one ("C#", "page#section").
func isBoundary(src string, i int) bool {
	if i == 0 {
		return true
	}
	c := src[i-1]
	if (c == '"' || c == '\'') && i > 1 && src[i-2] == '=' {
		return false // href="#fragment"
	}
	return isSpace(c) || c == '\n' || strings.IndexByte("([{\"'|>,;*_", c) >= 0 || c >= 0x80
}

// trimClosing cuts a name at a closing bracket that it does not open, so that
// "(see #tag)" tags "tag".
func trimClosing(name string) string {
	var open [3]int
	for i := range len(name) {
		if k := strings.IndexByte("([{", name[i]); k >= 0 {
			open[k]++
		} else if k := strings.IndexByte(")]}", name[i]); k >= 0 {
			if open[k]--; open[k] < 0 {
				return strings.TrimRight(name[:i], ".,;:!?'\"")
			}
		}
	}
	return name
}

// isTag tells a tag that somebody meant from a "#" that stands for something
// else: an issue number (#9920), a colour (#fff, #FFD700), a CSS or URL
// fragment (#.class, #{x}), punctuation.
func isTag(name string) bool {
	if name == "" || class[name[0]]&classPunct != 0 && name[0] != '_' {
		return false
	}
	return !isNumeric(name) && !isColour(name)
}

// isNumeric reports whether the name has no letter: #1, #3/2025, #12:30.
func isNumeric(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c >= 0x80 || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' {
			return false
		}
	}
	return true
}

// isColour reports whether the name is a hexadecimal colour of 3, 4, 6 or 8
// digits. Without a decimal digit it must repeat one letter (#fff), because
// #add and #facade are words.
func isColour(name string) bool {
	switch len(name) {
	case 3, 4, 6, 8:
	default:
		return false
	}
	digit, same := false, true
	for i := range len(name) {
		c := name[i] | 0x20
		switch {
		case '0' <= name[i] && name[i] <= '9':
			digit = true
		case c < 'a' || c > 'f':
			return false
		}
		same = same && c == name[0]|0x20
	}
	return digit || same
}
