package logseq

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// hostile are inputs on which a careless scanner is quadratic.
var hostile = map[string]func(n int) string{
	"open brackets":        repeat("["),
	"page reference opens": repeat("[[a "),
	"nested references":    func(n int) string { return strings.Repeat("[[a ", n/8) + strings.Repeat("]] ", n/8) },
	"parentheses":          repeat("("),
	"block refs":           repeat("((a "),
	"hashes":               repeat("#"),
	"hash words":           repeat("#a "),
	"ticks":                repeat("`"),
	"tick words":           repeat("`a ``b "),
	"stars":                repeat("*"),
	"star words":           repeat("*a **b ***c "),
	"nested emphasis":      repeat("**a *b _c ~~d "),
	"mixed emphasis":       repeat("*x **y *z** "),
	"underscores":          repeat("_a __b "),
	"dollars":              repeat("$a $$b "),
	"dollars in bold":      repeat("$ **[`]** "),
	"braces":               repeat("{{a "),
	"angles":               repeat("<a: <b <div> <!-- "),
	"divs":                 repeat("<div>"),
	"div lines":            repeat("<div>\n"),
	"div items":            repeat("* <b>\n\n<b> x\n"),
	"comments":             repeat("<!-- a\n"),
	"addresses":            func(n int) string { return strings.Repeat("<a@", n/3) + "\"" },
	"address opens":        func(n int) string { return strings.Repeat("<", n) + "@" },
	"label pieces":         repeat("[a `b "),
	"label references":     repeat("[[a]] ["),
	"emphasis and code":    repeat("*a `*` "),
	"emphasis in words":    repeat("*a`b _c~~"),
	"macro arguments":      repeat("{{a [[b]], ((c, \"d "),
	"task titles":          repeat("- TODO [#A] [^1]: a\n"),
	"footnote definitions": repeat("[^1]: ab\nc "),
	"summaries":            func(n int) string { return "<div>" + strings.Repeat("<summary>", n/9) + "</div>" },
	"nested details": func(n int) string {
		return strings.Repeat("<details><summary>OntologyBlock</summary>", n/80) + strings.Repeat("</details>", n/80)
	},
	"tag dots":           repeat("#.;"),
	"export snippets":    repeat("@@a: b "),
	"latex opens":        repeat("\\( \\[ "),
	"latex items":        repeat("* \\[ a\n\n\\[ b\n"),
	"at signs":           repeat("@@a: "),
	"links":              repeat("[a]("),
	"escaped refs":       repeat("[[a\\]] "),
	"images":             repeat("![a"),
	"urls":               repeat("a://b"),
	"hiccup":             repeat("[:b "),
	"hiccup lines":       repeat("[:b\n"),
	"drawers":            repeat(":a:\n"),
	"property drawers":   repeat(":PROPERTIES:\n"),
	"spoilt drawers":     func(n int) string { return strings.Repeat(":PROPERTIES:\n", n/13) + "x\n" },
	"directives":         repeat("#+a: b\n\n"),
	"org blocks":         func(n int) string { return numbered("#+BEGIN_x%d\n", n) },
	"latex environments": func(n int) string { return numbered("\\begin{x%d}\n", n) },
	"fences":             repeat("```\n"),
	"fence marks":        fenceMarks,
	"fences in details":  func(n int) string { return "<details>\n" + fenceMarks(n) + "</details>\n" },
	"fences of json":     repeat("```json\n"),
	"colours":            repeat("#a1b "),
	"quotes":             repeat(">"),
	"quote lines":        repeat("> > > a\n"),
	"lists":              repeat("* a\n"),
	"ordered lists":      repeat("1. a\n   b\n"),
	"nested bullets":     nestedBullets,
	"bullets":            repeat("- "),
	"bullet lines":       repeat("- a\n"),
	"tables":             repeat("|a"),
	"table lines":        repeat("| a | [[b]] |\n"),
	"properties":         repeat("a:: b\n"),
	"foreign literals":   nestedLiterals,
	"comma list":         func(n int) string { return "tags:: " + strings.Repeat("a,", n/2) },
	"cells":              func(n int) string { return "| " + strings.Repeat("[[a ", n/4) + "|" },
	"front matter lines": func(n int) string { return "---\ntags: [\n" + strings.Repeat(" a,\n", n/4) + "---\n" },
	"front matter list":  func(n int) string { return "---\ntags:\n" + strings.Repeat("- a\n", n/4) + "---\n" },
	"front matter texts": func(n int) string { return "---\na: b\n" + strings.Repeat("  c\n\n", n/5) + "---\n" },
	"front matter quote": func(n int) string { return "---\na: \"b\n" + strings.Repeat("  c\n\n", n/5) + "---\n" },
	"front matter quotes": func(n int) string {
		return "---\na:\n" + strings.Repeat("- \"b\n  - 'c\n", n/14) + "---\n"
	},
	"front matter flow":   func(n int) string { return "---\na: [\n" + strings.Repeat(" '[[b]]',\n", n/10) + "]\n---\n" },
	"front matter colons": func(n int) string { return "---\na: b\n" + strings.Repeat("  c:\n", n/5) + "---\n" },
	"blank lines":         repeat("\n"),
	"blanks":              repeat(" "),
	"carriage returns":    repeat("\r"),
	"colons":              repeat(":"),
	"footnotes":           repeat("[^a"),
	"backslashes":         repeat("\\"),
}

func repeat(s string) func(int) string {
	return func(n int) string { return strings.Repeat(s, n/len(s)) }
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// fenceMarks are openings, each shorter than those before, and text.
func fenceMarks(n int) string {
	var b strings.Builder
	for i := 99; i >= 3; i-- {
		b.WriteString(strings.Repeat("`", i) + "\n" + strings.Repeat("~", i) + "\n")
	}
	b.WriteString(strings.Repeat("a\n", n/2))
	return b.String()
}

func nestedBullets(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("\t", i))
		b.WriteString("- a\n")
	}
	return b.String()
}

func nestedLiterals(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i))
		b.WriteString("a:b:: |\n")
	}
	return b.String()
}

// TestLinear is not parallel, because it measures memory. It scans hostile inputs of one size and of four times that size, and
// demands that the bytes looked at and the bytes allocated grow with the size; of fences outside of Logseq graphs too.
func TestLinear(t *testing.T) {
	elsewhere := Options{NoGraph: true, Begins: func(language string) bool { return language == "json" }}
	for name, input := range hostile {
		linear(t, name, input, Options{})
		if strings.Contains(name, "fence") {
			linear(t, name+" outside of a graph", input, elsewhere)
		}
	}
}

func linear(t *testing.T, name string, input func(int) string, opts Options) {
	t.Helper()
	const small, factor = 128 << 10, 4
	w1, a1 := effort(input(small), opts)
	w2, a2 := effort(input(small*factor), opts)
	if limit := 100 * small; w1 > limit {
		t.Errorf("%s: looked at %d bytes of %d", name, w1, small)
	}
	if w2 > w1*factor*5/4+small {
		t.Errorf("%s: %d times the input, %.1f times the work (%d, %d)", name, factor, float64(w2)/float64(w1), w1, w2)
	}
	if a2 > a1*factor*2+small*8 {
		t.Errorf("%s: %d times the input, %.1f times the memory (%d, %d)", name, factor, float64(a2)/float64(a1), a1, a2)
	}
}

func effort(input string, opts Options) (work int, allocated uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := scan([]byte(input), opts)
	runtime.ReadMemStats(&after)
	return s.work, after.TotalAlloc - before.TotalAlloc
}
