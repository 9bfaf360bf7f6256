package owlfs

import (
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// megabyte repeats s until it is a megabyte long.
func megabyte(s string) string { return strings.Repeat(s, 1<<20/len(s)) }

// pathological are inputs made to hurt a parser: nesting, quotation marks that
// turn strings and text around at every line, endless runs of one thing.
func pathological() map[string]string {
	return map[string]string{
		"open":          megabyte("("),
		"close":         megabyte(")"),
		"quotes":        megabyte(`"`),
		"escapes":       megabyte(`\"`),
		"less":          megabyte("<"),
		"hash":          megabyte("#"),
		"semicolons":    megabyte(";"),
		"commas":        megabyte(","),
		"one name":      megabyte("a"),
		"colons":        megabyte(":"),
		"spaces":        megabyte("\u00a0"),
		"invalid":       megabyte("\xff"),
		"nested":        megabyte("SubClassOf("),
		"nested lines":  megabyte("SubClassOf(\n"),
		"expressions":   "SubClassOf(:A " + megabyte("ObjectComplementOf("),
		"lisp":          "(SubClassOf :A " + megabyte("(ObjectComplementOf "),
		"groups":        "SubClassOf(:A " + megabyte("("),
		"keys":          "HasKey(" + megabyte("(Annotation :a :b) "),
		"operands":      "DisjointClasses(" + megabyte(":A ") + ")",
		"unclosed":      megabyte("SubClassOf(:A\n"),
		"one line":      megabyte("SubClassOf(:A "),
		"turned around": megabyte("SubClassOf(<\">\"\n") + `"`,
		"escaped lines": megabyte("SubClassOf(\\\"\n") + `"`,
		"strings":       megabyte("SubClassOf(\"\n"),
		"annotations":   megabyte("AnnotationAssertion(:p :a \"x\"^^ ("),
		"wrappers":      megabyte("Ontology("),
		"prefixes":      megabyte("Prefix(a:="),
		"odd prefixes":  megabyte("SubClassOf(a:b c:d)"),
	}
}

// TestPathological wants the limits kept: few findings, bounded rereading.
func TestPathological(t *testing.T) {
	t.Parallel()
	for name, src := range pathological() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{}.WithDefaults()
			p := &parser{report: newReport(o), options: o}
			p.lex = lexer{src: src, line: 1, bol: true}
			p.document()
			if p.reread > rereadFactor*len(src) || p.lex.scans > maxVainScans {
				t.Errorf("%d bytes read again, %d vain scans", p.reread, p.lex.scans)
			}
			if n := len(p.report.list); n > DefaultMaxDiagnostics+1 {
				t.Errorf("%d findings", n)
			}
			if len(p.result.Axioms) > DefaultMaxAxioms {
				t.Errorf("%d axioms", len(p.result.Axioms))
			}
			if len(p.report.list) == 0 && len(p.result.Axioms) == 0 && strings.Trim(src, "#;,\u00a0") != "" {
				t.Error("neither an axiom nor a finding")
			}
		})
	}
}

func TestMaxDepth(t *testing.T) {
	t.Parallel()
	nest := func(depth int) string {
		return "SubClassOf(owl:Thing " + strings.Repeat("ObjectComplementOf(", depth-1) + "owl:Thing" + strings.Repeat(")", depth)
	}
	src := nest(9) + "\n" + nest(10) + "\n" + nest(11) + "\nSubClassOf(owl:Nothing owl:Thing)"
	result := Parse(src, Options{MaxDepth: 10})
	if len(result.Axioms) != 3 {
		t.Errorf("%d axioms, want those of depth 9 and 10 and the one after", len(result.Axioms))
	}
	if len(result.Diagnostics) != 1 || result.Diagnostics[0].Code != diag.OWLLimit || result.Diagnostics[0].Line != 3 {
		t.Errorf("findings %+v, want one about line 3", result.Diagnostics)
	}
}

func TestMaxAxioms(t *testing.T) {
	t.Parallel()
	src := strings.Repeat("SubClassOf(owl:Nothing owl:Thing)\n", 4)
	for limit, cut := range map[int]bool{3: true, 4: false} {
		result := Parse(src, Options{MaxAxioms: limit})
		if len(result.Axioms) != limit || (len(result.Diagnostics) > 0) != cut {
			t.Errorf("limit %d: %d axioms, findings %+v", limit, len(result.Axioms), result.Diagnostics)
		}
	}
}

func TestMaxTerms(t *testing.T) {
	t.Parallel()
	operands := func(n int) string { return "DisjointClasses(" + strings.Repeat("owl:Thing ", n) + ")\n" }
	result := Parse(operands(MaxTerms)+operands(MaxTerms+1)+operands(2), Options{})
	if len(result.Axioms) != 2 || len(result.Diagnostics) != 1 || result.Diagnostics[0].Code != diag.OWLLimit || result.Diagnostics[0].Line != 2 {
		t.Errorf("%d axioms, findings %+v; want the axiom that is too large left out", len(result.Axioms), result.Diagnostics)
	}
}

// TestPlace wants lines and columns of the file, not of the fence, and columns
// in characters.
func TestPlace(t *testing.T) {
	t.Parallel()
	result := Parse("# größer\nSubClassOf(:ä \"x\")", Options{Line: 40, Indent: 4, Prefixes: map[string]string{"": "http://zoo.example/"}})
	if len(result.Diagnostics) != 1 || result.Diagnostics[0].Line != 41 || result.Diagnostics[0].Column != 19 {
		t.Errorf("findings %+v, want one at 41:19", result.Diagnostics)
	}
}

func TestNewAxiomRefusesWhatIsNoAxiom(t *testing.T) {
	t.Parallel()
	cat := Term{Kind: Name, Text: ":Cat"}
	for _, bad := range []Term{
		{},
		cat,
		{Kind: Call, Text: "ObjectUnionOf", Args: []Term{cat, cat}},
		{Kind: Call, Text: "SubClassOf", Args: []Term{cat}},
	} {
		if a, err := NewAxiom(bad, 1); err == nil {
			t.Errorf("NewAxiom(%v) = %v", bad, a.Expression)
		}
	}
	a, err := NewAxiom(Term{Kind: Call, Text: "SubClassOf", Args: []Term{cat, cat}}, 3)
	if err != nil || a.Expression != "SubClassOf(:Cat :Cat)" || a.Line != 3 {
		t.Errorf("NewAxiom = %+v, %v", a, err)
	}
}

func TestLooksLikeOWL(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"Declaration(Class(:A))":                true,
		"# comment\n\n  SubClassOf ( :A :B )":   true,
		";; comment\n(Declaration (Class :A))":  true,
		"(SubClassOf\n  :A :B)":                 true,
		"Prefix(:=<http://a>)":                  true,
		"":                                      false,
		"{{query (property domain)}}":           false,
		"(defn sub-class-of [a b] (isa? a b))":  false,
		"(ns zoo.core)\n(Class/forName \"A\")":  false,
		"A SubClassOf(:A :B) statement in text": false,
		"SubClassOf: Cat":                       false,
		"SubClassOfX(:A :B)":                    false,
	} {
		if got := LooksLikeOWL(src); got != want {
			t.Errorf("LooksLikeOWL(%q) = %v", src, got)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	fence := fuzzSeeds(b)
	all := strings.Join(fence, "\n")
	b.Run("golden", func(b *testing.B) { benchmark(b, all) })
	b.Run("plain", func(b *testing.B) {
		benchmark(b, megabyte("SubClassOf(owl:Thing ObjectSomeValuesFrom(owl:topObjectProperty owl:Thing)) # a comment\n"))
	})
	for name, src := range pathological() {
		b.Run("pathological/"+name, func(b *testing.B) { benchmark(b, src) })
	}
}

func benchmark(b *testing.B, src string) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src, Options{})
	}
}
