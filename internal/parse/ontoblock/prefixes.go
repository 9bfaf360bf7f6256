package ontoblock

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// namespace is what one source of OWL declares a prefix to be.
type namespace struct {
	line int
	iri  string
}

// prefixes collects the prefixes that the page's own OWL declares: its fences, and
// the values of owl:functional-syntax::.
func (r *reader) prefixes(o *logseq.Outline) {
	r.namespaces = map[string][]namespace{}
	for i := range o.Fences {
		if f := &o.Fences[i]; r.opts.Declared != nil {
			r.note(r.opts.Declared(f, r.result.InBlock(f)), f.Line)
		}
	}
	r.notePrefixes(o, 0)
	for i, inner := range r.inner {
		if inner != nil {
			r.notePrefixes(inner, o.Summaries[i].BodyLine-1)
		}
	}
	for _, list := range r.namespaces {
		slices.SortStableFunc(list, func(a, b namespace) int { return cmp.Compare(a.line, b.line) })
	}
}

func (r *reader) notePrefixes(o *logseq.Outline, shift int) {
	for i := range o.Properties {
		p := &o.Properties[i]
		if found := owlfs.DeclaredPrefixes(p.Value); len(found) > 0 && normal(p.RawKey) == "owl-functional-syntax" {
			r.note(found, p.Line+shift)
		}
	}
}

func (r *reader) note(prefixes map[string]string, line int) {
	for prefix, iri := range prefixes {
		r.namespaces[prefix] = append(r.namespaces[prefix], namespace{line, iri})
	}
}

// turn sets how far down declarations of prefixes count for a property of the
// page: to the end of its OntologyBlock, whose fences stand below its properties,
// or else to the property itself. As for the fences of the page, what stands above
// counts too, and of several declarations the last.
func (r *reader) turn(p *logseq.Property) {
	r.reach = p.Line
	if root := r.result.rootOf(p.Block); root >= 0 {
		r.reach = endOf(r.result.outline, root)
	}
}

// endOf is the last line of a block and its descendants.
func endOf(o *logseq.Outline, block int) int {
	if next := o.Blocks[block].Last + 1; next < len(o.Blocks) {
		return o.Blocks[next].Line - 1
	}
	return math.MaxInt
}

// namespace is what a prefix stands for.
func (r *reader) namespace(prefix string) (iri string, known bool) {
	list := r.namespaces[prefix]
	if n := sort.Search(len(list), func(i int) bool { return list[i].line > r.reach }); n > 0 {
		return list[n-1].iri, true
	}
	iri, known = r.opts.Prefixes[prefix]
	return iri, known
}
