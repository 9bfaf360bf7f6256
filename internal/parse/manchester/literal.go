package manchester

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// literal reads a literal if one comes next: a quoted string with or without a
// datatype or a language tag, a number, or a truth value. If none comes, or its
// datatype is missing, nothing is passed.
func (p *parser) literal() (owlfs.Term, bool) {
	t := p.peek()
	term := owlfs.Term{Kind: owlfs.Literal, Text: t.text}
	switch t.kind {
	case tokString:
		p.next()
		term.Suffix = p.suffix()
		return term, true
	case tokWord:
		if t.text == "true" || t.text == "false" {
			term.Suffix = "^^xsd:boolean"
		} else {
			term.Text, term.Suffix = number(t.text)
		}
		if term.Suffix != "" {
			p.next()
			return term, true
		}
	}
	return term, false
}

// suffix reads the language tag or the datatype behind a string. Carets
// without a datatype are left for the caller to stumble over.
func (p *parser) suffix() string {
	if t := p.peek(); t.kind == tokSuffix {
		return p.next().text
	}
	if t := p.peek(); t.kind != tokMark || t.text != "^^" {
		return ""
	}
	datatype, ok := builtinDatatype(p.ahead(1))
	if !ok {
		datatype, ok = nameTerm(p.ahead(1))
	}
	if !ok {
		return ""
	}
	p.at += 2
	return "^^" + datatype.String()
}

// number is the value and the datatype suffix of an integer, a decimal or a
// floating point literal (which ends in f); without a suffix it is none.
func number(text string) (value, suffix string) {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 {
		return text, ""
	}
	if isDigits(digits) {
		return text, "^^xsd:integer"
	}
	mantissa, float := strings.CutSuffix(strings.ToLower(digits), "f")
	if before, exponent, ok := strings.Cut(mantissa, "e"); ok {
		if !float || !isDigits(strings.TrimLeft(exponent, "+-")) {
			return text, ""
		}
		mantissa = before
	}
	whole, fraction, dot := strings.Cut(mantissa, ".")
	switch {
	case dot && !isDigits(fraction), whole != "" && !isDigits(whole), whole == "" && !dot:
		return text, ""
	case float:
		return text[:len(text)-1], "^^xsd:float"
	}
	return text, "^^xsd:decimal"
}

// facetNames are the facets of section 2.3 and the IRIs they stand for.
var facetNames = map[string]string{
	"length":    "xsd:length",
	"minLength": "xsd:minLength",
	"maxLength": "xsd:maxLength",
	"pattern":   "xsd:pattern",
	"langRange": "rdf:langRange",
	"<=":        "xsd:maxInclusive",
	"<":         "xsd:maxExclusive",
	">=":        "xsd:minInclusive",
	">":         "xsd:minExclusive",
}

// facets reads [>= 5, < 10] behind a datatype, if it is there.
func (p *parser) facets(datatype owlfs.Term) (expression, bool) {
	if !p.accept("[") {
		return expression{datatype, true}, true
	}
	restricted := call("DatatypeRestriction", datatype)
	for {
		t := p.peek()
		facet, ok := facetNames[t.text]
		if !ok || t.kind != tokWord && t.kind != tokMark {
			return expression{}, p.expected(t, "a facet such as >= or length")
		}
		p.next()
		value, ok := p.literal()
		if !ok {
			return expression{}, p.expected(p.peek(), "a literal")
		}
		restricted.Args = append(restricted.Args, owlfs.Term{Kind: owlfs.Name, Text: facet}, value)
		if p.accept("]") {
			return expression{restricted, true}, true
		}
		if !p.accept(",") {
			return expression{}, p.expected(p.peek(), "a comma or ]")
		}
	}
}
