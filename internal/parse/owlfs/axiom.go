package owlfs

// NewAxiom makes an axiom of a tree that another syntax was read into. The
// error says which part does not follow the grammar of OWL 2; forms that Parse
// tolerates are accepted here too.
func NewAxiom(t Term, line int) (Axiom, error) {
	c := checker{tolerate: func(tolerance, place, string) {}}
	prod, p := c.axiom(&t)
	if p != nil {
		return Axiom{}, p
	}
	return newAxiom(t, prod, line), nil
}

// newAxiom describes a tree that has been checked.
func newAxiom(t Term, prod production, line int) Axiom {
	args := t.Args
	for len(args) > 0 && isAnnotation(args[0]) {
		args = args[1:]
	}
	a := Axiom{Type: t.Text, Expression: t.String(), Line: line, Term: t}
	switch prod.roles {
	case firstThenRest:
		a.Subject, a.Object = reference(args[:1]), reference(args[1:])
	case secondThenFirst:
		a.Subject, a.Object = reference(args[1:2]), reference(args[:1])
	case secondThenThird:
		a.Subject, a.Object = reference(args[1:2]), reference(args[2:])
	case firstInnerEntity:
		a.Type = t.Text + "(" + args[0].Text + ")"
		a.Subject = reference(args[0].Args)
	}
	return a
}
