package owlfs

import "strings"

// Kind says what a [Term] is.
type Kind uint8

// The kinds of terms. The zero Kind is no term.
const (
	Call      Kind = iota + 1 // Text(Args...)
	Group                     // (Args...), a list of properties in HasKey
	IRI                       // <Text>
	Name                      // Text, an abbreviated IRI prefix:name
	Anonymous                 // Text, an anonymous individual _:name
	Literal                   // "Text" and Suffix
	Number                    // Text, the number of a cardinality
)

// Term is a node of an axiom's tree: an application such as
// ObjectSomeValuesFrom(:p :C), or a leaf.
type Term struct {
	Kind   Kind
	Text   string // head, IRI, name, digits, or the value of a literal without escapes
	Suffix string // of a literal: "", "@lang", "^^prefix:name" or "^^<IRI>"
	Args   []Term
	class  nameClass
	at     place
}

// String is the canonical functional-style text of t: arguments in the order
// written, separated by one space, literals escaped.
func (t Term) String() string {
	const usual = 96 // bytes; most axioms are shorter
	var b strings.Builder
	if t.Kind == Call {
		b.Grow(usual)
	}
	t.write(&b)
	return b.String()
}

func (t Term) write(b *strings.Builder) {
	switch t.Kind {
	case Call, Group:
		if t.Kind == Call {
			b.WriteString(t.Text)
		}
		b.WriteByte('(')
		writeTerms(b, t.Args)
		b.WriteByte(')')
	case IRI:
		b.WriteByte('<')
		b.WriteString(t.Text)
		b.WriteByte('>')
	case Literal:
		writeQuoted(b, t.Text)
		b.WriteString(t.Suffix)
	default:
		b.WriteString(t.Text)
	}
}

func writeTerms(b *strings.Builder, terms []Term) {
	for i, t := range terms {
		if i > 0 {
			b.WriteByte(' ')
		}
		t.write(b)
	}
}

// writeQuoted writes a quotedString (W3C Structural Specification, section
// 2.4): only the quotation mark and the backslash are escaped.
func writeQuoted(b *strings.Builder, s string) {
	b.WriteByte('"')
	for {
		i := strings.IndexAny(s, `"\`)
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		b.WriteByte('\\')
		b.WriteByte(s[i])
		s = s[i+1:]
	}
	b.WriteString(s)
	b.WriteByte('"')
}

// reference is the text of terms for a Subject or an Object: a lone IRI without
// its angle brackets, else canonical text.
func reference(terms []Term) string {
	if len(terms) == 1 && (terms[0].Kind == IRI || terms[0].Kind == Name) {
		return terms[0].Text
	}
	var b strings.Builder
	writeTerms(&b, terms)
	return b.String()
}
