package owlfs

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// frame is an open parenthesis.
type frame struct {
	kind  Kind // Call or Group
	head  string
	first int // where its arguments begin on the stack
	at    place
}

// failure is why an axiom's text is not even a tree.
type failure struct {
	at      place
	code    diag.Code
	message string
	inner   *place // where the first nested statement keyword stands, if any
}

// tree reads the arguments of head up to the parenthesis that closes it, with a
// stack instead of recursion. It stops early, and reports, at a line that
// begins with another statement: the axiom before it was not closed. After any
// other failure it reads on to the end of the axiom.
func (p *parser) tree(head token, at place) (Term, *failure) {
	p.terms = 0
	p.stack, p.frames = p.stack[:0], append(p.frames[:0], frame{kind: Call, head: head.text, at: at})
	var fail *failure
	var inner *place
	deep := 0 // parentheses open below the deepest frame that is kept
	for {
		t := p.next()
		if (t.kind == tokName || t.kind == tokOpen) && p.nestedStatement(t) {
			if inner == nil && t.kind == tokName {
				from := t.at
				inner = &from
			}
			if t.bol {
				p.unread(t)
				return Term{}, p.unclosed(at, fail, nil)
			}
		}
		switch t.kind {
		case tokEOF:
			if deep > 0 {
				inner = nil
			}
			return Term{}, p.unclosed(at, fail, inner)
		case tokClose:
			if deep > 0 {
				deep--
				continue
			}
			if done := p.closeFrame(); done {
				return p.stack[0], fail
			}
		case tokOpen:
			if deep > 0 || len(p.frames) >= p.options.MaxDepth {
				deep++
				fail = p.tooDeep(t.at, fail)
				continue
			}
			p.open(t)
		case tokName:
			if deep == 0 && p.opensCall(t) && len(p.frames) < p.options.MaxDepth {
				p.next()
				p.frames = append(p.frames, frame{kind: Call, head: t.text, first: len(p.stack), at: t.at})
				continue
			}
			fail = p.leaf(t, fail)
		default:
			fail = p.leaf(t, fail)
		}
	}
}

// unread puts back a token that began a line. The token after it may be held
// already, so the lexer goes back instead.
func (p *parser) unread(t token) {
	p.hasHeld = false
	p.lex.rewind(t.at)
	p.lex.bol = t.bol
}

func (p *parser) unclosed(at place, fail *failure, inner *place) *failure {
	if fail == nil {
		fail = &failure{at: at, code: diag.OWLUnclosed, message: "The axiom that starts here is not closed; add the missing parenthesis."}
	}
	fail.inner = inner
	return fail
}

func (p *parser) tooDeep(at place, fail *failure) *failure {
	if fail != nil {
		return fail
	}
	return &failure{at: at, code: diag.OWLLimit, message: "The axiom is nested too deeply; flatten it."}
}

// nestedStatement says whether t begins a statement: a keyword and a
// parenthesis, in either order. An axiom's keyword that is followed by no
// parenthesis is an odd name.
func (p *parser) nestedStatement(t token) bool {
	if t.kind == tokOpen {
		inner := p.peek()
		return t.bol && inner.kind == tokName && opensStatement(inner.text)
	}
	return opensStatement(t.text) && p.peek().kind == tokOpen
}

// opensCall says whether a name is the head of an application. In the Lisp
// form a name can stand before the parenthesis of the next argument, so an
// unknown word must touch it.
func (p *parser) opensCall(t token) bool {
	after := p.peek()
	return after.kind == tokOpen && isHead(t.text) && (keywords[t.text] || after.tight)
}

// open begins an application in the Lisp form, or a group: the lists of HasKey,
// and parentheses around one argument.
func (p *parser) open(open token) {
	f := frame{kind: Group, first: len(p.stack), at: open.at}
	if inner := p.peek(); inner.kind == tokName && isHead(inner.text) && !p.inHasKey() && p.lispHead() {
		p.lex.note("parentheses stand around the head, (Head arguments)")
		f.kind, f.head = Call, inner.text
	}
	p.frames = append(p.frames, f)
}

// inHasKey says whether the next argument is a list of HasKey: its class, the
// first argument that is no annotation, stands before it.
func (p *parser) inHasKey() bool {
	f := p.frames[len(p.frames)-1]
	if f.kind != Call || f.head != "HasKey" || len(p.stack) == f.first {
		return false
	}
	return !isAnnotation(p.stack[len(p.stack)-1])
}

// lispHead consumes the held name and says whether it heads a Lisp form; a name
// that is the head of a functional form is put back.
func (p *parser) lispHead() bool {
	t := p.next()
	if !keywords[t.text] {
		p.held, p.hasHeld = t, true
		return false
	}
	if after := p.peek(); after.kind == tokOpen && after.tight {
		p.unread(t)
		return false
	}
	return true
}

// closeFrame makes a term of the innermost frame and says whether it was the
// axiom itself.
func (p *parser) closeFrame() bool {
	last := len(p.frames) - 1
	f := p.frames[last]
	p.frames = p.frames[:last]
	t := Term{Kind: f.kind, Text: f.head, at: f.at}
	p.terms++
	if n := len(p.stack) - f.first; n > 0 {
		t.Args = make([]Term, n)
		copy(t.Args, p.stack[f.first:])
	}
	p.stack = append(p.stack[:f.first], t)
	return last == 0
}

// leaf puts an IRI, a name, a number or a literal on the stack.
func (p *parser) leaf(t token, fail *failure) *failure {
	term, bad := p.leafTerm(t)
	if bad != nil {
		if fail == nil {
			fail = bad
		}
		return fail
	}
	if p.terms++; p.terms <= MaxTerms {
		p.stack = append(p.stack, term)
		return fail
	}
	if fail == nil {
		fail = &failure{at: t.at, code: diag.OWLLimit, message: "The axiom is too large; split it."}
	}
	return fail
}

func (p *parser) leafTerm(t token) (Term, *failure) {
	switch t.kind {
	case tokIRI:
		return Term{Kind: IRI, Text: t.text, at: t.at}, nil
	case tokString:
		return p.literal(t)
	case tokName:
		return p.nameTerm(t)
	case tokInvalid:
		if strings.HasPrefix(t.text, `"`) {
			return Term{}, &failure{at: t.at, code: diag.OWLUnclosed, message: "The quotation mark that opens here is never closed; add the closing one."}
		}
	}
	return Term{}, unexpected(t)
}

func unexpected(t token) *failure {
	found := map[tokenKind]string{tokEquals: "=", tokCarets: "^^", tokLang: t.text, tokInvalid: t.text}[t.kind]
	return &failure{at: t.at, code: diag.OWLSyntax, message: clip(found) + " cannot stand here; correct the axiom."}
}

// literal reads what may follow a quoted string: a language tag or a datatype.
func (p *parser) literal(t token) (Term, *failure) {
	term := Term{Kind: Literal, Text: t.text, at: t.at}
	switch after := p.peek(); after.kind {
	case tokLang:
		term.Suffix = p.next().text
	case tokCarets:
		p.next()
		datatype := p.peek()
		switch datatype.kind {
		case tokIRI:
			term.Suffix = "^^<" + datatype.text + ">"
		case tokName:
			name, bad := p.nameTerm(datatype)
			if bad != nil || name.Kind != Name && name.Kind != IRI {
				return term, noDatatype(after)
			}
			term.Suffix = "^^" + name.String()
		default:
			return term, noDatatype(after)
		}
		p.next()
	}
	return term, nil
}

func noDatatype(carets token) *failure {
	return &failure{at: carets.at, code: diag.OWLSyntax, message: "The literal has ^^ but no datatype; write for example ^^xsd:string."}
}

// nameTerm reads an abbreviated IRI, an anonymous individual, a number, or what
// is tolerated in their place.
func (p *parser) nameTerm(t token) (Term, *failure) {
	term := Term{Kind: Name, Text: t.text, at: t.at, class: classifyName(t.text)}
	switch term.class {
	case numberName:
		if p.peek().kind == tokCarets {
			p.tolerate(unquotedLiteral, t.at, t.text)
			return p.literal(t)
		}
		term.Kind = Number
	case absoluteName:
		term.Kind = IRI
	case anonymousName:
		term.Kind = Anonymous
	case notAName:
		return term, &failure{at: t.at, code: diag.OWLName, message: clip(t.text) + " is not a name; write prefix:name or <IRI>."}
	}
	return term, nil
}
