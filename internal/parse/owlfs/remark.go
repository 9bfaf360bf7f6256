package owlfs

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// remark reports what was tolerated in an axiom that is kept. What was odd
// about a broken one does not matter beside its error.
func (p *parser) remark(t Term) {
	if odd := p.lex.odd; odd.what != "" {
		p.report.once(string(diag.OWLLispForm), p.lex.src, odd.at, diag.Info, diag.OWLLispForm,
			"Written in a Lisp style, which is read too: %s.", odd.what)
	}
	p.remarkNames(t)
}

func (p *parser) remarkNames(t Term) {
	for _, arg := range t.Args {
		p.remarkNames(arg)
	}
	switch t.Kind {
	case IRI, Name:
		p.remarkName(t)
	case Literal:
		if datatype, ok := strings.CutPrefix(t.Suffix, "^^"); ok && datatype[0] != '<' {
			p.remarkName(Term{Kind: Name, Text: datatype, class: classifyName(datatype), at: t.at})
		}
	}
}

func (p *parser) remarkName(t Term) {
	switch t.class {
	case bareName:
		p.oddName(t, "write prefix:"+clip(t.Text))
	case oddName, absoluteName:
		p.oddName(t, "write the full IRI between < and >")
	}
	if t.Kind == IRI {
		return
	}
	if prefix, missing := p.prefixes.Missing(t.Text); missing {
		p.report.add(p.lex.src, t.at, diag.Warning, diag.OWLUnknownPrefix,
			"The prefix %s: is not declared; declare it in the block or under prefixes: in .kgsync.yml.", clip(prefix))
	}
}

func (p *parser) oddName(t Term, advice string) {
	p.report.once(string(diag.OWLName), p.lex.src, t.at, diag.Warning, diag.OWLName,
		"The name %s is not an abbreviated IRI; %s.", clip(t.Text), advice)
}
