package jsonld

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/piprate/json-gold/ld"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Limits of what a JSON-LD processor is given. It copies the active context for
// each context that it meets, so that work grows with their product.
const (
	maxProcessed   = 50_000    // values of a document
	maxContextWork = 2_000_000 // definitions copied
	maxLoads       = 500       // contexts that are referred to, one by another
)

var (
	errTooLarge = errors.New("it is too large")
	errLoads    = errors.New("its contexts refer to too many others")
)

// expandDocument expands one top-level value.
func (r *reader) expandDocument(root value) ([]any, error) {
	if r.work(root) > maxContextWork || root.size() > maxProcessed {
		return nil, errTooLarge
	}
	expanded, remote, err := r.expand(root.decoded())
	if err != nil {
		return nil, err
	}
	for _, iri := range slices.Sorted(maps.Keys(remote)) {
		r.report(diag.Warning, root.line(), diag.JSONLDRemoteContext,
			"the context %s is never fetched, and the built-in vocabulary takes its place: keep a copy in the repository (docs/parsing.md)", clip(iri))
	}
	return expanded, nil
}

// expand runs the expansion algorithm (JSON-LD 1.1 Processing Algorithms and API,
// section 5.1) and says which contexts there are no copies of. A panic of the
// library is an error as any other: it is a function of the text alone.
func (r *reader) expand(document any) (expanded []any, remote map[string]bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			expanded, err = nil, fmt.Errorf("the processor gives up: %v", p)
		}
	}()
	options := ld.NewJsonLdOptions("")
	contexts := &loader{reader: r, remote: map[string]bool{}}
	options.DocumentLoader = contexts
	expanded, err = ld.NewJsonLdProcessor().Expand(document, options)
	return expanded, contexts.remote, err
}

// work bounds how many definitions are copied: one context's for each context,
// or for each object if a term brings a context of its own.
func (r *reader) work(root value) int {
	contexts, objects, definitions, scoped, end := 0, 0, 0, false, int32(0)
	for i := root.at; i < root.node().next; i++ {
		v := value{root.tape, i}
		if v.is(kindObject) {
			objects++
		}
		if i < end {
			definitions++
			definitions += r.sizeOf(v)
		}
		if v.hasKey("@context") {
			contexts++
			scoped = scoped || i < end
			end = max(end, v.node().next)
			definitions += r.sizeOf(v)
		}
	}
	if scoped || r.scoped {
		contexts += objects
	}
	return contexts * definitions
}

// sizeOf is the size of the repository's context that a string names.
func (r *reader) sizeOf(v value) int {
	if !v.is(kindString) {
		return 0
	}
	if c := r.context(v.raw()); c != nil {
		r.scoped = r.scoped || !c.vocabulary.plain
		return c.size
	}
	return len(relationTerms)
}

// loader gives a processor the contexts of the repository. Any other one is
// replaced by the built-in vocabulary, and never fetched.
type loader struct {
	reader *reader
	loads  int
	remote map[string]bool
}

// LoadDocument implements ld.DocumentLoader.
func (l *loader) LoadDocument(iri string) (*ld.RemoteDocument, error) {
	if l.loads++; l.loads > maxLoads {
		return nil, errLoads
	}
	if c := l.reader.context(iri); c != nil {
		return &ld.RemoteDocument{DocumentURL: iri, Document: c.document}, nil
	}
	l.remote[iri] = true
	return &ld.RemoteDocument{DocumentURL: iri, Document: builtinContext()}, nil
}

// decoded gives a value as encoding/json would, the last of repeated keys and
// numbers as float64.
func (v value) decoded() any {
	switch n := v.node(); n.kind {
	case kindObject:
		object := map[string]any{}
		for m := range v.children() {
			object[m.key()] = m.decoded()
		}
		return object
	case kindList:
		list := []any{}
		for item := range v.children() {
			list = append(list, item.decoded())
		}
		return list
	case kindString:
		return v.raw()
	case kindBare:
		return bareValue(v.raw())
	}
	return nil
}

func bareValue(s string) any {
	switch s {
	case "true":
		return true
	case "false":
		return false
	}
	f, _ := strconv.ParseFloat(s, 64) // a number too large becomes infinite
	if math.IsInf(f, 0) {
		return s
	}
	return f
}
