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
	local              *Context // nil is the built-in one
}

// Limits of what the unnamed classes of a text may cost.
const (
	maxUnnamed = 10_000 // values in them
	maxBatches = 20     // changes of the context between them
)

// subjectMark begins the names under which subjects go through the processor.
const subjectMark = "urn:kgsync:subject:"

// expression notes a class expression for later.
func (r *reader) expression(head, subject, key string, v value) {
	if v.is(kindObject) && isIRI(subject) && !v.keyword("@value").present() && !r.vocabulary.keyword(v, "@id").present() {
		local := r.local
		if r.vocabulary == nil {
			local = nil
		}
		r.unnamed = append(r.unnamed, unnamedClass{head, subject, key, v, local})
	}
}

// expressions makes axioms of the class expressions noted so far. They go through
// the processor together, for what they consist of may be written in many ways.
func (r *reader) expressions() {
	unnamed := r.unnamed
	r.unnamed = nil
	if len(unnamed) > 0 {
		r.read(unnamed)
	}
}

// read reads class expressions; where the processor refuses some, in halves.
func (r *reader) read(unnamed []unnamedClass) {
	expanded, err := r.expandUnnamed(unnamed)
	switch n := len(unnamed); {
	case errors.Is(err, errTooLarge):
		r.report(diag.Warning, unnamed[0].value.line(), diag.JSONLDLimit,
			"class expressions without a name are left out from here on, as they are more than a JSON-LD processor is given: split this block")
		return
	case err != nil && n > 1:
		r.read(unnamed[:n/2])
		r.read(unnamed[n/2:])
		return
	case err != nil:
		r.report(diag.Warning, unnamed[0].value.line(), diag.JSONLDContext,
			"this class expression is not valid JSON-LD 1.1 and is left out: correct what does not fit the context")
		return
	}
	g := newGraph(triplesOf(expanded, &r.blanks, map[string]owlfs.Term{}))
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
	if c := unnamed[0].local; c != nil {
		context, definitions = c.document.(map[string]any)["@context"], c.size
	}
	for _, u := range unnamed {
		r.spent.values += u.value.size()
	}
	r.spent.work += r.spent.values * definitions
	r.spent.batches++
	if r.spent.values > maxUnnamed || r.spent.work > maxContextWork || r.spent.batches > maxBatches {
		return nil, errTooLarge
	}
	nodes := make([]any, len(unnamed))
	for i, u := range unnamed {
		nodes[i] = map[string]any{"@id": subjectMark + strconv.Itoa(i), u.key: u.value.decoded()}
	}
	expanded, _, err := r.expand(map[string]any{"@context": context, "@graph": nodes})
	return expanded, err
}
