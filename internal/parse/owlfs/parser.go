package owlfs

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
)

// parser reads a document: prefixes, an optional wrapper, axioms.
type parser struct {
	lex      lexer
	report   report
	prefixes Prefixes
	options  Options
	result   Result

	held    token // one token read ahead
	hasHeld bool

	stack  []Term  // arguments of the open frames, innermost last
	frames []frame // open parentheses of the axiom being read

	terms int // of the axiom being read

	wrappers int   // open Ontology( wrappers
	wrapper  place // where the first of them begins
	broken   bool  // since the last sound statement something was skipped
	reread   int   // bytes read again after errors, bounded so that the whole stays linear
}

func (p *parser) next() token {
	if p.hasHeld {
		p.hasHeld = false
		return p.held
	}
	return p.lex.next()
}

func (p *parser) peek() token {
	if !p.hasHeld {
		p.held, p.hasHeld = p.lex.next(), true
	}
	return p.held
}

func (p *parser) error(at place, code diag.Code, format string, args ...any) {
	p.report.add(p.lex.src, at, diag.Error, code, format, args...)
}

func (p *parser) document() {
	for len(p.result.Axioms) < p.options.MaxAxioms {
		t := p.next()
		switch t.kind {
		case tokEOF:
			p.end()
			return
		case tokClose:
			p.stray(t)
		case tokOpen:
			p.lispStatement(t)
		case tokName:
			p.namedStatement(t)
		default:
			p.garbage(t)
		}
	}
	if t := p.next(); t.kind != tokEOF {
		p.error(t.at, diag.OWLLimit, "The block holds more than %d axioms; split it.", p.options.MaxAxioms)
	}
	p.result.Prefixes = p.prefixes.Declared()
}

func (p *parser) end() {
	if p.wrappers > 0 && !p.broken {
		p.error(p.wrapper, diag.OWLUnclosed, "Ontology( is not closed; add a closing parenthesis at the end.")
	}
	p.result.Prefixes = p.prefixes.Declared()
}

// stray handles a closing parenthesis between statements: the end of a
// wrapper, what a broken axiom left behind, or one too many.
func (p *parser) stray(t token) {
	switch {
	case p.wrappers > 0:
		p.wrappers--
	case !p.broken:
		p.error(t.at, diag.OWLSyntax, "This closing parenthesis opens nowhere; remove it.")
		p.broken = true
	}
}

// garbage reports text that is no statement, once for each run of it.
func (p *parser) garbage(t token) {
	if !p.broken {
		p.error(t.at, diag.OWLUnexpectedText, "%s is not an OWL axiom; make it a comment with '#' or move it out of the block.", clip(p.rest(t)))
	}
	p.broken = true
}

// rest is the line from t on.
func (p *parser) rest(t token) string {
	const enough = 80
	return p.lex.src[t.at.offset:min(len(p.lex.src), t.at.offset+enough)]
}

func (p *parser) lispStatement(open token) {
	t := p.peek()
	if t.kind != tokName || !isHead(t.text) || !open.bol && !startsSentence(t.text) {
		p.garbage(open)
		return
	}
	p.next()
	p.lex.note("parentheses stand around the head, (Head arguments)")
	p.statement(t, open.at)
}

func (p *parser) namedStatement(t token) {
	after := p.peek()
	if after.kind != tokOpen || !isHead(t.text) || !t.bol && !after.tight && !startsSentence(t.text) {
		p.garbage(t)
		return
	}
	p.next()
	p.statement(t, t.at)
}

// isHead says whether a word can stand before or after an opening parenthesis:
// a bare word, not a name with a prefix.
func isHead(word string) bool {
	for i := range len(word) {
		if !isAlnum(word[i]) {
			return false
		}
	}
	return word != "" && (word[0] < '0' || word[0] > '9')
}

// startsSentence says whether a word may begin a statement anywhere; any other
// word must look like one, or every bracket in prose would be an axiom.
func startsSentence(word string) bool { return word == "Annotation" || opensStatement(word) }

// statement reads what follows an opening parenthesis and its head.
func (p *parser) statement(head token, at place) {
	if p.broken {
		p.lex.odd = oddity{} // it stood in what was skipped
	}
	switch head.text {
	case "Prefix", "Namespace":
		p.prefix(at)
	case "Ontology":
		p.ontology(at)
	case "Import":
		p.imports(at)
	default:
		p.axiom(head, at)
	}
}

func (p *parser) axiom(head token, at place) {
	p.lex.span = nil
	t, fail := p.tree(head, at)
	if fail != nil {
		p.giveUp(at, fail)
		return
	}
	c := checker{tolerate: p.tolerate}
	if isAnnotation(t) { // of the ontology: checked, not kept
		if bad := c.arguments(&t, annotation); bad != nil {
			p.giveUp(at, bad.failure())
		}
		return
	}
	prod, known := axioms[t.Text]
	if !known {
		p.giveUp(at, &failure{at: at, code: diag.OWLUnknownAxiom, message: clip(t.Text) + " is not an OWL 2 axiom; check its spelling."})
		return
	}
	if bad := c.arguments(&t, prod); bad != nil {
		p.giveUp(at, bad.failure())
		return
	}
	p.broken = false
	p.remark(t)
	p.result.Axioms = append(p.result.Axioms, newAxiom(t, prod, at.line))
}

func (p *problem) failure() *failure {
	return &failure{at: p.at, code: diag.OWLSyntax, message: p.message}
}

func (p *parser) tolerate(what tolerance, at place, text string) {
	switch what {
	case fewOperands:
		p.report.add(p.lex.src, at, diag.Warning, diag.OWLArity, "%s needs at least one operand more.", text)
	case unquotedLiteral:
		p.report.once(string(diag.OWLLiteral), p.lex.src, at, diag.Warning, diag.OWLLiteral,
			"The literal %s has no quotation marks; write \"%s\"^^ and its datatype.", clip(text), clip(text))
	case extraParentheses:
		p.lex.note("parentheses stand around one argument")
	}
}
