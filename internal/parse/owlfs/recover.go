package owlfs

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// How reading goes on after a broken axiom. The rule is: at the next line that
// begins with a statement, else right after the axiom. Lines can hide inside a
// string whose quotation mark was forgotten, which turns text and strings
// around; then the axiom is broken as well, and its lines are looked at as
// plain text. Text that is read again this way is charged to a budget, so that
// the whole stays linear in the source whatever it is made of.

// rereadFactor bounds the bytes read again to this multiple of the source.
const rereadFactor = 4

// giveUp reports a broken axiom that begins at the given place and chooses
// where reading goes on.
func (p *parser) giveUp(at place, fail *failure) {
	p.broken = true
	span := p.lex.span
	if p.salvageLines(at) {
		p.error(*span, diag.OWLUnclosed, "The quotation mark that opens here swallows the next axioms; add the closing one.")
		return
	}
	p.error(fail.at, fail.code, "%s", fail.message)
	if fail.inner != nil && p.spend(p.lex.pos-fail.inner.offset) {
		p.hasHeld = false
		p.lex.rewind(*fail.inner)
	}
}

// salvageLines goes back to the first line after at that begins with a
// statement, if a string that spans lines may have swallowed one.
func (p *parser) salvageLines(at place) bool {
	if p.lex.span == nil || !p.spend(p.lex.pos-at.offset) {
		return false
	}
	here := at
	for {
		i := strings.IndexByte(p.lex.src[here.offset:p.lex.pos], '\n')
		if i < 0 {
			return false
		}
		here.offset += i + 1
		here.lineStart = here.offset
		here.line++
		if beginsStatement(p.lex.src[here.offset:p.lex.pos]) {
			p.hasHeld = false
			p.lex.rewind(here)
			return true
		}
	}
}

func (p *parser) spend(bytes int) bool {
	if p.reread+bytes > rereadFactor*len(p.lex.src) {
		return false
	}
	p.reread += bytes
	return true
}

// beginsStatement says whether text begins, after white space, with the keyword
// of a statement and a parenthesis, in either order.
func beginsStatement(text string) bool {
	text = strings.TrimLeft(text, " \t\r")
	lisp := strings.HasPrefix(text, "(")
	if lisp {
		text = strings.TrimLeft(text[1:], " \t")
	}
	end := 0
	for end < len(text) && isAlnum(text[end]) {
		end++
	}
	if end == 0 || !opensStatement(text[:end]) {
		return false
	}
	after := strings.TrimLeft(text[end:], " \t")
	if lisp {
		return after == "" || strings.IndexByte(" \t\r\n(", text[end]) >= 0
	}
	return strings.HasPrefix(after, "(")
}
