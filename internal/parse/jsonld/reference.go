package jsonld

import "strings"

// reference reads {"@id": IRI, "label": name} or a bare text: an IRI if it has
// the form of one, else the name of a page. The name of an IRI without a label
// is the IRI.
func (r *reader) reference(v value) (name, iri string) {
	if !v.is(kindObject) {
		return r.bareReference(v.raw())
	}
	if x := v.keyword("@value"); x.present() {
		return r.bareReference(x.raw())
	}
	var label origin
	for m := range v.children() {
		switch key, is := m.key(), r.vocabulary.name(m.key()); is {
		case "@id":
			iri = r.vocabulary.iri(m.text())
		case "label", "prefLabel", "title", "name":
			label.prefer(&name, is, key, m.text())
		}
	}
	if strings.HasPrefix(iri, "_:") {
		iri = ""
	}
	if name == "" {
		name = iri
	}
	return name, iri
}

func (r *reader) bareReference(s string) (name, iri string) {
	if r.vocabulary != nil && isIRI(s) {
		s = r.vocabulary.iri(s)
	}
	return bareReference(s)
}

func bareReference(s string) (name, iri string) {
	if isIRI(s) {
		return s, s
	}
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "[["); ok {
		s = strings.TrimSpace(strings.TrimSuffix(inner, "]]"))
	}
	return s, ""
}

// names lists what a value refers to: IRIs, or names where there are none.
func (r *reader) names(v value) string {
	var list []string
	for x := range v.all() {
		name, iri := r.reference(x)
		if iri != "" {
			name = iri
		}
		if name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}

// isIRI reports whether s is an absolute or compact IRI rather than a name: a
// scheme or prefix, a colon, and no blank.
func isIRI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || rest == "" || scheme == "" || strings.ContainsAny(s, " \t\n<>\"{}|\\^`") {
		return false
	}
	for i := range len(scheme) {
		c := scheme[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.' || c == '_')) {
			return false
		}
	}
	return true
}
