package logseq

import (
	"slices"
	"strings"
)

// yamlText is a value of front matter, or a member of one: the parts that its
// lines give, one after the other.
type yamlText []part

type part struct {
	text string
	line int
}

func (t yamlText) String() string {
	if len(t) == 1 {
		return t[0].text
	}
	n := 0
	for _, p := range t {
		n += len(p.text)
	}
	var b strings.Builder
	b.Grow(n)
	for _, p := range t {
		b.WriteString(p.text)
	}
	return b.String()
}

// cut divides the text after n bytes; the tail begins with a part that is not
// empty. It takes the text over.
func (t yamlText) cut(n int) (head, tail yamlText) {
	for i := range t {
		p := &t[i]
		if n < len(p.text) {
			head = append(slices.Clone(t[:i]), part{p.text[:n], p.line})
			p.text = p.text[n:]
			return head, t[i:]
		}
		n -= len(p.text)
	}
	return t, nil
}

// trim removes the blanks at both ends. It takes the text over.
func (t yamlText) trim() yamlText {
	for len(t) > 0 {
		if t[0].text = strings.TrimLeft(t[0].text, " \t"); t[0].text != "" {
			break
		}
		t = t[1:]
	}
	for n := len(t); n > 0; n-- {
		last := &t[n-1]
		if last.text = strings.TrimRight(last.text, " \t"); last.text != "" {
			break
		}
		t = t[:n-1]
	}
	return t
}

// words divides the text at blanks. It returns nil if commas or brackets say
// where its members end.
func (t yamlText) words() []yamlText {
	if text := t.String(); strings.ContainsAny(text, ",，") || strings.Contains(text, "[[") {
		return nil
	}
	var words []yamlText
	for _, p := range t {
		for _, word := range strings.Fields(p.text) {
			words = append(words, yamlText{{word, p.line}})
		}
	}
	return words
}

// unquote returns what a scalar says: the text between quotation marks without
// its escapes, nothing for null. It takes the text over.
func (t yamlText) unquote() yamlText {
	text := t.String()
	n := len(text)
	if n < 2 || text[0] != '"' && text[0] != '\'' || text[n-1] != text[0] {
		if isNull(text) {
			return nil
		}
		return t
	}
	last := &t[len(t)-1]
	last.text = last.text[:len(last.text)-1]
	t[0].text = t[0].text[1:]
	if quoteEnd(text[1:], text[0]) == n-2 {
		return t.unescape(text[0])
	}
	return t
}

// isNull reports whether a scalar without quotation marks is null (YAML 1.2, 10.2.1.1).
func isNull(text string) bool {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// unescape decodes what stood between quotation marks. A text with an escape that
// YAML does not know is no YAML, and stays as it is: "C:\Users".
func (t yamlText) unescape(quote byte) yamlText {
	var plain yamlText
	for i, p := range t {
		text, ok := strings.ReplaceAll(p.text, "''", "'"), true
		if quote == '"' {
			text, ok = unescapeYAML(p.text)
		}
		switch {
		case !ok:
			return t
		case plain == nil && text != p.text:
			plain = slices.Clone(t)
		}
		if plain != nil {
			plain[i].text = text
		}
	}
	if plain == nil {
		return t
	}
	return plain
}

// place says that a text stands on a line from an offset on.
type place struct{ at, line int }

// places says where the text stands; nil if all of it stands on the line given.
func (t yamlText) places(line int) []place {
	var places []place
	at, known := 0, line
	for _, p := range t {
		if p.line != known {
			places, known = append(places, place{at, p.line}), p.line
		}
		at += len(p.text)
	}
	return places
}
