package logseq

import "strings"

// tag reads #tag, #[[multi word]] and #a[[b c]]d. It follows mldoc in where a
// tag ends and takes everything it takes; what is no tag of the author's intent
// is left out by [TagName], isBoundary and isShortColour.
func (in *inline) tag(i, end int) int {
	stop := in.tagEnd(i+1, end)
	if stop == i+1 {
		return -1
	}
	name := in.src[i+1 : stop]
	if inner, ok := bracketed(name); ok {
		in.addTag(strings.TrimSpace(inner), i)
		return stop
	}
	name = unescape(name)
	if in.s.opts.RawTags {
		in.addTag(name, i)
	} else if name, ok := TagName(name); ok && isBoundary(in.src, i) && !isShortColour(name, in.src, i) {
		in.addTag(name, i)
	}
	return stop
}

// tagEnd returns the end of the tag whose name starts at j: a blank, a comma, a
// quotation mark or "#!?:" ends it, a dot or semicolon only if nothing but
// punctuation stands between it and a blank.
func (in *inline) tagEnd(j, end int) int {
	src := in.src
	for j < end {
		switch c := src[j]; {
		case c == '[' && j+1 < end && src[j+1] == '[':
			if stop := in.pageRefEnd(j, end); stop > 0 {
				j = stop
				continue
			}
		case isSpace(c) || c == '\n' || strings.IndexByte(",#\"!?':", c) >= 0:
			return j
		case c == '.' || c == ';':
			k := in.marksEnd(j, end)
			if k == end || isSpace(src[k]) || src[k] == '\n' {
				return j
			}
		}
		j++
	}
	return j
}

// marksEnd returns the end of the run of punctuation marks that contains j.
func (in *inline) marksEnd(j, end int) int {
	if in.marks.from <= j && j < in.marks.to && in.marks.to <= end {
		return in.marks.to
	}
	k := j
	for k < end && strings.IndexByte(".;,!?'\":#", in.src[k]) >= 0 {
		k++
	}
	in.s.work += k - j
	in.marks = span{j, k}
	return k
}

// unescape drops the backslashes before punctuation.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && class[s[i+1]]&classPunct != 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// bracketed returns what stands between [[ and ]] if that is all of name.
func bracketed(name string) (inner string, ok bool) {
	n := len(name)
	if n > 4 && strings.HasPrefix(name, "[[") && strings.Index(name, "]]") == n-2 {
		return name[2 : n-2], true
	}
	return "", false
}

func (in *inline) addTag(name string, at int) {
	if name == "" || len(name) > maxNameBytes {
		return
	}
	in.add(Reference{Kind: RefTag, Target: name}, at)
}

// TagName returns the tag that an author means by what Logseq takes for one: up
// to a bracket that it does not open and to East Asian punctuation. Ok is false
// if nothing is left but a number, a colour or punctuation.
func TagName(raw string) (name string, ok bool) {
	name = trimClosing(raw)
	if i := strings.IndexAny(name, "，。！？；：、"); i >= 0 {
		name = name[:i]
	}
	name = strings.TrimRight(name, ".,;:!?'\"")
	return name, isTag(name)
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
				return name[:i]
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

// isColour reports whether the name is a hexadecimal colour whatever stands
// around it: 6 or 8 digits, or one letter again and again (#fff). Without a
// decimal digit others are words (#facade), with one a short name may be
// something else (#e2e), see [isShortColour].
func isColour(name string) bool {
	digits, same, ok := hexDigits(name)
	return ok && (same || digits > 0 && len(name) >= 6)
}

// isShortColour reports whether the name after the "#" at i, of 3 or 4 characters
// that mix letters and digits, is a colour. Mldoc takes all for tags; a colour
// needs the signs of CSS around it: a semicolon after it, or before it a quotation
// mark or the name of a property that takes colours. Right after ":" and "=" no
// tag starts at all.
func isShortColour(name, src string, i int) bool {
	if digits, _, ok := hexDigits(name); !ok || digits == 0 || len(name) > 4 {
		return false
	}
	quoted := i > 0 && (src[i-1] == '"' || src[i-1] == '\'')
	return quoted || strings.HasPrefix(src[i+1:], name+";") || endsWithColourKey(src[:i])
}

// endsWithColourKey reports whether text ends with "color: " or the like, as a
// declaration of CSS or as a property of a block.
func endsWithColourKey(text string) bool {
	text = strings.TrimRight(text[max(len(text)-40, 0):], " \t") // a line may be long and full of tags
	key := strings.TrimRight(text, ":")
	if key == text {
		return false
	}
	for _, name := range []string{"color", "colour", "background", "border", "fill", "stroke"} {
		if n := len(key) - len(name); n >= 0 && strings.EqualFold(key[n:], name) {
			return true
		}
	}
	return false
}

// hexDigits reports whether the name has the length and the characters of a
// colour, how many of them are decimal digits, and whether all are the same.
func hexDigits(name string) (decimal int, same, ok bool) {
	switch len(name) {
	case 3, 4, 6, 8:
	default:
		return 0, false, false
	}
	same = true
	for i := range len(name) {
		c := name[i] | 0x20
		switch {
		case '0' <= name[i] && name[i] <= '9':
			decimal++
		case c < 'a' || c > 'f':
			return 0, false, false
		}
		same = same && c == name[0]|0x20
	}
	return decimal, same, true
}
