package jsonld

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// unnamedClass is a class expression, a node without a name that a class has to
// do with.
type unnamedClass struct {
	head, subject, key string
	value              value
}

// subjectMark begins the names under which subjects go through the processor.
const subjectMark = "urn:kgsync:subject:"

// expression notes a class expression for later.
func (r *reader) expression(head, subject, key string, v value) {
	if v.is(kindObject) && isIRI(subject) && !v.keyword("@value").present() && !r.vocabulary.keyword(v, "@id").present() {
		r.unnamed = append(r.unnamed, unnamedClass{head, subject, key, v})
	}
}

// expressions makes axioms of the class expressions of a document. They go
// through the processor together, for what they consist of may be written in
// many ways.
func (r *reader) expressions(document value) {
	if len(r.unnamed) == 0 {
		return
	}
	unnamed := r.unnamed
	r.unnamed = nil
	expanded, err := r.expandUnnamed(unnamed)
	if err != nil {
		if errors.Is(err, errTooLarge) {
			r.refused(document, err)
			return
		}
		r.report(diag.Warning, unnamed[0].value.line(), diag.JSONLDContext,
			"the class expressions of this block are left out, as one of them is not valid JSON-LD 1.1: correct what does not fit the context")
		return
	}
	g := newGraph(triplesOf(expanded))
	for _, t := range g.triples {
		name, ours := strings.CutPrefix(t.subject.Text, subjectMark)
		i, err := strconv.Atoi(name)
		if !ours || err != nil || i < 0 || i >= len(unnamed) {
			continue
		}
		if a, ok := g.expressive(t); ok && a.Args[1].Kind == owlfs.Call {
			r.axiom(unnamed[i].value.line(), call(unnamed[i].head, iriTerm(unnamed[i].subject), a.Args[1]))
		}
	}
}

// expandUnnamed expands the expressions with the context of their document.
func (r *reader) expandUnnamed(unnamed []unnamedClass) ([]any, error) {
	context, definitions := builtinContext()["@context"], 1
	if r.vocabulary != nil {
		context, definitions = r.local.document.(map[string]any)["@context"], r.local.size
	}
	size := 0
	for _, u := range unnamed {
		size += u.value.size()
	}
	if size > maxProcessed || size*definitions > maxContextWork {
		return nil, errTooLarge
	}
	nodes := make([]any, len(unnamed))
	for i, u := range unnamed {
		nodes[i] = map[string]any{"@id": subjectMark + strconv.Itoa(i), u.key: u.value.decoded()}
	}
	expanded, _, err := r.expand(map[string]any{"@context": context, "@graph": nodes})
	return expanded, err
}
