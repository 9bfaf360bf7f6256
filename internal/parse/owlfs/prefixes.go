package owlfs

import "strings"

// Prefixes knows which prefixes a source may use: the reserved ones, those the
// caller knows and those the source has declared so far.
type Prefixes struct {
	known    map[string]string
	declared map[string]string
	reported map[string]bool
}

// NewPrefixes starts with the prefixes that the caller knows, written without
// their colon. The map is only read.
func NewPrefixes(known map[string]string) Prefixes { return Prefixes{known: known} }

// Declare records a prefix that the source declares. The name is written with
// or without its colon.
func (p *Prefixes) Declare(name, iri string) {
	if p.declared == nil {
		p.declared = map[string]string{}
	}
	p.declared[strings.TrimSuffix(name, ":")] = iri
}

// DeclaredPrefixes are the prefixes that a source declares, those that Parse gives
// for it; nil if it declares none. It reads no axioms.
func DeclaredPrefixes(src string) map[string]string {
	if !strings.Contains(src, "Prefix") && !strings.Contains(src, "Namespace") {
		return nil
	}
	var found Prefixes
	var before [5]token
	lex := lexer{src: src, bol: true}
	for t := lex.next(); t.kind != tokEOF; t = lex.next() {
		if t.kind == tokClose {
			if name, ok := declaredName(before); ok {
				found.Declare(name, before[4].text)
			}
		}
		copy(before[:], before[1:])
		before[4] = t
	}
	return found.Declared()
}

// declaredName is the prefix that the tokens before a closing parenthesis declare:
// Prefix(name:=<IRI> or (Prefix name:=<IRI>, the name left out or not.
func declaredName(t [5]token) (name string, ok bool) {
	if t[4].kind != tokIRI || t[3].kind != tokEquals {
		return "", false
	}
	head, open := t[1], t[2]
	if t[2].kind == tokName && !(t[1].kind == tokOpen && isPrefixWord(t[2])) {
		name, head, open = t[2].text, t[0], t[1]
	}
	if head.kind == tokOpen {
		head, open = open, head
	}
	return name, open.kind == tokOpen && isPrefixWord(head)
}

func isPrefixWord(t token) bool {
	return t.kind == tokName && (t.text == "Prefix" || t.text == "Namespace")
}

// Declared are the prefixes that the source has declared, nil if none.
func (p *Prefixes) Declared() map[string]string { return p.declared }

// Missing says whether the prefix of an abbreviated IRI is not known, the first
// time that it is used; afterwards it says no.
func (p *Prefixes) Missing(name string) (prefix string, missing bool) {
	prefix, _, found := strings.Cut(name, ":")
	if !found || isReserved(prefix) || p.reported[prefix] {
		return prefix, false
	}
	if _, ok := p.declared[prefix]; ok {
		return prefix, false
	}
	if _, ok := p.known[prefix]; ok {
		return prefix, false
	}
	if p.reported == nil {
		p.reported = map[string]bool{}
	}
	p.reported[prefix] = true
	return prefix, true
}

// Resolve writes an abbreviated IRI out if its prefix is known; anything else
// stays as it is.
func (p *Prefixes) Resolve(name string) string {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		return name
	}
	for _, namespaces := range []map[string]string{reservedNamespaces, p.declared, p.known} {
		if iri, ok := namespaces[prefix]; ok {
			return iri + local
		}
	}
	return name
}

// reservedNamespaces are those of table 2 of the Structural Specification.
var reservedNamespaces = map[string]string{
	"owl":  "http://www.w3.org/2002/07/owl#",
	"rdf":  "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"rdfs": "http://www.w3.org/2000/01/rdf-schema#",
	"xsd":  "http://www.w3.org/2001/XMLSchema#",
}

// isReserved names the prefixes that need no declaration: table 2 of the
// Structural Specification, and xml, which no document can redefine.
func isReserved(prefix string) bool {
	return reservedNamespaces[prefix] != "" || prefix == "xml"
}
