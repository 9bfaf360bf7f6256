// Package manchester reads the Manchester syntax of OWL 2, as the W3C note "OWL
// 2 Manchester Syntax (second edition)" defines it, from the code fences of a
// page.
//
// It owns that grammar and its translation into axioms of package owlfs, which
// it may import besides the standard library and parse/diag; the axioms have
// the canonical functional-style text that the same statement has there. It is
// pure, total and linear in the source. What is not understood is a diagnostic,
// and the rest is read.
//
// Two things the syntax leaves open are decided from the block alone. A name
// without a prefix is one of the default prefix (section 2.1 of the note). A
// restriction is a data restriction if its property has a DataProperty frame in
// the block, or if its filler is a datatype, a data range or a literal;
// otherwise it is an object restriction.
package manchester

import (
	"fmt"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// Parse reads every frame of src. It is safe for concurrent use. A frame
// declares its entity, so there is a declaration for each.
func Parse(src string, o owlfs.Options) owlfs.Result {
	o = o.WithDefaults()
	p := &parser{
		src:      src,
		options:  o,
		prefixes: owlfs.NewPrefixes(o.Prefixes),
		noted:    map[string]bool{},
	}
	tokens, complete := scan(src, o.Line)
	p.tokens = tokens
	p.kinds = declaredKinds(p.tokens, owlfs.NewPrefixes(o.Prefixes))
	p.document()
	if !complete {
		p.report(p.tokens[len(p.tokens)-1], diag.Error, diag.OWLLimit, "The block is too large, and the rest of it was left out; split it.")
	}
	p.result.Prefixes = p.prefixes.Declared()
	return p.result
}

// parser walks the tokens of one block.
type parser struct {
	src      string
	tokens   []token
	at       int
	depth    int
	options  owlfs.Options
	prefixes owlfs.Prefixes
	kinds    map[string]frameKind // of the IRIs that have a frame
	noted    map[string]bool
	result   owlfs.Result
}

func (p *parser) peek() token { return p.tokens[p.at] }

// ahead is the token n after the next one.
func (p *parser) ahead(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEOF {
		p.at++
	}
	return t
}

// accept passes the next token if it is this punctuation mark.
func (p *parser) accept(mark string) bool {
	if t := p.peek(); t.kind == tokMark && t.text == mark {
		p.at++
		return true
	}
	return false
}

// acceptWord passes the next token if it is this word of the syntax, in lower
// or upper case.
func (p *parser) acceptWord(word string) bool {
	if p.peek().is(word) {
		p.at++
		return true
	}
	return false
}

// report records a finding, up to the limit.
func (p *parser) report(t token, severity diag.Severity, code diag.Code, format string, args ...any) {
	switch n := len(p.result.Diagnostics); {
	case n > p.options.MaxDiagnostics:
		return
	case n == p.options.MaxDiagnostics:
		severity, code = diag.Warning, diag.OWLLimit
		format, args = "More findings in this block are not listed; correct the ones above first.", nil
	}
	p.result.Diagnostics = append(p.result.Diagnostics, diag.Diagnostic{
		Line: t.line, Column: p.column(t), Severity: severity, Code: code, Message: fmt.Sprintf(format, args...),
	})
}

// column counts characters, unless the line is so long that nobody would.
func (p *parser) column(t token) int {
	const maxColumn = 10_000
	if t.offset-t.lineStart > maxColumn {
		return 0
	}
	return p.options.Indent + 1 + utf8.RuneCountInString(p.src[t.lineStart:t.offset])
}

// style notes, once for each way, that something is read which the syntax does
// not have.
func (p *parser) style(t token, what string) {
	if p.noted[what] {
		return
	}
	p.noted[what] = true
	p.report(t, diag.Info, diag.ManchesterStyle, "Read although the Manchester syntax has it otherwise: %s.", what)
}

// full says whether as many axioms are held as are kept.
func (p *parser) full() bool { return len(p.result.Axioms) >= p.options.MaxAxioms }

// emit adds the axiom head(args...) that was read at t.
func (p *parser) emit(t token, head string, args ...owlfs.Term) {
	if p.full() {
		return
	}
	a, err := owlfs.NewAxiom(owlfs.Term{Kind: owlfs.Call, Text: head, Args: args}, t.line)
	if err != nil {
		p.report(t, diag.Error, diag.ManchesterSyntax, "%v", err)
		return
	}
	p.checkPrefixes(t, a.Term)
	p.result.Axioms = append(p.result.Axioms, a)
}
