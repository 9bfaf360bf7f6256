package logseq

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// frontMatter reads a YAML header into page properties and returns the offset
// after it, 0 if there is none. An empty header is one too.
func (s *scanner) frontMatter(src string) int {
	if !strings.HasPrefix(src, "---\n") {
		return 0
	}
	end := strings.Index(src[3:], "\n---")
	if end < 0 {
		return 0
	}
	end += 3 // of an empty header, the end of the first line
	after := end + len("\n---")
	if i := strings.IndexByte(src[after:], '\n'); i >= 0 {
		if !blank(src[after : after+i]) {
			return 0
		}
		after += i + 1
	} else if !blank(src[after:]) {
		return 0
	} else {
		after = len(src)
	}
	r := &reader{src: src, line: 1}
	if !s.frontMatterLines(r, 4, end) {
		return 0
	}
	return after
}

// frontMatterLines reports false if there are lines and none looks like "key:".
func (s *scanner) frontMatterLines(r *reader, pos, end int) bool {
	header := yamlLines{r: r, pos: pos, end: end}
	found := false
	var values []yamlText
	for {
		line, at, ok := header.next()
		if !ok {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		name := strings.TrimSpace(key)
		if !ok || name == "" || isSpace(key[0]) || key[0] == '#' {
			continue
		}
		found = true
		p := Property{RawKey: name, Line: r.lineAt(at), Page: true}
		p.Key = frontMatterKey(p.RawKey)
		text := header.value(part{value, p.Line}, listKey{names: s.isCommaKey(p.Key), words: p.Key == "tags" && s.opts.NoGraph})
		p.Value = text.String()
		if s.addProperty(p) >= 0 {
			values = append(values, text)
		}
	}
	if !found && !blank(strings.ReplaceAll(r.src[pos:max(end, pos)], "\n", " ")) {
		s.note(1, diag.LogseqBadFrontMatter,
			"the block between the --- lines has no \"key: value\" line and is read as text: add one, or write *** for a rule")
		return false
	}
	for i, text := range values {
		p := &s.out.Properties[i]
		in := &reader{src: p.Value, line: p.Line, places: text.places(p.Line)}
		s.propertyRefs(in, 0, len(p.Value), i)
	}
	return true
}

// frontMatterKey also maps the plural that other tools use to Logseq's name.
func frontMatterKey(raw string) string {
	switch key := normalKey(raw); key {
	case "aliases":
		return "alias"
	case "tag":
		return "tags"
	default:
		return key
	}
}
