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
	// vocabulary is what the context says, nil if only a processor can tell.
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

// vocabulary is a context that does no more than give terms and prefixes their
// IRIs and terms their types. nil is the built-in one.
type vocabulary struct {
	terms map[string]string // term -> IRI, compact IRI or @nest; "" takes the meaning away
	vocab string
}

// newVocabulary reads a local context, nil if it needs a processor.
func newVocabulary(local value) *vocabulary {
	v := &vocabulary{terms: map[string]string{}}
	for c := range local.all() {
		if !v.add(c) {
			return nil
		}
	}
	return v
}

// add takes over the definitions of one object. Those of a context that is
// scoped to a term are taken as known everywhere.
func (v *vocabulary) add(c value) bool {
	if !c.is(kindObject) {
		return false
	}
	for m := range c.children() {
		switch key := m.key(); {
		case key == "@vocab":
			v.vocab = m.raw()
		case key == "@version" || key == "@protected" || key == "@language":
		case strings.HasPrefix(key, "@"):
			return false
		case m.is(kindObject):
			if !v.define(key, m) {
				return false
			}
		default:
			v.terms[key] = m.raw()
			if m.raw() != "@nest" && strings.HasPrefix(m.raw(), "@") {
				return false
			}
		}
	}
	return true
}

// define reads an expanded term definition.
func (v *vocabulary) define(term string, definition value) bool {
	id := ""
	for m := range definition.children() {
		switch m.key() {
		case "@id":
			id = m.raw()
		case "@context":
			if !v.add(m) {
				return false
			}
		case "@type", "@protected", "@prefix", "@language", "@nest":
		case "@container":
			if c := m.raw(); c != "@set" && c != "@list" {
				return false
			}
		default:
			return false
		}
	}
	if id == "" {
		id = v.vocab + term
	}
	v.terms[term] = id
	return id == "@nest" || !strings.HasPrefix(id, "@")
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

// relation gives the predicate that a key stands for, false if the context does
// not define it: a processor drops such a key. A key with a colon is an IRI,
// whatever the context says (JSON-LD 1.1, section 5.2, IRI expansion).
func (v *vocabulary) relation(key string) (predicate string, defined bool) {
	name := local(key)
	if v != nil {
		var iri string
		if iri, defined = v.expand(key); !defined || iri == "@nest" {
			return "", false
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
