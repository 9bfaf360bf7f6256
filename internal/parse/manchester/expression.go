package manchester

import (
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// expression is a class expression or a data range, whichever it turns out to
// be. A name is neither until its place decides.
type expression struct {
	term owlfs.Term
	data bool // a data range for certain
}

// class reads a class expression.
func (p *parser) class() (owlfs.Term, bool) {
	t := p.peek()
	e, ok := p.expression()
	if ok && e.data {
		return e.term, p.expected(t, "a class expression, not a data range,")
	}
	return e.term, ok
}

// dataRange reads a data range, where names are datatypes.
func (p *parser) dataRange() (owlfs.Term, bool) {
	e, ok := p.expression()
	return toDataRange(e.term), ok
}

// expression reads conjunctions joined by "or".
func (p *parser) expression() (expression, bool) {
	return p.joined("or", "ObjectUnionOf", (*parser).conjunction)
}

func (p *parser) conjunction() (expression, bool) {
	return p.joined("and", "ObjectIntersectionOf", (*parser).primary)
}

// joined reads operands with a word between them; "that" is another "and".
func (p *parser) joined(word, head string, operand func(*parser) (expression, bool)) (expression, bool) {
	first, ok := operand(p)
	if !ok {
		return first, false
	}
	all := []expression{first}
	for p.acceptWord(word) || word == "and" && p.acceptWord("that") {
		next, ok := operand(p)
		if !ok {
			return next, false
		}
		all = append(all, next)
	}
	if len(all) == 1 {
		return first, true
	}
	joined := expression{term: owlfs.Term{Kind: owlfs.Call, Text: head}}
	for _, e := range all {
		joined.data = joined.data || e.data
		joined.term.Args = append(joined.term.Args, e.term)
	}
	if joined.data {
		joined.term = toDataRange(joined.term)
	}
	return joined, true
}

// primary reads a negation, a restriction, or something atomic.
func (p *parser) primary() (expression, bool) {
	t := p.peek()
	if p.depth >= p.options.MaxDepth {
		return expression{}, p.tooDeep(t)
	}
	p.depth++
	defer func() { p.depth-- }()
	switch {
	case p.acceptWord("not"):
		e, ok := p.primary()
		not := expression{call("ObjectComplementOf", e.term), e.data}
		if e.data {
			not.term = toDataRange(not.term)
		}
		return not, ok
	case p.accept("("):
		e, ok := p.expression()
		if ok && !p.accept(")") {
			return e, p.expected(p.peek(), "a closing parenthesis")
		}
		return e, ok
	case p.accept("{"):
		return p.enumeration()
	case t.is("inverse"):
		property, ok := p.objectProperty()
		if !ok {
			return expression{}, false
		}
		return p.restriction(property)
	}
	return p.named(t)
}

// named reads what begins with a name: a class, a datatype with or without
// facets, or a restriction of a property.
func (p *parser) named(t token) (expression, bool) {
	datatype, ok := builtinDatatype(t)
	if ok && p.kinds[p.prefixes.Resolve(":"+t.text)] == noFrame && !restricts(p.ahead(1)) {
		p.next()
		if !isSyntaxDatatype(t) {
			p.style(t, "a datatype is written without its prefix")
		}
		return p.facets(datatype)
	}
	term, ok := nameTerm(t)
	if !ok || t.begins() {
		return expression{}, p.expected(t, "a class expression")
	}
	p.next()
	after := p.peek()
	switch {
	case restricts(after):
		return p.restriction(term)
	case after.kind == tokMark && after.text == "[", p.isDatatype(term):
		return p.facets(term)
	}
	return expression{term: term}, true
}

// enumeration reads the rest of {a, b}: individuals or literals.
func (p *parser) enumeration() (expression, bool) {
	e := expression{term: owlfs.Term{Kind: owlfs.Call, Text: "ObjectOneOf"}}
	for {
		value, ok := p.literal()
		if ok {
			e.data, e.term.Text = true, "DataOneOf"
		} else if value, ok = p.individual(); !ok {
			return e, false
		}
		e.term.Args = append(e.term.Args, value)
		if p.accept("}") {
			return e, true
		}
		if !p.accept(",") {
			return e, p.expected(p.peek(), "a comma or }")
		}
	}
}

func call(head string, args ...owlfs.Term) owlfs.Term {
	return owlfs.Term{Kind: owlfs.Call, Text: head, Args: args}
}

// toDataRange turns the connectives of a class expression into those of a data
// range. What is no data range either way fails when the axiom is made.
func toDataRange(t owlfs.Term) owlfs.Term {
	if t.Kind != owlfs.Call {
		return t
	}
	switch t.Text {
	case "ObjectIntersectionOf":
		t.Text = "DataIntersectionOf"
	case "ObjectUnionOf":
		t.Text = "DataUnionOf"
	case "ObjectComplementOf":
		t.Text = "DataComplementOf"
	default:
		return t
	}
	for i := range t.Args {
		t.Args[i] = toDataRange(t.Args[i])
	}
	return t
}
