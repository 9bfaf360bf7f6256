package logseq

import (
	"slices"
	"strings"
)

// property reads a run of one "key:: value" line. A key that contains a colon
// is recorded as foreign and its line stays part of the paragraph, because that
// is what it is to Logseq.
func (s *scanner) property(r *reader, start, at, end int) bool {
	if at >= r.noKey.from && at < r.noKey.end {
		return false
	}
	keyEnd, stop, colons := propertyKey(r.src, at, end)
	if keyEnd < 0 {
		r.noKey.from, r.noKey.end = at, stop
	}
	if keyEnd < 0 || start < r.literalEnd {
		return false
	}
	line := r.lineAt(at)
	p := Property{
		RawKey:  r.src[at:keyEnd],
		Value:   strings.TrimSpace(r.src[keyEnd+2 : end]),
		Block:   s.current(),
		Line:    line,
		Foreign: colons,
	}
	p.Key = normalKey(p.RawKey)
	after := end + 1
	if p.Value == "|" {
		if text, next := literal(r.src, start, end); text != "" {
			p.Value, p.Literal = text, true
			after, r.literalEnd = next, next
		}
	}
	if colons {
		p.Page = r.firstBlock && p.Block == 0
		s.addProperty(p)
		return false
	}
	s.flush(r, start)
	p.Page = r.firstBlock && p.Block == 0
	if i := s.addProperty(p); i >= 0 {
		if p.Literal {
			s.text(r, min(end+1, len(r.src)), min(after, len(r.src)), i)
		} else {
			s.propertyRefs(r, keyEnd+2, end, i)
		}
	}
	s.endRun(r, after, p.Page)
	return true
}

// addProperty returns the index of the new property, -1 if there is no room.
func (s *scanner) addProperty(p Property) int {
	if !s.room(len(s.out.Properties), p.Line) {
		return -1
	}
	i := len(s.out.Properties)
	if i == cap(s.out.Properties) { // doubled, because append grows large slices by a quarter only
		s.out.Properties = slices.Grow(s.out.Properties, max(i, 8))
	}
	s.out.Properties = append(s.out.Properties, p)
	s.out.Blocks[p.Block].endProperty = i + 1
	return i
}

// propertyKey returns the end of a key that "::" and a blank or the end of the
// line follow, -1 if there is none, and whether the key contains colons. None
// begins between at and stop if there is none at at: what ended the search ends
// theirs.
func propertyKey(src string, at, end int) (keyEnd, stop int, colons bool) {
	for i := at; i < end; i++ {
		c := src[i]
		if isSpace(c) {
			return -1, i, false
		}
		if c != ':' {
			continue
		}
		if i+1 < end && src[i+1] == ':' {
			if i == at || i+2 < end && src[i+2] != ' ' {
				return -1, i, false
			}
			return i, i, colons
		}
		if !keyByte(src, i-1, at) || i+1 >= end || class[src[i+1]]&classAlnum == 0 {
			return -1, i, false
		}
		colons = true
	}
	return -1, end, false
}

func keyByte(src string, i, at int) bool {
	return i >= at && (class[src[i]]&classAlnum != 0 || src[i] == '-' || src[i] == '_')
}

// normalKey is Logseq's reading of a property key.
func normalKey(raw string) string {
	plain := true
	for i := range len(raw) {
		c := raw[i]
		if 'A' <= c && c <= 'Z' || c >= 0x80 || strings.IndexByte("_ \"|^(){}", c) >= 0 {
			plain = false
			break
		}
	}
	key := raw
	if !plain {
		key = keyReplacer.Replace(strings.ToLower(raw))
	}
	if key == "custom-id" {
		return "id"
	}
	return key
}

var keyReplacer = strings.NewReplacer("_", "-", " ", "-",
	"\"", "", "|", "", "^", "", "(", "", ")", "", "{", "", "}", "")

// literal returns the lines after end that are indented more deeply than the
// key's line (blank lines included, trailing ones not) up to the next bullet,
// without their common indentation, and the offset after them.
func literal(src string, start, end int) (string, int) {
	start = strings.LastIndexByte(src[:start], '\n') + 1
	keyIndent := skipSpace(src, start, end) - start
	var b strings.Builder
	cut, pos, kept := -1, end+1, end+1
	for pos < len(src) {
		e := pos + len(src[pos:])
		if i := strings.IndexByte(src[pos:], '\n'); i >= 0 {
			e = pos + i
		}
		at := skipSpace(src, pos, e)
		if at < e {
			indent := at - pos
			if indent <= keyIndent || src[at] == '-' && (at+1 == e || isSpace(src[at+1])) {
				break
			}
			if cut < 0 {
				cut = indent
			}
			for ; kept < pos; kept++ {
				b.WriteByte('\n') // blank lines between
			}
			b.WriteString(src[pos+min(cut, indent) : e])
			b.WriteByte('\n')
			kept = e + 1
		} else {
			kept = min(kept, pos)
		}
		pos = e + 1
	}
	if kept > len(src) {
		kept = len(src)
	}
	return b.String(), max(kept, min(end+1, len(src)))
}

// propertyRefs reads the references in a property value. Logseq takes a value
// in double quotes literally.
func (s *scanner) propertyRefs(r *reader, from, end, property int) {
	from = skipSpace(r.src, from, end)
	for end > from && isSpace(r.src[end-1]) {
		end--
	}
	if from >= end {
		return
	}
	value := r.src[from:end]
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		return
	}
	p := &s.out.Properties[property]
	if s.isCommaKey(p.Key) {
		s.commaRefs(r, from, end, property)
	}
	if strings.ContainsAny(value, "[#(") {
		s.text(r, from, end, property)
	}
}

func (s *scanner) isCommaKey(key string) bool {
	if key == "tags" || key == "alias" {
		return true
	}
	for _, k := range s.opts.CommaKeys {
		if normalKey(strings.TrimPrefix(k, ":")) == key {
			return true
		}
	}
	return false
}

// commaRefs records the pages that a list names without brackets.
func (s *scanner) commaRefs(r *reader, from, to, property int) {
	value := r.src[from:to]
	depth, start := 0, 0
	add := func(end int) {
		part := strings.TrimSpace(value[start:end])
		if part != "" && part[0] != '#' && !strings.Contains(part, "[[") {
			at := from + start + strings.Index(value[start:end], part)
			s.addRef(Reference{Kind: RefProperty, Target: part, Line: r.lineAt(at), Property: property})
		}
	}
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth > 0:
		case c == ',':
			add(i)
			start = i + 1
		case strings.HasPrefix(value[i:], "，"):
			add(i)
			i += len("，") - 1
			start = i + 1
		}
	}
	add(len(value))
}
