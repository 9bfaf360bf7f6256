package owlfs

import (
	"fmt"
)

// problem is why a term is not what the grammar wants.
type problem struct {
	at      place
	message string
}

func (p *problem) Error() string { return p.message }

func problemf(at place, format string, args ...any) *problem {
	return &problem{at: at, message: fmt.Sprintf(format, args...)}
}

// checker compares a tree with the grammar and turns tolerated forms into the
// ones they stand for.
type checker struct {
	tolerate func(t tolerance, at place, text string)
}

// tolerance is a deviation that keeps its meaning.
type tolerance uint8

const (
	fewOperands tolerance = iota
	unquotedLiteral
	extraParentheses
)

// axiom checks an application of an axiom's keyword.
func (c *checker) axiom(t *Term) (production, *problem) {
	prod, ok := axioms[t.Text]
	if t.Kind != Call || !ok {
		return prod, problemf(t.at, "%s is not an OWL 2 axiom; check its spelling.", clip(t.String()))
	}
	return prod, c.arguments(t, prod)
}

// arguments matches the arguments of t with prod from left to right. An
// argument that may repeat takes as many as the ones after it can spare.
func (c *checker) arguments(t *Term, prod production) *problem {
	i := 0
	if prod.annotated {
		for ; i < len(t.Args) && isAnnotation(t.Args[i]); i++ {
			if p := c.term(&t.Args[i], anAnnotation); p != nil {
				return p
			}
		}
	}
	rest := t.Args[i:]
	for n, a := range prod.args {
		take := min(a.max, len(rest)-needed(prod.args[n+1:]))
		if take < a.least() {
			return tooFew(t, a)
		}
		if take < a.min {
			c.tolerate(fewOperands, t.at, t.Text)
		}
		if p := c.repeat(rest[:take], a); p != nil {
			return p
		}
		rest = rest[take:]
	}
	if len(rest) > 0 {
		return problemf(rest[0].at, "%s has too many arguments: %s is one more than it takes.", head(t), clip(rest[0].String()))
	}
	return nil
}

func isAnnotation(t Term) bool { return t.Kind == Call && t.Text == "Annotation" }

func (c *checker) repeat(terms []Term, a arg) *problem {
	for i := range terms {
		want := a.is
		if a.pair && i%2 == 1 {
			want = a.then
		}
		if p := c.term(&terms[i], want); p != nil {
			return p
		}
	}
	if a.pair && len(terms)%2 == 1 {
		return problemf(terms[len(terms)-1].at, "%s has no value; write %s after it.", clip(terms[len(terms)-1].String()), shapes[a.then].what)
	}
	return nil
}

// least is how few arguments are tolerated.
func (a arg) least() int {
	if a.min > 1 {
		return a.min - 1
	}
	return a.min
}

func needed(args []arg) int {
	n := 0
	for _, a := range args {
		n += a.least()
	}
	return n
}

func tooFew(t *Term, a arg) *problem {
	return problemf(t.at, "%s has too few arguments: %s is missing.", head(t), shapes[a.is].what)
}

func head(t *Term) string {
	if t.Kind == Group {
		return "The list"
	}
	return t.Text
}

// term checks that t is of a category.
func (c *checker) term(t *Term, want category) *problem {
	s := &shapes[want]
	if s.list != nil {
		if t.Kind != Group {
			return problemf(t.at, "%s stands where %s is expected.", clip(t.String()), s.what)
		}
		return c.arguments(t, *s.list)
	}
	for t.Kind == Group && len(t.Args) == 1 {
		c.tolerate(extraParentheses, t.at, "")
		inner := t.Args[0]
		*t = inner
	}
	if t.Kind == Call {
		prod, ok := s.calls[t.Text]
		if !ok {
			return problemf(t.at, "%s stands where %s is expected.", t.Text, s.what)
		}
		return c.arguments(t, prod)
	}
	if s.leaves.has(Literal) && !s.leaves.has(t.Kind) || want == aLiteral {
		c.quote(t)
	}
	if !s.leaves.has(t.Kind) {
		return problemf(t.at, "%s stands where %s is expected.", clip(t.String()), s.what)
	}
	return c.leaf(t, want)
}

func (c *checker) leaf(t *Term, want category) *problem {
	if want == aCardinality && !isDigits(t.Text) {
		return problemf(t.at, "%s is not a number of individuals; write 0 or a positive whole number.", clip(t.Text))
	}
	return nil
}

// quote turns a number or a truth value without quotation marks into a literal.
func (c *checker) quote(t *Term) {
	suffix := ""
	switch {
	case t.Kind == Number && isDigits(t.Text):
		suffix = "^^xsd:integer"
	case t.Kind == Number:
		suffix = "^^xsd:decimal"
	case t.Kind == Name && (t.Text == "true" || t.Text == "false"):
		suffix = "^^xsd:boolean"
	default:
		return
	}
	c.tolerate(unquotedLiteral, t.at, t.Text)
	t.Kind, t.Suffix = Literal, suffix
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
