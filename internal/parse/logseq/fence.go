package logseq

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// fence reads a fenced code block. As in mldoc any line that begins with three
// ticks or tildes closes it, and an unclosed fence is text.
func (s *scanner) fence(r *reader, start, at, end int) bool {
	if !fenceMark(r.src[at:end]) {
		return false
	}
	closeAt := -1
	if !r.noFence {
		closeAt = nextFence(r.src, end+1)
	}
	if closeAt < 0 {
		if !r.noFence && r.top {
			r.noFence = true
			s.note(r.lineAt(at), diag.LogseqUnclosedFence,
				"the code fence is never closed, so what follows is read as text: close it with ```")
		}
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	s.addFence(r, at, r.src[at+3:end], min(end+1, closeAt), closeAt, -1)
	r.pos = r.eol(closeAt) + 1
	return true
}

// addFence records the fence that opens at offset at and whose content lies
// between from and to.
func (s *scanner) addFence(r *reader, at int, info string, from, to, summary int) {
	line := r.lineAt(at)
	if !s.room(len(s.out.Fences), line) {
		return
	}
	info = strings.TrimSpace(info)
	language := info
	if i := strings.IndexAny(info, " \t"); i >= 0 {
		language = info[:i]
	}
	lineStart := strings.LastIndexByte(r.src[:at], '\n') + 1
	s.out.Fences = append(s.out.Fences, Fence{
		Info:     info,
		Language: strings.ToLower(language),
		Content:  outdent(r.src[from:to], at-lineStart),
		Line:     line,
		Indent:   at - lineStart,
		Block:    s.current(),
		Closed:   true,
		Summary:  summary,
	})
}

func fenceMark(s string) bool {
	return strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~")
}

// nextFence returns the start of the first line from pos on that begins with a
// fence mark, -1 if there is none.
func nextFence(src string, pos int) int {
	for pos < len(src) {
		end := len(src)
		if i := strings.IndexByte(src[pos:], '\n'); i >= 0 {
			end = pos + i
		}
		if at := skipSpace(src, pos, end); fenceMark(src[at:end]) {
			return pos
		}
		pos = end + 1
	}
	return -1
}

// outdent removes up to width blanks from the start of every line. A text
// without indentation is returned as it is, without a copy.
func outdent(text string, width int) string {
	if width == 0 || text == "" {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line = text[:i+1]
		}
		text = text[len(line):]
		n := skipSpace(line, 0, min(width, len(line)))
		b.WriteString(line[n:])
	}
	return b.String()
}
