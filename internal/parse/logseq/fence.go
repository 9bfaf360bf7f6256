package logseq

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// fence reads a fenced code block. An unclosed one is text, as in mldoc.
func (s *scanner) fence(r *reader, start, at, end int) bool {
	open := markOf(r.src[at:end])
	if open.length == 0 {
		return false
	}
	closeAt, searched := s.fenceEnd(&r.fences, r.src, end+1, open)
	if searched {
		r.memo.work += len(r.src) - end
	}
	if closeAt < 0 {
		if searched && r.top {
			s.note(r.lineAt(at), diag.LogseqUnclosedFence,
				"the code fence is never closed, so what follows is read as text: close it with ```")
		}
		return false
	}
	s.flush(r, start)
	r.firstBlock = false
	r.pos = s.addFence(r, at, open, closeAt, -1)
	return true
}

// addFence records the fence that opens with a mark at offset at and that the line
// at closeAt closes. It returns the offset at which reading goes on: after that
// line, or at it if it begins a fence too.
func (s *scanner) addFence(r *reader, at int, open mark, closeAt, summary int) int {
	end, after := r.eol(at), r.eol(closeAt)
	info := s.fenceInfo(r.src[at:end], open)
	closer := r.src[skipSpace(r.src, closeAt, after):after]
	closing := markOf(closer)
	next, _, _ := strings.Cut(closer[closing.length:], "<") // a tag may end what the fence stands in
	next = strings.TrimSpace(next)
	s.addCode(r, Fence{Info: info, Next: next, Summary: summary}, at, min(end+1, closeAt), closeAt)
	if next != "" && closing.closes(open) && s.begins(next) && !holdsSamples(Language(info)) {
		return closeAt
	}
	return after + 1
}

// fenceInfo is what follows the mark of an opening line, which in mldoc is three
// characters long.
func (s *scanner) fenceInfo(line string, open mark) string {
	if !s.opts.NoGraph {
		open.length = 3
	}
	return strings.TrimSpace(line[open.length:])
}

// begins reports whether a line with the info string begins a fence though another
// one is open.
func (s *scanner) begins(info string) bool {
	return s.opts.Begins != nil && s.opts.Begins(Language(info))
}

// holdsSamples reports whether fences in a fence of the language may be its text:
// in Markdown, and where it names none.
func holdsSamples(language string) bool {
	switch language {
	case "", "markdown", "md", "mdx", "text", "txt", "plain", "plaintext":
		return true
	}
	return false
}

// addCode records a fence that opens at offset at and whose content lies between
// from and to.
func (s *scanner) addCode(r *reader, f Fence, at, from, to int) {
	f.Line = r.lineAt(at)
	if !s.room(len(s.out.Fences), f.Line) {
		return
	}
	f.Language = Language(f.Info)
	f.Indent = at - strings.LastIndexByte(r.src[:at], '\n') - 1
	f.Content = outdent(r.src[from:to], f.Indent)
	f.Block = s.current()
	f.Closed = true
	s.out.Fences = append(s.out.Fences, f)
}

// Language is the first word of an info string, lower case.
func Language(info string) string {
	if i := strings.IndexAny(info, " \t"); i >= 0 {
		info = info[:i]
	}
	return strings.ToLower(info)
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
