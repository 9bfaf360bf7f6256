package owlfs

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// prefix reads the inside of Prefix(name:=<IRI>), or of Namespace(name=<IRI>)
// as the drafts of OWL 2 spelt it.
func (p *parser) prefix(at place) {
	name := ""
	t := p.next()
	if t.kind == tokName {
		name, t = t.text, p.next()
	}
	iri := p.next()
	if t.kind == tokEquals && iri.kind == tokIRI && p.peek().kind == tokClose {
		p.next()
		p.prefixes.Declare(name, iri.text)
		p.broken = false
		return
	}
	p.error(at, diag.OWLSyntax, "This prefix is not declared; write Prefix(name:=<IRI>).")
	p.broken = true
	if t.kind != tokClose && iri.kind != tokClose {
		p.skipStatement()
	}
}

// skipStatement passes the rest of a broken one-line statement.
func (p *parser) skipStatement() {
	for {
		t := p.peek()
		if t.kind == tokEOF || t.bol {
			return
		}
		p.next()
		if t.kind == tokClose {
			return
		}
	}
}

// ontology reads the IRIs behind Ontology(; the axioms inside are read as if
// the wrapper were not there.
func (p *parser) ontology(at place) {
	if p.wrappers == 0 {
		p.wrapper = at
	}
	p.wrappers++
	p.broken = false
	for _, into := range []*string{&p.result.OntologyIRI, &p.result.VersionIRI} {
		t := p.peek()
		if t.kind != tokIRI && !(t.kind == tokName && strings.Contains(t.text, ":")) {
			return
		}
		p.next()
		*into = t.text
	}
}

func (p *parser) imports(at place) {
	t := p.next()
	if (t.kind == tokIRI || t.kind == tokName) && p.peek().kind == tokClose {
		p.next()
		p.result.Imports = append(p.result.Imports, t.text)
		p.broken = false
		return
	}
	p.error(at, diag.OWLSyntax, "This import names no ontology; write Import(<IRI>).")
	p.broken = true
	if t.kind != tokClose {
		p.skipStatement()
	}
}
