package jsonld

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Context is a JSON-LD context document of a repository. It is immutable and
// safe for concurrent use.
type Context struct {
	document any // as a JSON-LD processor takes it
	size     int // values
	// vocabulary is what the context says of its terms.
	vocabulary *vocabulary
}

// ReadContext reads a context document, an object with the member "@context". It
// is nil if the text is not one; the findings say why.
func ReadContext(src string) (*Context, []diag.Diagnostic) {
	t, found := scan(src, Options{Line: 1})
	for root := range t.roots() {
		local := root.keyword("@context")
		if !local.present() || t.broken {
			break
		}
		return &Context{document: root.decoded(), size: len(t.nodes), vocabulary: newVocabulary(local)}, found
	}
	if !t.broken {
		found = append(found, diag.New(1, diag.Warning, diag.JSONLDContext,
			`this is not a JSON-LD context and is ignored: a context is an object with the member "@context"`))
	}
	return nil, found
}

// vocabulary is what a context says of its terms. nil is the built-in one.
type vocabulary struct {
	terms map[string]string // term -> IRI, compact IRI or keyword; "" takes the meaning away
	vocab string
	nodes map[string]bool // terms whose values are the names of nodes
	// plain says that the context does no more than give terms and prefixes
	// their IRIs, terms their types, and some keywords other names. Any other
	// one needs a processor.
	plain bool
}

// newVocabulary reads a local context.
func newVocabulary(local value) *vocabulary {
	v := &vocabulary{terms: map[string]string{}, nodes: map[string]bool{}, plain: true}
	for c := range local.all() {
		v.plain = v.add(c) && v.plain
	}
	return v
}

// predicates gives the relations of the built-in vocabulary that the context has
// under IRIs of its own: they keep their names.
func (v *vocabulary) predicates(into map[string]string) {
	for term, predicate := range relationTerms {
		if iri, defined := v.expand(term); defined {
			into[iri] = predicate
		}
	}
}

// isRenamed reports whether a keyword may have another name in a plain context.
func isRenamed(keyword string) bool {
	return keyword == "@id" || keyword == "@type" || keyword == "@graph" || keyword == "@nest"
}

// add takes over the definitions of one object, and reports whether that is all
// there is to it. Definitions of a context that is scoped to a term are taken as
// known everywhere.
func (v *vocabulary) add(c value) (plain bool) {
	plain = c.is(kindObject)
	for m := range c.children() {
		switch key := m.key(); {
		case key == "@vocab":
			v.vocab = m.raw()
		case key == "@version" || key == "@protected" || key == "@language":
		case strings.HasPrefix(key, "@"):
			plain = false
		case m.is(kindObject):
			plain = v.define(key, m) && plain
		default:
			v.terms[key] = m.raw()
			plain = plain && (isRenamed(m.raw()) || !strings.HasPrefix(m.raw(), "@"))
		}
	}
	return plain
}

// define reads an expanded term definition.
func (v *vocabulary) define(term string, definition value) (plain bool) {
	id, plain := v.vocab+term, true
	for m := range definition.children() {
		switch m.key() {
		case "@id":
			id = m.raw()
		case "@context":
			plain = v.add(m) && plain
		case "@type":
			if s := m.raw(); s == "@id" || s == "@vocab" {
				v.nodes[term] = true
			}
		case "@protected", "@prefix", "@language", "@nest":
		case "@container":
			plain = plain && (m.raw() == "@set" || m.raw() == "@list")
		default:
			plain = false
		}
	}
	v.terms[term] = id
	return plain && (isRenamed(id) || !strings.HasPrefix(id, "@"))
}

// expand gives a key its IRI; false if the context does not define it. IRIs of
// definitions may use other terms as prefixes.
func (v *vocabulary) expand(key string) (iri string, defined bool) {
	if iri, defined = v.terms[key]; defined {
		if iri == key {
			return iri, true
		}
		return v.iri(iri), iri != ""
	}
	if strings.Contains(key, ":") {
		return v.iri(key), true
	}
	return v.vocab + key, v.vocab != ""
}

// iri writes a compact IRI out; anything else stays as it is.
func (v *vocabulary) iri(s string) string {
	if v == nil {
		return s
	}
	for range 8 { // a prefix may be defined by another one
		prefix, rest, ok := strings.Cut(s, ":")
		base, known := v.terms[prefix]
		if !ok || !known || strings.HasPrefix(rest, "//") || base == "" || base == prefix {
			break
		}
		s = base + rest
	}
	return s
}

// name gives the local name of what a key stands for. A key that the context
// does not define describes what it says by itself.
func (v *vocabulary) name(key string) string {
	if v == nil || key == "" || key[0] == '@' {
		return local(key)
	}
	if iri, defined := v.expand(key); defined && iri != "@nest" {
		return local(iri)
	}
	return local(key)
}

// keyword gives the member of a node under a keyword or another name of it.
func (v *vocabulary) keyword(n value, keyword string) value {
	found := n.keyword(keyword)
	if v == nil || found.present() || !n.is(kindObject) {
		return found
	}
	for m := range n.children() {
		if v.terms[m.key()] == keyword {
			return m
		}
	}
	return value{}
}

// says reports whether a key says something, so that its value counts.
func (v *vocabulary) says(key string) bool {
	if v == nil || strings.HasPrefix(key, "@") {
		return true
	}
	iri, defined := v.expand(key)
	return defined && iri != ""
}

// means reports whether a key is a keyword or another name of it.
func (v *vocabulary) means(key, keyword string) bool {
	return key == keyword || v != nil && v.terms[key] == keyword
}

// relation gives the predicate that a key stands for, false if the context does
// not define it: a processor drops such a key. A key with a colon is an IRI,
// whatever the context says (JSON-LD 1.1, section 5.2, IRI expansion).
func (v *vocabulary) relation(key string) (predicate string, defined bool) {
	name := local(key)
	if v != nil {
		var iri string
		if iri, defined = v.expand(key); !defined || strings.HasPrefix(iri, "@") {
			return "", false
		}
		if predicate, defined = relationTerms[key]; defined {
			return predicate, true
		}
		name = local(iri)
	} else if defined = len(name) < len(key); !defined {
		predicate, defined = relationTerms[name]
		return predicate, defined
	}
	if name == "" {
		return "", false
	}
	return snake(name), true
}
