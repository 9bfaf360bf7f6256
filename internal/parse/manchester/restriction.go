package manchester

import (
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// restricts says whether t makes a restriction of the property before it.
func restricts(t token) bool {
	for _, word := range []string{"some", "only", "value", "min", "max", "exactly", "Self"} {
		if t.is(word) {
			return true
		}
	}
	return t.is("self")
}

// objectProperty reads a property or the inverse of one.
func (p *parser) objectProperty() (owlfs.Term, bool) {
	if !p.acceptWord("inverse") {
		return p.iri()
	}
	bracket := p.accept("(")
	property, ok := p.iri()
	if ok && bracket && !p.accept(")") {
		return property, p.expected(p.peek(), "a closing parenthesis")
	}
	return call("ObjectInverseOf", property), ok
}

// chain reads properties joined by "o".
func (p *parser) chain() (owlfs.Term, bool) {
	chain := call("ObjectPropertyChain")
	for {
		property, ok := p.objectProperty()
		if !ok {
			return chain, false
		}
		chain.Args = append(chain.Args, property)
		if !p.acceptWord("o") {
			return chain, true
		}
	}
}

// restriction reads what follows a property.
func (p *parser) restriction(property owlfs.Term) (expression, bool) {
	t := p.next()
	switch {
	case t.is("some"):
		return p.quantified("SomeValuesFrom", property)
	case t.is("only"):
		return p.quantified("AllValuesFrom", property)
	case t.is("value"):
		if value, ok := p.literal(); ok {
			return expression{term: call("DataHasValue", property, value)}, true
		}
		value, ok := p.individual()
		return expression{term: call("ObjectHasValue", property, value)}, ok
	case t.is("min"):
		return p.counted("MinCardinality", property)
	case t.is("max"):
		return p.counted("MaxCardinality", property)
	case t.is("exactly"):
		return p.counted("ExactCardinality", property)
	case t.is("Self"), t.is("self"):
		return expression{term: call("ObjectHasSelf", property)}, true
	}
	return expression{}, p.expected(t, "some, only, value, min, max, exactly or Self")
}

func (p *parser) quantified(head string, property owlfs.Term) (expression, bool) {
	filler, ok := p.primary()
	return p.restrict(head, property, filler), ok
}

// restrict chooses between the object and the data form of a restriction.
func (p *parser) restrict(head string, property owlfs.Term, filler expression, before ...owlfs.Term) expression {
	args := append(before, property)
	data := filler.data || p.isData(property)
	if data {
		filler.term = toDataRange(filler.term)
	}
	if filler.term.Kind != 0 {
		args = append(args, filler.term)
	}
	if data {
		return expression{term: call("Data"+head, args...)}
	}
	return expression{term: call("Object"+head, args...)}
}

// counted reads a number and an optional filler.
func (p *parser) counted(head string, property owlfs.Term) (expression, bool) {
	t := p.peek()
	if t.kind != tokWord || !isDigits(t.text) {
		return expression{}, p.expected(t, "a number")
	}
	p.next()
	number := owlfs.Term{Kind: owlfs.Number, Text: t.text}
	var filler expression
	if t := p.peek(); p.startsPrimary(t) && !(t.bol && p.noted[entriesOnLines]) {
		var ok bool
		if filler, ok = p.primary(); !ok {
			return filler, false
		}
	}
	return p.restrict(head, property, filler, number), true
}

// startsPrimary says whether t can begin the filler of a cardinality.
func (p *parser) startsPrimary(t token) bool {
	if t.kind == tokMark {
		return t.text == "(" || t.text == "{"
	}
	return t.is("not") || p.startsName(t)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
