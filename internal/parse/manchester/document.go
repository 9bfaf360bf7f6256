package manchester

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// document reads frame after frame.
func (p *parser) document() {
	for !p.full() {
		t := p.peek()
		switch {
		case t.kind == tokEOF:
			return
		case t.begins():
			p.next()
			p.frame(t)
		default:
			p.relation(t)
		}
	}
	if t := p.peek(); t.kind != tokEOF {
		p.report(t, diag.Error, diag.OWLLimit, "The block holds more than %d axioms; split it.", p.options.MaxAxioms)
	}
}

func (p *parser) frame(t token) {
	switch t.text {
	case "Prefix", "Namespace":
		p.prefix(t)
	case "Ontology":
		p.ontology()
	case "Import":
		p.imports(t)
	case "Annotations": // of the ontology: no axioms
		p.skip(false)
	default:
		word, _ := frameWord(t.text)
		if word != t.text {
			p.style(t, "the name of a frame is in the wrong case")
		}
		if f, ok := frames[word]; ok {
			p.entity(t, f.kind, f.entity)
			return
		}
		if list, ok := lists[word]; ok {
			p.list(t, list.is, list.head, list.data)
			return
		}
		p.unknown(t, "no frame of the Manchester syntax")
		if !sectionWords[t.text] {
			p.skipSections()
		}
	}
}

// unknown reports a frame or section and passes what is in it.
func (p *parser) unknown(t token, why string) {
	p.report(t, diag.Error, diag.ManchesterUnknown, "%s: is %s; it is left out.", clip(t.text), why)
	p.skip(false)
}

// prefix reads name: <IRI>.
func (p *parser) prefix(at token) {
	name, iri := p.peek(), p.ahead(1)
	if (name.kind == tokKeyword || name.kind == tokWord && name.text == ":") && iri.kind == tokIRI {
		p.at += 2
		p.prefixes.Declare(name.text, iri.text)
		return
	}
	p.report(at, diag.Error, diag.ManchesterSyntax, "This prefix is not declared; write Prefix: name: <IRI>.")
	for !p.peek().bol && p.peek().kind != tokEOF {
		p.next()
	}
}

// ontology reads the IRIs of the ontology.
func (p *parser) ontology() {
	for _, into := range []*string{&p.result.OntologyIRI, &p.result.VersionIRI} {
		t := p.peek()
		if name, ok := nameTerm(t); ok && (t.kind == tokIRI || !t.bol) {
			p.next()
			*into = p.prefixes.Resolve(name.Text)
		}
	}
}

func (p *parser) imports(at token) {
	if t := p.peek(); t.kind == tokIRI || t.kind == tokWord {
		p.result.Imports = append(p.result.Imports, p.next().text)
		return
	}
	p.report(at, diag.Error, diag.ManchesterSyntax, "This import names no ontology; write Import: <IRI>.")
	p.skip(false)
}

// skip goes to the next frame, section or line such as "A SubClassOf B", or,
// inside a section, to the comma before the next entry or to the next line.
func (p *parser) skip(inSection bool) {
	nested := 0
	for {
		t := p.peek()
		if t.kind == tokEOF || t.begins() || p.relationAhead() {
			return
		}
		if t.kind == tokMark {
			switch t.text {
			case "(", "{", "[":
				nested++
			case ")", "}", "]":
				nested = max(nested-1, 0)
			case ",":
				if inSection && nested == 0 {
					return
				}
			}
		}
		p.next()
		if inSection && nested == 0 && p.peek().bol {
			return
		}
	}
}

// entity reads the frame of one entity: its name, then its sections.
func (p *parser) entity(at token, kind frameKind, entity string) {
	name := p.peek()
	term, ok := nameTerm(name)
	switch {
	case kind == individualFrame:
		term, ok = individualTerm(name)
	case kind == datatypeFrame && isSyntaxDatatype(name):
		term, ok = builtinDatatype(name)
	}
	if !ok {
		p.report(name, diag.Error, diag.ManchesterSyntax, "%s: is followed by no name; write %s: and the name of what it describes.", at.text, at.text)
		p.skip(false)
		p.skipSections()
		return
	}
	p.next()
	if term.Kind != owlfs.Anonymous {
		p.emit(at, "Declaration", owlfs.Term{Kind: owlfs.Call, Text: entity, Args: []owlfs.Term{term}})
	}
	p.sections(subject{term, kind})
}

// skipSections passes the sections of a frame that has no subject.
func (p *parser) skipSections() {
	for p.peek().begins() && sectionWords[p.peek().text] {
		p.next()
		p.skip(false)
	}
}

func (p *parser) sections(s subject) {
	for !p.full() {
		t := p.peek()
		if !t.begins() {
			if t.kind != tokEOF && !p.relationAhead() {
				p.next()
				p.report(t, diag.Error, diag.ManchesterSyntax, "%s stands outside any section of the frame; write a section such as SubClassOf: before it.", clip(t.text))
				p.skip(false)
				continue
			}
			return
		}
		sec, known := p.sectionOf(s.kind, &t)
		if !known && !sectionWords[t.text] {
			if _, frame := frameWord(t.text); frame || p.unknownFrame(t) {
				return
			}
		}
		p.next()
		if t.kind == tokWord {
			p.style(t, "a colon is forgotten after the name of a section")
		}
		switch {
		case t.text == "Annotations":
			p.annotationSection(s)
		case !known:
			p.unknown(t, "no section of this frame")
		default:
			p.section(s, sec, t)
		}
	}
}

// unknownFrame says whether a word that the syntax does not have begins a frame
// of its own: sections stand below it, further to the right.
func (p *parser) unknownFrame(t token) bool {
	if !t.bol {
		return false
	}
	for i := p.at + 1; i < len(p.tokens); i++ {
		if next := p.tokens[i]; next.begins() && next.bol {
			return sectionWords[next.text] && next.offset-next.lineStart > t.offset-t.lineStart
		}
	}
	return false
}

// sectionOf finds the section of a frame that t begins. The spelling of t is
// corrected where only its case is wrong.
func (p *parser) sectionOf(kind frameKind, t *token) (section, bool) {
	sec, known := sections[sectionKey{kind, t.text}]
	if known || sectionWords[t.text] || isFrameWord(t.text) {
		return sec, known
	}
	for word := range sectionWords {
		if strings.EqualFold(word, t.text) {
			p.style(*t, "the name of a section is in the wrong case")
			t.text = word
			sec, known = sections[sectionKey{kind, word}]
			break
		}
	}
	return sec, known
}

func isFrameWord(word string) bool {
	switch word {
	case "Prefix", "Namespace", "Ontology", "Import":
		return true
	}
	_, frame := frames[word]
	_, list := lists[word]
	return frame || list
}

// section reads the entries of a section, separated by commas.
func (p *parser) section(s subject, sec section, at token) {
	if sec.is == aPart {
		p.list(at, aClass, sec.head, "", s.term)
		return
	}
	p.entries(func(first token, annotations []owlfs.Term) bool {
		switch sec.is {
		case aCharacteristic:
			return p.characteristic(s, annotations)
		case aFact:
			return p.fact(s, annotations)
		case aKey:
			return p.key(s, annotations)
		}
		item, ok := p.item(sec.is)
		if ok {
			pair := []owlfs.Term{s.term, item}
			if sec.swapped {
				pair[0], pair[1] = item, s.term
			}
			p.emit(first, sec.head, append(annotations, pair...)...)
		}
		return ok
	})
}

// entriesOnLines is the style of a block whose entries have no commas.
const entriesOnLines = "entries stand on lines of their own without commas"

// entries reads entries, each with its annotations, up to the next section.
// Entries one a line without commas are tolerated. An entry that fails has
// reported why.
func (p *parser) entries(entry func(first token, annotations []owlfs.Term) bool) {
	for !p.full() {
		first := p.peek()
		annotations, ok := p.entryAnnotations()
		if ok && p.peek().kind != tokKeyword {
			first = p.peek()
		}
		if !ok || !entry(first, annotations) {
			p.skip(true)
		}
		t := p.peek()
		switch {
		case p.accept(","):
		case t.kind == tokEOF || t.begins():
			return
		case p.relationAhead():
			return
		case t.bol:
			p.style(t, entriesOnLines)
		default:
			p.report(t, diag.Error, diag.ManchesterSyntax, "%s stands where a comma or the next section is expected.", clip(t.text))
			p.skip(true)
			p.accept(",")
			if t := p.peek(); t.kind == tokEOF || t.begins() {
				return
			}
		}
	}
}

// relationAhead says whether a line such as "A SubClassOf B" comes next, for a
// name A; with a longer expression it is not recognised inside a frame.
func (p *parser) relationAhead() bool {
	t, word := p.peek(), p.ahead(1)
	_, ok := relations[word.text]
	return ok && t.bol && !word.bol && (word.kind == tokWord || word.kind == tokKeyword)
}

// relation reads a line "A SubClassOf B" that stands in no frame.
func (p *parser) relation(at token) {
	left, ok := p.class()
	if !ok {
		if p.relationAhead() { // not of this name
			p.next()
		}
		p.skip(false)
		return
	}
	word := p.peek()
	head, known := relations[word.text]
	if !known || word.kind != tokWord && word.kind != tokKeyword {
		p.report(at, diag.Error, diag.ManchesterSyntax, "%s belongs to no frame; write a frame such as Class: before it.", clip(at.text))
		p.skip(false)
		return
	}
	p.next()
	right, ok := p.class()
	if !ok {
		p.skip(true)
		return
	}
	p.style(at, "A SubClassOf B stands in no frame")
	p.emit(at, head, left, right)
}

// list reads a frame without a subject, such as DisjointClasses: A, B, as one
// axiom over the terms before and the items.
func (p *parser) list(at token, is entry, head, data string, before ...owlfs.Term) {
	args := before
	annotations, ok := p.entryAnnotations()
	if !ok {
		p.skip(false)
		return
	}
	sound := true
	p.entries(func(first token, inner []owlfs.Term) bool {
		if len(inner) > 0 {
			p.report(first, diag.Error, diag.ManchesterSyntax, "These annotations are of one item, and only the axiom can have any; write them before the first item.")
		}
		term, ok := p.item(is)
		args = append(args, term)
		sound = sound && ok
		return ok
	})
	if !sound || len(args) == 0 {
		return
	}
	if data != "" && p.isData(args[0]) {
		head = data
	}
	p.emit(at, head, append(annotations, args...)...)
}
