package jsonld

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

const (
	rdfNamespace  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	rdfsNamespace = "http://www.w3.org/2000/01/rdf-schema#"
	owlNamespace  = "http://www.w3.org/2002/07/owl#"
	xsdNamespace  = "http://www.w3.org/2001/XMLSchema#"

	rdfType = rdfNamespace + "type"
)

// triple is one statement of RDF. A term is an IRI, a blank node (Anonymous) or
// a Literal; IRIs are written out.
type triple struct {
	subject   owlfs.Term
	predicate string
	object    owlfs.Term
}

// walker turns an expanded document into triples, as the algorithms of JSON-LD
// do (JSON-LD 1.1 Processing Algorithms and API, section 8), but in one pass and
// in the order of the document. Names of graphs are left out.
type walker struct {
	triples []triple
	blanks  *blankNames
	known   map[string]owlfs.Term // blank nodes of the document
	muted   bool                  // in a graph whose name is a relative IRI: it says nothing
}

// triplesOf gives the triples of an expanded value of a document. The blank nodes
// that the document names are known, or become so.
func triplesOf(expanded []any, blanks *blankNames, known map[string]owlfs.Term) []triple {
	w := walker{blanks: blanks, known: known}
	for _, n := range expanded {
		w.object(n)
	}
	return w.triples
}

func (w *walker) emit(s owlfs.Term, predicate string, o owlfs.Term) {
	if !w.muted {
		w.triples = append(w.triples, triple{s, predicate, o})
	}
}

// node reads a node object and gives its name; false if that is a relative IRI,
// of which nothing can be said.
func (w *walker) node(n map[string]any) (owlfs.Term, bool) {
	id, named := n["@id"].(string)
	s, ok := w.blanks.next(), true
	if named {
		s, ok = w.name(id)
	}
	for _, key := range slices.Sorted(maps.Keys(n)) {
		list, _ := n[key].([]any)
		switch {
		case key == "@type":
			for _, t := range list {
				if name, isText := t.(string); isText && ok {
					if o, valid := w.name(name); valid {
						w.emit(s, rdfType, o)
					}
				}
			}
		case key == "@reverse":
			w.reverse(s, ok, n[key])
		case key == "@graph":
			outer := w.muted
			w.muted = !ok
			for _, x := range list {
				w.object(x)
			}
			w.muted = outer
		case key == "@included":
			for _, x := range list {
				w.object(x)
			}
		case strings.HasPrefix(key, "@"):
		default:
			for _, x := range list {
				if !ok || !isIRI(key) {
					w.nodesIn(x)
				} else if o, valid := w.object(x); valid {
					w.emit(s, key, o)
				}
			}
		}
	}
	return s, ok
}

// nodesIn reads the nodes in a value of which itself nothing can be said, so that
// its lists are left out.
func (w *walker) nodesIn(v any) {
	n, _ := v.(map[string]any)
	if list, ok := n["@list"].([]any); ok {
		for _, item := range list {
			w.nodesIn(item)
		}
		return
	}
	if _, ok := n["@value"]; !ok && n != nil {
		w.node(n)
	}
}

func (w *walker) reverse(o owlfs.Term, ok bool, v any) {
	properties, _ := v.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		list, _ := properties[key].([]any)
		for _, x := range list {
			if s, valid := w.object(x); valid && ok && isIRI(key) && s.Kind != owlfs.Literal {
				w.emit(s, key, o)
			}
		}
	}
}

// object reads what stands as a value in an expanded document.
func (w *walker) object(v any) (owlfs.Term, bool) {
	n, isMap := v.(map[string]any)
	if !isMap {
		return owlfs.Term{}, false
	}
	if value, ok := n["@value"]; ok {
		return literal(value, n)
	}
	if list, ok := n["@list"].([]any); ok {
		return w.list(list), true
	}
	return w.node(n)
}

// list makes the chain of blank nodes that RDF has for a list.
func (w *walker) list(items []any) owlfs.Term {
	end := owlfs.Term{Kind: owlfs.IRI, Text: rdfNamespace + "nil"}
	if len(items) == 0 {
		return end
	}
	head := w.blanks.next()
	for s, i := head, 0; i < len(items); i++ {
		if o, ok := w.object(items[i]); ok {
			w.emit(s, rdfNamespace+"first", o)
		}
		next := end
		if i < len(items)-1 {
			next = w.blanks.next()
		}
		w.emit(s, rdfNamespace+"rest", next)
		s = next
	}
	return head
}

// name gives an IRI or a blank node of the document.
func (w *walker) name(id string) (owlfs.Term, bool) {
	if strings.HasPrefix(id, "_:") {
		return w.blank(id), true
	}
	return owlfs.Term{Kind: owlfs.IRI, Text: id}, isIRI(id)
}

// blank gives a blank node that the document names.
func (w *walker) blank(id string) owlfs.Term {
	t, known := w.known[id]
	if !known {
		t = w.blanks.next()
		w.known[id] = t
	}
	return t
}

// literal gives a value object as a literal (section 8.2.2, Object to RDF
// Conversion).
func literal(value any, n map[string]any) (owlfs.Term, bool) {
	datatype, _ := n["@type"].(string)
	text := ""
	switch x := value.(type) {
	case string:
		text = x
	case bool:
		text = strconv.FormatBool(x)
		datatype = orElse(datatype, xsdNamespace+"boolean")
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1e21 && datatype != xsdNamespace+"double" {
			text = strconv.FormatFloat(x, 'f', -1, 64)
			datatype = orElse(datatype, xsdNamespace+"integer")
		} else {
			text = ld.GetCanonicalDouble(x)
			datatype = orElse(datatype, xsdNamespace+"double")
		}
	}
	if datatype == "@json" {
		text, datatype = canonicalJSON(value), rdfNamespace+"JSON"
	}
	t := owlfs.Term{Kind: owlfs.Literal, Text: text}
	language, _ := n["@language"].(string)
	switch {
	case language != "":
		t.Suffix = "@" + language
		return t, isLanguageTag(language)
	case datatype != "" && datatype != xsdNamespace+"string":
		t.Suffix = "^^" + compact(datatype).String()
		return t, isIRI(datatype)
	}
	return t, true
}

// canonicalJSON writes a JSON literal as RFC 8785 has it, which is how Go does but
// for the escapes of HTML.
func canonicalJSON(value any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(value) != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// isLanguageTag reports whether s has the form of a language tag (BCP 47).
func isLanguageTag(s string) bool {
	primary, _, _ := strings.Cut(s, "-")
	return isLetters(primary) && !strings.HasSuffix(s, "-") && !strings.Contains(s, "--") &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func isLetters(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// compact writes an IRI of OWL, RDF, RDFS or XSD with its prefix, which needs no
// declaration.
func compact(iri string) owlfs.Term {
	for _, p := range [...]struct{ prefix, namespace string }{
		{"owl:", owlNamespace}, {"rdfs:", rdfsNamespace}, {"rdf:", rdfNamespace}, {"xsd:", xsdNamespace}} {
		name, ok := strings.CutPrefix(iri, p.namespace)
		if ok && isLetters(name) {
			return owlfs.Term{Kind: owlfs.Name, Text: p.prefix + name}
		}
	}
	return owlfs.Term{Kind: owlfs.IRI, Text: iri}
}
