package owlfs

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// writer makes random axioms of the grammar's tables and lays them out as people
// might: the same seed gives the same text.
type writer struct {
	rand  *rand.Rand
	depth int
}

func (w *writer) pick(of ...string) string { return of[w.rand.IntN(len(of))] }

// arguments are those of a production: as few as the specification wants, or
// some more where it allows them.
func (w *writer) arguments(p production) []Term {
	w.depth++
	defer func() { w.depth-- }()
	var args []Term
	for p.annotated && w.rand.IntN(4) == 0 && w.depth < 4 {
		args = append(args, w.term(anAnnotation))
	}
	for _, a := range p.args {
		n := a.min + w.rand.IntN(min(a.max-a.min, 3)+1)
		if a.pair && n%2 == 1 {
			n++
		}
		for i := range n {
			is := a.is
			if a.pair && i%2 == 1 {
				is = a.then
			}
			args = append(args, w.term(is))
		}
	}
	return args
}

// term is a random term of a category. A list without elements is one as well.
func (w *writer) term(is category) Term {
	s := &shapes[is]
	if s.list != nil {
		return Term{Kind: Group, Args: w.arguments(*s.list)}
	}
	leaves := []Kind{}
	for _, k := range []Kind{IRI, Name, Anonymous, Literal, Number} {
		if s.leaves.has(k) {
			leaves = append(leaves, k)
		}
	}
	if len(s.calls) > 0 && (len(leaves) == 0 || w.depth < 4 && w.rand.IntN(2) == 0) {
		heads := slices.Sorted(maps.Keys(s.calls))
		head := heads[w.rand.IntN(len(heads))]
		return Term{Kind: Call, Text: head, Args: w.arguments(s.calls[head])}
	}
	return w.leaf(leaves[w.rand.IntN(len(leaves))])
}

func (w *writer) leaf(kind Kind) Term {
	t := Term{Kind: kind}
	switch kind {
	case IRI:
		t.Text = w.pick("http://a.example/b#c", "urn:x:(y)", "http://a.example/é?q=1;2")
	case Name:
		t.Text = w.pick(":A", "ex:b", "ex:", ":", "owl:Thing", "ex:a.b-c_d", "ex:日本", ":a:b", "SubClassOf:x")
	case Anonymous:
		t.Text = w.pick("_:a", "_:b1", "_:c.d")
	case Number:
		t.Text = strconv.Itoa(w.rand.IntN(1000))
	case Literal:
		t.Text = w.pick("", "a", `say "x" \ y`, "two\nlines", "SubClassOf(:A :B)", "# no comment; no (", "\\", "日本\t", "@en")
		t.Suffix = w.pick("", "@en", "@de-CH-1996", "^^xsd:string", "^^<http://a.example/t>", "^^ex:t")
	}
	return t
}

// layout writes t with blanks, line ends and comments wherever they may stand.
func (w *writer) layout(b *strings.Builder, t Term) {
	if t.Kind != Call && t.Kind != Group {
		b.WriteString(t.String())
		return
	}
	b.WriteString(t.Text + w.pick("", "", " ", "\n  ") + "(")
	for _, arg := range t.Args {
		b.WriteString(w.pick(" ", "  ", "\t", "\r\n  ", " # a (comment) \"\n  "))
		w.layout(b, arg)
	}
	b.WriteString(w.pick("", " ", "\n") + ")")
}

// TestRandomAxioms: whatever the grammar can produce is read without a finding
// as the tree that it is, in any layout, and its canonical text is read as the
// same axiom.
func TestRandomAxioms(t *testing.T) {
	t.Parallel()
	w := &writer{rand: rand.New(rand.NewPCG(1, 2))}
	opts := Options{Line: 1, Prefixes: map[string]string{"": "urn:a:", "ex": "urn:e:", "SubClassOf": "urn:s:"}}
	for _, head := range slices.Sorted(maps.Keys(axioms)) {
		for range 300 {
			want := Term{Kind: Call, Text: head, Args: w.arguments(axioms[head])}
			var text strings.Builder
			w.layout(&text, want)
			for _, src := range []string{text.String(), want.String()} {
				r := Parse(src, opts)
				if len(r.Axioms) != 1 || r.Axioms[0].Expression != want.String() {
					t.Fatalf("%q is read as %+v (%+v)", src, r.Axioms, r.Diagnostics)
				}
				for _, d := range r.Diagnostics {
					if d.Severity != diag.Info {
						t.Fatalf("%q: %+v", src, d)
					}
				}
				checkReadsBack(t, r.Axioms[0])
			}
		}
	}
}
