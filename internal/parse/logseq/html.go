package logseq

import (
	"strings"
)

// htmlIndex finds the end of raw HTML elements in one text. It pairs all tags
// in one pass, so that a file of unclosed tags costs no more than a normal one.
type htmlIndex struct {
	src   string
	built bool
	end   map[int]int // offset of "<" of an opening tag -> offset after its closing tag
	self  int         // start of the last search for "/>"
	selfE int         // its result, -1 if none

	missed map[string]span // mark -> where it was sought in vain
}

type span struct{ from, to int }

// htmlEnd returns the offset after the raw HTML that starts at src[at] == '<'
// and ends no later than limit, -1 if there is none.
func (h *htmlIndex) htmlEnd(src string, at, limit int) int {
	if h.src != src {
		*h = htmlIndex{src: src}
	}
	if limit-at < 10 {
		return -1 // mldoc looks at ten characters first
	}
	s := src[at:limit]
	switch {
	case strings.HasPrefix(s, "<!--"):
		return h.after(s, at, 4, "-->")
	case strings.HasPrefix(s, "<![CDATA["):
		return h.after(s, at, 9, "]]")
	case strings.HasPrefix(s, "<!"):
		return h.after(s, at, 2, ">")
	case strings.HasPrefix(s, "<?"):
		return h.after(s, at, 2, "?>")
	}
	if tagName(s[1:]) == "" {
		return -1
	}
	if !h.built {
		h.build(src)
	}
	if end, ok := h.end[at]; ok && end <= limit {
		return end
	}
	if end := h.selfClose(at); end >= 0 && end <= limit {
		return end
	}
	return -1
}

// after returns the offset after mark, -1 if s, which starts at offset at, has
// none. A search in vain is not repeated.
func (h *htmlIndex) after(s string, at, skip int, mark string) int {
	if m, ok := h.missed[mark]; ok && m.from <= at && at+len(s) == m.to {
		return -1
	}
	i := strings.Index(s[skip:], mark)
	if i < 0 {
		if h.missed == nil {
			h.missed = map[string]span{}
		}
		h.missed[mark] = span{at, at + len(s)}
	}
	if i <= 0 {
		return -1
	}
	return at + skip + i + len(mark)
}

// selfClose returns the offset after the next "/>", however far it is: that is
// how mldoc ends an element without a closing tag.
func (h *htmlIndex) selfClose(at int) int {
	if h.selfE >= 0 && h.self <= at && at < h.selfE-2 || h.selfE < 0 && h.self <= at {
		return h.selfE
	}
	h.self = at
	h.selfE = -1
	if i := strings.Index(h.src[at:], "/>"); i >= 0 {
		h.selfE = at + i + 2
	}
	return h.selfE
}

// build pairs opening and closing tags by name.
func (h *htmlIndex) build(src string) {
	h.built, h.end, h.self = true, map[int]int{}, len(src)+1
	open := map[string][]int{}
	for pos := 0; ; {
		i := strings.IndexByte(src[pos:], '<')
		if i < 0 {
			return
		}
		at := pos + i
		pos = at + 1
		rest := src[pos:]
		if strings.HasPrefix(rest, "/") {
			name := closingName(rest[1:])
			if stack := open[name]; len(stack) > 0 {
				top := len(stack) - 1
				h.end[stack[top]] = pos + 1 + len(name) + 1
				open[name] = stack[:top]
			}
			continue
		}
		if name := tagName(rest); name != "" {
			open[strings.ToLower(name)] = append(open[strings.ToLower(name)], at)
		}
	}
}

// tagName returns the known element name that s starts with, as written.
func tagName(s string) string {
	n := 0
	for n < len(s) && n <= maxTagName && !isSpace(s[n]) && s[n] != '>' && s[n] != '\n' {
		n++
	}
	if n == 0 || n > maxTagName || n == len(s) || !knownTags[strings.ToLower(s[:n])] {
		return ""
	}
	return s[:n]
}

func closingName(s string) string {
	n := 0
	for n < len(s) && n <= maxTagName && class[s[n]]&classAlnum != 0 {
		n++
	}
	if n < len(s) && s[n] == '>' {
		return strings.ToLower(s[:n])
	}
	return ""
}

const maxTagName = 10

var knownTags = makeTags(`a abbr address area article aside audio b base bdi bdo
blockquote body br button canvas caption cite code col colgroup data datalist dd
del details dfn div dl dt em embed fieldset figcaption figure footer form h1 h2
h3 h4 h5 h6 head header hr html i iframe img input ins kbd keygen label legend li
link main map mark meta meter nav noscript object ol optgroup option output p
param pre progress q rb rp rt rtc ruby s samp script section select small source
span strong style sub summary sup table tbody td template textarea tfoot th thead
time title tr track u ul var video wbr`)

func makeTags(list string) map[string]bool {
	tags := map[string]bool{}
	for _, name := range strings.Fields(list) {
		tags[name] = true
	}
	return tags
}

// blockHTML skips raw HTML at the start of a line, but looks into it for the
// summaries and fences that ontology authors put into a details element.
func (s *scanner) blockHTML(r *reader, start, at int) bool {
	end := r.html.htmlEnd(r.src, at, len(r.src))
	if end < 0 {
		return false
	}
	s.flush(r, start)
	if !strings.HasPrefix(r.src[at:], "<!") {
		s.insideHTML(r, at, end)
	}
	s.skip(r, start, end)
	return true
}

// insideHTML records the summaries and the fences between from and to.
func (s *scanner) insideHTML(r *reader, from, to int) {
	elements := s.details(r, from, to)
	var ends fenceEnds
	for pos := from; pos < to; {
		open := nextFence(r.src[:to], pos, anyMark)
		if open < 0 {
			return
		}
		end := r.eol(open)
		at := skipSpace(r.src, open, end)
		opening := markOf(r.src[at:end])
		close, _ := s.fenceEnd(&ends, r.src[:to], end+1, opening)
		if close < 0 {
			pos = end + 1
			continue
		}
		n := len(s.out.Fences)
		pos = s.addFence(r, at, opening, close, innermost(elements, open))
		if len(s.out.Fences) > n {
			s.out.Fences[n].InHTML = true
		}
	}
}

// element is a details element: its extent and the index of its summary.
type element struct{ from, to, summary int }

// innermost returns the summary of the last element that contains at, -1 if
// none does.
func innermost(elements []element, at int) int {
	for i := len(elements) - 1; i >= 0; i-- {
		if e := elements[i]; e.from <= at && at < e.to && e.summary >= 0 {
			return e.summary
		}
	}
	return -1
}

// details records the summaries of the details elements between from and to,
// and that of an element that is not closed. At most maxDetails tags are looked at.
func (s *scanner) details(r *reader, from, to int) []element {
	var elements []element
	var open []int
	for pos, seen := from, 0; seen < maxDetails; {
		i := strings.IndexByte(r.src[pos:to], '<')
		if i < 0 {
			break
		}
		pos += i + 1
		rest := r.src[pos:to]
		switch {
		case hasPrefixFold(rest, "details"):
			seen++
			open = append(open, len(elements))
			elements = append(elements, element{from: pos, to: to, summary: -1})
		case hasPrefixFold(rest, "/details"):
			if n := len(open); n > 0 {
				s.closeDetails(r, &elements[open[n-1]], pos-1)
				open = open[:n-1]
			}
		case hasPrefixFold(rest, "summary"):
			seen++
			summary, end := s.addSummary(r, rest, r.lineAt(pos))
			if n := len(open); n > 0 && elements[open[n-1]].summary < 0 {
				e := &elements[open[n-1]]
				e.summary, e.from = summary, pos+end
			}
			pos += end
		}
	}
	return elements
}

const maxDetails = 64

// closeDetails gives the summary of an element its body.
func (s *scanner) closeDetails(r *reader, e *element, end int) {
	e.to = end
	if e.summary >= 0 {
		summary := &s.out.Summaries[e.summary]
		summary.Body, summary.BodyLine = r.src[e.from:end], r.lineAt(e.from)
	}
}

// addSummary records the summary element that text starts with and returns its
// index, -1 if it is not closed, and the offset of its end.
func (s *scanner) addSummary(r *reader, text string, line int) (index, end int) {
	i := strings.IndexByte(text, '>')
	j := strings.Index(text, "</summary>")
	if i < 0 || j < i || !s.room(len(s.out.Summaries), line) {
		return -1, 0
	}
	s.out.Summaries = append(s.out.Summaries, Summary{
		Text:  strings.TrimSpace(stripTags(text[i+1 : j])),
		Line:  line,
		Block: s.current(),
	})
	return len(s.out.Summaries) - 1, j + len("</summary>")
}

func stripTags(text string) string {
	if strings.IndexByte(text, '<') < 0 {
		return text
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		j := strings.IndexByte(text[i:], '>')
		if j < 0 {
			return b.String()
		}
		text = text[i+j+1:]
	}
	b.WriteString(text)
	return b.String()
}
