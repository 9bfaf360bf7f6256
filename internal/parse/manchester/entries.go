package manchester

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// key reads the properties of HasKey. The syntax has no commas between them; with
// commas, as OWL tools write them, they are one key all the same.
func (p *parser) key(s subject, annotations []owlfs.Term) bool {
	at := p.peek()
	objects := owlfs.Term{Kind: owlfs.Group}
	data := owlfs.Term{Kind: owlfs.Group}
	for {
		property, ok := p.objectProperty()
		if !ok {
			return false
		}
		if p.isData(property) {
			data.Args = append(data.Args, property)
		} else {
			objects.Args = append(objects.Args, property)
		}
		if t := p.peek(); t.kind == tokMark && t.text == "," && p.startsName(p.ahead(1)) {
			p.style(t, "the properties of a key have commas between them")
			p.next()
		}
		if t := p.peek(); !p.startsName(t) {
			break
		}
	}
	p.emit(at, "HasKey", append(annotations, s.term, objects, data)...)
	return true
}

// characteristic reads one word of a Characteristics section.
func (p *parser) characteristic(s subject, annotations []owlfs.Term) bool {
	t := p.peek()
	head, ok := characteristics[s.kind][t.text]
	if !ok || t.kind != tokWord {
		return p.expected(t, "a characteristic such as Functional")
	}
	p.next()
	p.emit(t, head, append(annotations, s.term)...)
	return true
}

// fact reads one entry of Facts: [not] property value.
func (p *parser) fact(s subject, annotations []owlfs.Term) bool {
	at := p.peek()
	negative := ""
	if p.acceptWord("not") {
		negative = "Negative"
	}
	property, ok := p.objectProperty()
	if !ok {
		return false
	}
	if value, ok := p.literal(); ok {
		p.emit(at, negative+"DataPropertyAssertion", append(annotations, property, s.term, value)...)
		return true
	}
	value, ok := p.individual()
	if ok {
		p.emit(at, negative+"ObjectPropertyAssertion", append(annotations, property, s.term, value)...)
	}
	return ok
}

// annotationSection reads the annotations of the frame's entity, each of which
// is an axiom.
func (p *parser) annotationSection(s subject) {
	p.entries(func(first token, annotations []owlfs.Term) bool {
		property, value, ok := p.annotation()
		if ok {
			p.emit(first, "AnnotationAssertion", append(annotations, property, s.term, value)...)
		}
		return ok
	})
}

// entryAnnotations reads Annotations: p v, q w before an entry.
func (p *parser) entryAnnotations() ([]owlfs.Term, bool) {
	var list []owlfs.Term
	if t := p.peek(); t.kind != tokKeyword || t.text != "Annotations" {
		return nil, true
	}
	if p.depth >= p.options.MaxDepth {
		return nil, p.tooDeep(p.peek())
	}
	p.depth++
	defer func() { p.depth-- }()
	p.next()
	for {
		inner, ok := p.entryAnnotations()
		if !ok {
			return nil, false
		}
		property, value, ok := p.annotation()
		if !ok {
			return nil, false
		}
		list = append(list, owlfs.Term{Kind: owlfs.Call, Text: "Annotation", Args: append(inner, property, value)})
		if !p.accept(",") {
			return list, true
		}
	}
}

func (p *parser) annotation() (property, value owlfs.Term, ok bool) {
	if property, ok = p.iri(); !ok {
		return property, value, false
	}
	if value, ok = p.literal(); ok {
		return property, value, true
	}
	value, ok = p.individual()
	return property, value, ok
}

// expected reports what should stand at t.
func (p *parser) expected(t token, what string) bool {
	found := clip(t.text)
	switch t.kind {
	case tokEOF:
		found = "The end of the block"
	case tokKeyword:
		found += ":"
	}
	p.report(t, diag.Error, diag.ManchesterSyntax, "%s stands where %s is expected.", found, what)
	return false
}

func (p *parser) tooDeep(t token) bool {
	p.report(t, diag.Error, diag.OWLLimit, "The expression is nested too deeply; flatten it.")
	return false
}
