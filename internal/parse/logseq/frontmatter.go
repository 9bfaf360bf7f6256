package logseq

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// frontMatter reads a YAML header into page properties and returns the offset
// after it. It understands what note-taking tools write there: scalars, inline
// lists, and lists of "- item" lines; anything deeper is left out.
func (s *scanner) frontMatter(src string) int {
	if !strings.HasPrefix(src, "---\n") {
		return 0
	}
	end := strings.Index(src[3:], "\n---")
	if end < 0 {
		return 0
	}
	end += 3
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

// frontMatterLines reports false if no line looks like "key:".
func (s *scanner) frontMatterLines(r *reader, pos, end int) bool {
	last, found := -1, false
	var items []string
	for pos < end {
		e := min(r.eol(pos), end)
		line := r.src[pos:e]
		pos = e + 1
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "- ") && last >= 0 {
			items = append(items, unquote(strings.TrimSpace(trimmed[2:])))
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok || key == "" || isSpace(key[0]) || key[0] == '#' {
			continue
		}
		found = true
		s.setItems(last, items)
		items = items[:0]
		p := Property{
			RawKey: strings.TrimSpace(key), Value: yamlScalar(value),
			Line: r.lineAt(e), Page: true,
		}
		p.Key = frontMatterKey(p.RawKey)
		last = s.addProperty(p)
	}
	s.setItems(last, items)
	if !found {
		s.note(1, diag.LogseqBadFrontMatter,
			"the block between the --- lines has no \"key: value\" line and is read as text: add one, or write *** for a rule")
		return false
	}
	for i := range s.out.Properties {
		s.frontMatterRefs(i)
	}
	return true
}

// setItems gives a property the value that the list below its key makes.
func (s *scanner) setItems(property int, items []string) {
	if property >= 0 && len(items) > 0 {
		s.out.Properties[property].Value = strings.Join(items, ", ")
	}
}

func (s *scanner) frontMatterRefs(i int) {
	p := &s.out.Properties[i]
	r := &reader{src: p.Value, line: p.Line}
	s.propertyRefs(r, 0, len(p.Value), i)
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

// yamlScalar turns "[a, b]" into "a, b" and drops quotes around a scalar.
func yamlScalar(value string) string {
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]") && !strings.HasPrefix(value, "[[") {
		parts := strings.Split(value[1:len(value)-1], ",")
		for i, part := range parts {
			parts[i] = unquote(strings.TrimSpace(part))
		}
		return strings.Join(parts, ", ")
	}
	return unquote(value)
}

func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
