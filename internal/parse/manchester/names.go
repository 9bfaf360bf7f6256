package manchester

import (
	"strings"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// reserved are the words that a name without a prefix must not be: the keyword
// terminals of section 2.1, in lower case.
func reserved(word string) bool {
	switch word {
	case "and", "or", "not", "some", "only", "value", "min", "max", "exactly", "that", "inverse", "self", "o":
		return true
	}
	return false
}

// nameTerm is the IRI that t names. A name without a prefix is one of the
// default prefix.
func nameTerm(t token) (owlfs.Term, bool) {
	if t.kind == tokIRI {
		return owlfs.Term{Kind: owlfs.IRI, Text: t.text}, t.text != ""
	}
	text := t.text
	if t.kind != tokWord || strings.HasPrefix(text, "_:") {
		return owlfs.Term{}, false
	}
	if !strings.Contains(text, ":") {
		if !isLetter(text[0]) && !startsWithDigit(text) || reserved(text) || reserved(strings.ToLower(text)) && text == strings.ToUpper(text) {
			return owlfs.Term{}, false
		}
		text = ":" + text
	} else if strings.Contains(text, "://") {
		return owlfs.Term{Kind: owlfs.IRI, Text: text}, true
	} else if text[0] != ':' && !isLetter(text[0]) {
		return owlfs.Term{}, false
	}
	return owlfs.Term{Kind: owlfs.Name, Text: text}, true
}

// startsWithDigit says whether a word is a name such as 3DModel, and no number.
func startsWithDigit(word string) bool {
	if word[0] < '0' || word[0] > '9' {
		return false
	}
	letters := strings.TrimLeft(word, "0123456789.")
	return letters != "" && isLetter(letters[0]) && (letters[0]|0x20 != 'e' && letters[0]|0x20 != 'f' || strings.Trim(letters[1:], "0123456789+-fF") != "")
}

func individualTerm(t token) (owlfs.Term, bool) {
	if t.kind == tokWord && strings.HasPrefix(t.text, "_:") && len(t.text) > 2 {
		return owlfs.Term{Kind: owlfs.Anonymous, Text: t.text}, true
	}
	return nameTerm(t)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf || c == '_' }

func (p *parser) startsName(t token) bool {
	if t.is("inverse") {
		return true
	}
	_, ok := nameTerm(t)
	return ok && !t.begins()
}

func (p *parser) iri() (owlfs.Term, bool) {
	t := p.peek()
	term, ok := nameTerm(t)
	if !ok || t.begins() {
		return term, p.expected(t, "a name")
	}
	p.next()
	return term, true
}

func (p *parser) individual() (owlfs.Term, bool) {
	t := p.peek()
	term, ok := individualTerm(t)
	if !ok || t.begins() {
		return term, p.expected(t, "an individual or a value")
	}
	p.next()
	return term, true
}

// datatypeOrIRI reads the range of an annotation property.
func (p *parser) datatypeOrIRI() (owlfs.Term, bool) {
	if name, ok := builtinDatatype(p.peek()); ok {
		p.next()
		return name, true
	}
	return p.iri()
}

// builtinDatatype names the datatype that a word without a prefix stands for.
// The syntax has the first four; the others are commonly written like them.
func builtinDatatype(t token) (owlfs.Term, bool) {
	if t.kind != tokWord {
		return owlfs.Term{}, false
	}
	switch t.text {
	case "integer", "decimal", "float", "string",
		"boolean", "double", "int", "long", "date", "dateTime", "anyURI", "nonNegativeInteger", "positiveInteger":
		return owlfs.Term{Kind: owlfs.Name, Text: "xsd:" + t.text}, true
	}
	return owlfs.Term{}, false
}

// isSyntaxDatatype says whether t is one of the words that are datatypes in the
// grammar itself.
func isSyntaxDatatype(t token) bool {
	switch t.text {
	case "integer", "decimal", "float", "string":
		return t.kind == tokWord
	}
	return false
}

// isDatatype says whether a name is a datatype: one of the reserved ones, or
// one that has a frame.
func (p *parser) isDatatype(t owlfs.Term) bool {
	iri := p.prefixes.Resolve(t.Text)
	if strings.HasPrefix(iri, "http://www.w3.org/2001/XMLSchema#") || reservedDatatypes[iri] {
		return true
	}
	return p.kinds[iri] == datatypeFrame
}

// reservedDatatypes are the datatypes of OWL 2 that are not of XML Schema.
var reservedDatatypes = map[string]bool{
	"http://www.w3.org/2000/01/rdf-schema#Literal":            true,
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#PlainLiteral": true,
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral":   true,
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#langString":   true,
	"http://www.w3.org/2002/07/owl#real":                      true,
	"http://www.w3.org/2002/07/owl#rational":                  true,
}

// isData says whether a property has a DataProperty frame in the block.
func (p *parser) isData(property owlfs.Term) bool { return p.kind(property) == dataFrame }

// kind is what a name has a frame as in the block.
func (p *parser) kind(name owlfs.Term) frameKind { return p.kinds[p.prefixes.Resolve(name.Text)] }

// checkPrefixes reports the prefixes of an axiom that are not known.
func (p *parser) checkPrefixes(at token, t owlfs.Term) {
	for _, arg := range t.Args {
		p.checkPrefixes(at, arg)
	}
	name := ""
	switch t.Kind {
	case owlfs.Name:
		name = t.Text
	case owlfs.Literal:
		if datatype, ok := strings.CutPrefix(t.Suffix, "^^"); ok && datatype[0] != '<' {
			name = datatype
		}
	}
	if prefix, missing := p.prefixes.Missing(name); missing {
		p.report(at, diag.Warning, diag.OWLUnknownPrefix,
			"The prefix %s: is not declared; declare it in the block or under prefixes: in .kgsync.yml.", clip(prefix))
	}
}

// clip shortens text of a file for use in a message.
func clip(s string) string {
	const maxClip = 60
	s = strings.ToValidUTF8(s[:min(len(s), 4*maxClip)], "\uFFFD")
	s, _, _ = strings.Cut(s, "\n")
	for i := range s {
		if i > maxClip {
			return s[:i] + "..."
		}
	}
	return s
}
