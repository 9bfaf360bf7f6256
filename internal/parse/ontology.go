package parse

import (
	"maps"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/jsonld"
	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/manchester"
	"github.com/kgsync/kgsync/internal/parse/ontoblock"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// The values of Dialect.
const (
	dialectBlock      = Dialect(repoconfig.DialectOntologyBlock)
	dialectFunctional = Dialect(repoconfig.DialectFunctional)
	dialectJSONLD     = Dialect(repoconfig.DialectJSONLD)
	dialectManchester = Dialect(repoconfig.DialectManchester)
)

// ontology reads the dialects: first JSON-LD and the outlines, which decide
// whether a fence of OWL is meant as ontology or is an example in a text.
func (b *builder) ontology() {
	b.statements = map[statementID]bool{}
	b.prefixes = b.cfg.Prefixes
	if b.cfg.Dialects[repoconfig.DialectJSONLD] {
		b.eachFence(isJSONLD, b.jsonld)
	}
	meant := len(b.doc.Classes) > 0 || b.cfg.LooseFences
	inBlock := func(*logseq.Fence) bool { return false }
	if b.cfg.Dialects[repoconfig.DialectOntologyBlock] {
		block := ontoblock.Parse(b.outline, ontoblock.Options{Page: b.pageOf, Prefixes: b.prefixes})
		b.block(&block)
		under := b.underSyntaxProperty()
		inBlock = func(f *logseq.Fence) bool { return block.InBlock(f) || under[f.Block] }
	}
	b.eachFence(func(f *logseq.Fence) bool { return !isJSONLD(f) && (meant || inBlock(f)) }, b.owl)
}

// pageOf is the page that the text of a [[reference]] means.
func (b *builder) pageOf(text string) string {
	if b.cfg.PipeIsPage {
		return text
	}
	return beforeHeading(logseq.BeforePipe(text))
}

// underSyntaxProperty tells which blocks carry owl:functional-syntax::, or stand
// in one that does.
func (b *builder) underSyntaxProperty() []bool {
	blocks := b.outline.Blocks
	under := make([]bool, len(blocks))
	for i := range b.outline.Properties {
		switch p := &b.outline.Properties[i]; p.Key {
		case "owl:functional-syntax", "owl-functional-syntax":
			under[p.Block] = true
		}
	}
	for i := 1; i < len(blocks); i++ {
		under[i] = under[i] || under[blocks[i].Parent]
	}
	return under
}

func isJSONLD(f *logseq.Fence) bool {
	switch f.Language {
	case "json-ld", "jsonld", "json+ld", "application/ld+json":
		return true
	}
	return false
}

func (b *builder) eachFence(want func(*logseq.Fence) bool, read func(*logseq.Fence)) {
	for i := range b.outline.Fences {
		if f := &b.outline.Fences[i]; want(f) {
			read(f)
		}
	}
}

// owl reads a fence of OWL in Manchester or functional-style syntax. Many fences
// that are named after the former hold the latter, so that what they hold decides.
func (b *builder) owl(f *logseq.Fence) {
	o := owlfs.Options{Line: f.Line + 1, Indent: f.Indent, Prefixes: b.prefixes}
	switch {
	case strings.HasPrefix(f.Language, "manchester") && (manchester.HasFrame(f.Content) || !owlfs.LooksLikeOWL(f.Content)):
		if b.cfg.Dialects[repoconfig.DialectManchester] {
			b.axioms(manchester.Parse(f.Content, o), dialectManchester)
		}
	case b.cfg.Dialects[repoconfig.DialectFunctional] && owlfs.LooksLikeOWL(f.Content):
		b.axioms(owlfs.Parse(f.Content, o), dialectFunctional)
	}
}

// axioms keeps what a source states. A later fence of the page may use the
// prefixes that it declares.
func (b *builder) axioms(r owlfs.Result, d Dialect) {
	if len(r.Prefixes) > 0 {
		known := maps.Clone(b.prefixes)
		maps.Copy(known, r.Prefixes)
		b.prefixes = known
	}
	b.report(r.Diagnostics...)
	for _, a := range r.Axioms {
		if b.mirrored(a) || !b.first("axiom", a.Expression) {
			continue
		}
		b.doc.Axioms = append(b.doc.Axioms, Axiom{Type: a.Type, Subject: b.expand(a.Subject), Object: b.expand(a.Object),
			Expression: a.Expression, Line: a.Line, Dialect: d})
	}
}

// mirrored reports whether the axiom is the same as one stated before, but for
// the order of two inverse properties.
func (b *builder) mirrored(a owlfs.Axiom) bool {
	if a.Type != "InverseObjectProperties" || a.Subject == a.Object {
		return false
	}
	args := a.Term.Args
	n := len(args)
	return n >= 2 && b.statements[statementID{"axiom", "InverseObjectProperties(" + args[n-1].String() + " " + args[n-2].String() + ")"}]
}

// expand writes an abbreviated IRI out if its prefix is declared; anything else
// stays as it is written.
func (b *builder) expand(name string) string {
	prefix, local, ok := strings.Cut(name, ":")
	base, known := b.prefixes[prefix]
	if !ok || !known || strings.HasPrefix(local, "//") || strings.ContainsAny(local, " ()\"") {
		return name
	}
	return base + local
}

func (b *builder) jsonld(f *logseq.Fence) {
	r := jsonld.Parse(f.Content, jsonld.Options{Line: f.Line + 1, Indent: f.Indent, Context: b.cfg.Context})
	b.report(r.Diagnostics...)
	before := len(b.doc.Relations) + len(b.doc.Axioms)
	if r.Page != nil && r.Page.Public {
		b.public = true
	}
	for _, c := range r.Classes {
		b.class(Class{IRI: b.expand(c.IRI), Label: c.Label, Definition: c.Definition, Dialect: dialectJSONLD, Domain: c.Domain, Maturity: c.Maturity,
			Status: c.Status, TermID: c.TermID, Line: c.Line, Metadata: c.Metadata})
	}
	for _, s := range r.SubClassOf {
		b.subClass(SubClass{Class: b.expand(s.Class), Parent: s.Parent, ParentIRI: b.expand(s.ParentIRI), Line: s.Line, Dialect: dialectJSONLD})
	}
	for _, s := range r.Relations {
		b.relation(Relation{Subject: b.expand(s.Subject), Predicate: s.Predicate, Object: s.Object, ObjectIRI: b.expand(s.ObjectIRI),
			Line: s.Line, Dialect: dialectJSONLD})
	}
	for _, p := range r.OWLProperties {
		b.owlProperty(OWLProperty{IRI: b.expand(p.IRI), Type: p.Type, Label: p.Label, Domain: p.Domain, Range: p.Range, Line: p.Line, Dialect: dialectJSONLD})
	}
	b.axioms(owlfs.Result{Axioms: r.Axioms}, dialectJSONLD)
	if !r.Ontology {
		b.things += len(b.doc.Relations) + len(b.doc.Axioms) - before
	}
}

func (b *builder) block(r *ontoblock.Result) {
	b.blocks = r.Blocks
	b.report(r.Diagnostics...)
	for _, c := range r.Classes {
		b.class(Class{IRI: c.IRI, Label: c.Label, Definition: c.Definition, Dialect: dialectBlock, Domain: c.Domain, Maturity: c.Maturity,
			Status: c.Status, TermID: c.TermID, Line: c.Line, Metadata: c.Metadata})
	}
	for _, s := range r.SubClassOf {
		b.subClass(SubClass{Class: s.Subject, Parent: s.Object.Name, ParentIRI: s.Object.IRI, Line: s.Line, Dialect: dialectBlock})
	}
	for _, s := range r.Relations {
		b.relation(Relation{Subject: s.Subject, Predicate: s.Predicate, Object: s.Object.Name, ObjectIRI: s.Object.IRI, Via: s.Object.Via,
			Line: s.Line, Dialect: dialectBlock})
	}
	for _, p := range r.Properties {
		b.owlProperty(OWLProperty{IRI: p.IRI, Type: p.Type, Label: p.Label, Domain: p.Domain, Range: p.Range, Line: p.Line, Dialect: dialectBlock})
	}
	if b.cfg.Dialects[repoconfig.DialectFunctional] {
		for _, s := range r.Sources {
			b.axioms(owlfs.Parse(s.Text, owlfs.Options{Line: s.Line, Prefixes: b.prefixes}), dialectFunctional)
		}
	}
	b.axioms(owlfs.Result{Axioms: r.Axioms}, dialectBlock)
}

// statementID is what makes two statements of a file one.
type statementID [4]string

// first reports whether the statement was not made before in this file.
func (b *builder) first(parts ...string) bool {
	var id statementID
	copy(id[:], parts)
	if b.statements[id] {
		return false
	}
	b.statements[id] = true
	return true
}

func (b *builder) class(c Class) {
	if b.first("class", c.IRI, string(c.Dialect)) {
		b.doc.Classes = append(b.doc.Classes, c)
	}
}

func (b *builder) subClass(s SubClass) {
	s.ParentKey = pageKey(s.Parent, s.ParentIRI)
	if b.first("subclass", s.Class, s.ParentIRI, s.ParentKey) {
		b.doc.SubClassOf = append(b.doc.SubClassOf, s)
	}
}

func (b *builder) relation(r Relation) {
	r.ObjectKey = pageKey(r.Object, r.ObjectIRI)
	if b.first("relation", r.Subject, r.Predicate, r.ObjectIRI+"\x00"+r.ObjectKey) {
		b.doc.Relations = append(b.doc.Relations, r)
	}
}

func (b *builder) owlProperty(p OWLProperty) {
	if b.first("property", p.IRI, p.Type) {
		b.doc.OWLProperties = append(b.doc.OWLProperties, p)
	}
}

// pageKey is the name key of a page that a statement names; an IRI is no page.
func pageKey(name, iri string) string {
	if iri != "" {
		return ""
	}
	return NameKey(name)
}

// isOntology reports whether the file carries an ontology block of any dialect.
// JSON-LD about individual things alone is none.
func (b *builder) isOntology() bool {
	d := b.doc
	return b.blocks > 0 || len(d.Classes)+len(d.SubClassOf)+len(d.Relations)+len(d.OWLProperties)+len(d.Axioms) > b.things
}
