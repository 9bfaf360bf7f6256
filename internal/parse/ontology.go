package parse

import (
	"maps"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
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
	b.eachFence(isCutShort, b.cutShort)
	b.prefixes = b.cfg.Prefixes
	if b.cfg.Dialects[repoconfig.DialectJSONLD] {
		b.eachFence(isJSONLD, b.jsonld)
	}
	all := len(b.doc.Classes) > 0 || b.cfg.LooseFences
	meant := func(*logseq.Fence, bool) bool { return all }
	inBlock := func(*logseq.Fence) bool { return false }
	if b.cfg.Dialects[repoconfig.DialectOntologyBlock] {
		under := b.underSyntaxProperty()
		meant = func(f *logseq.Fence, inBlock bool) bool { return all || inBlock || under[f.Block] }
		block := ontoblock.Parse(b.outline, ontoblock.Options{Page: b.pageOf, Prefixes: b.prefixes,
			Declared: func(f *logseq.Fence, inBlock bool) map[string]string {
				if !meant(f, inBlock) {
					return nil
				}
				return b.declared(f)
			}})
		b.block(&block)
		inBlock = block.InBlock
	}
	b.eachFence(func(f *logseq.Fence) bool { return !isJSONLD(f) && meant(f, inBlock(f)) }, b.owl)
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

func isJSONLD(f *logseq.Fence) bool { return namesJSONLD(f.Language) }

// namesOntology reports whether fences of the language hold ontology by their name.
func namesOntology(language string) bool {
	return namesJSONLD(language) || strings.HasPrefix(language, "owl") || strings.HasPrefix(language, "manchester")
}

// isCutShort reports whether a fence, or the one whose opening line closes it, is
// ontology that may be lost by that. Fences of programs are left alone: in the
// items of a numbered list those that hold a blank line all end so, as in Logseq.
func isCutShort(f *logseq.Fence) bool {
	return f.Next != "" && (namesOntology(f.Language) || namesOntology(logseq.Language(f.Next)))
}

func (b *builder) cutShort(f *logseq.Fence) {
	if b.cuts++; b.cuts > maxCuts {
		return
	}
	b.report(diag.New(f.Line, diag.Warning, diag.LogseqFenceNext,
		"line %d, which opens another code fence, ends this one, and what follows may be read as text: close this fence before it",
		f.Line+strings.Count(f.Content, "\n")+1))
}

const maxCuts = 100 // findings of that kind in a file

func namesJSONLD(language string) bool {
	switch language {
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

// owl reads a fence of OWL in Manchester or functional-style syntax.
func (b *builder) owl(f *logseq.Fence) {
	o := owlfs.Options{Line: f.Line + 1, Indent: f.Indent, Prefixes: b.prefixes}
	switch d := b.syntax(f); d {
	case dialectManchester:
		b.axioms(manchester.Parse(f.Content, o), d)
	case dialectFunctional:
		b.axioms(owlfs.Parse(f.Content, o), d)
	}
}

// syntax is the dialect in which a fence of OWL is read, "" for none. Many fences
// that are named after the Manchester syntax hold functional-style syntax, so that
// what they hold decides. One that holds fences shows Markdown.
func (b *builder) syntax(f *logseq.Fence) Dialect {
	if f.HoldsFences() {
		return ""
	}
	owl := owlfs.LooksLikeOWL(f.Content)
	switch {
	case strings.HasPrefix(f.Language, "manchester") && (!owl || manchester.HasFrame(f.Content)):
		if b.cfg.Dialects[repoconfig.DialectManchester] {
			return dialectManchester
		}
	case owl && b.cfg.Dialects[repoconfig.DialectFunctional]:
		return dialectFunctional
	}
	return ""
}

// declared are the prefixes that a fence of OWL declares.
func (b *builder) declared(f *logseq.Fence) map[string]string {
	if isJSONLD(f) || !strings.Contains(f.Content, "Prefix") && !strings.Contains(f.Content, "Namespace") {
		return nil
	}
	switch b.syntax(f) {
	case dialectManchester:
		return manchester.Parse(f.Content, owlfs.Options{}).Prefixes
	case dialectFunctional:
		return owlfs.DeclaredPrefixes(f.Content)
	}
	return nil
}

// axioms keeps what a source states. A later fence of the page may use the
// prefixes that it declares.
func (b *builder) axioms(r owlfs.Result, d Dialect) {
	if len(r.Prefixes) > 0 {
		b.declare(r.Prefixes)
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

// declare adds prefixes to those of the configuration, a map that other files
// share.
func (b *builder) declare(prefixes map[string]string) {
	if !b.own {
		known := make(map[string]string, len(b.prefixes)+len(prefixes))
		maps.Copy(known, b.prefixes)
		b.prefixes, b.own = known, true
	}
	maps.Copy(b.prefixes, prefixes)
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
	b.documents++
	r := jsonld.Parse(f.Content, jsonld.Options{Line: f.Line + 1, Indent: f.Indent, Fence: b.documents, Context: b.cfg.Context})
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
