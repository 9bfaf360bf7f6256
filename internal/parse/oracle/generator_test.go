package oracle

import (
	"math/rand/v2"
	"strings"
)

// generator writes random Logseq Markdown: every construct of the language, in
// every other one, sound and broken. The same seed gives the same text.
type generator struct {
	rand  *rand.Rand
	wild  int // chance in a hundred that something is cut or misplaced
	depth int
}

func newGenerator(seed, number uint64) *generator {
	g := &generator{rand: rand.New(rand.NewPCG(seed, number))}
	if number%3 == 2 {
		g.wild = 1 + g.rand.IntN(30)
	}
	return g
}

func (g *generator) chance(percent int) bool { return g.rand.IntN(100) < percent }

func (g *generator) pick(of ...string) string { return of[g.rand.IntN(len(of))] }

// document is a page of up to some twenty lines.
func (g *generator) document() string {
	var b strings.Builder
	if g.chance(4) {
		b.WriteString("---\n" + g.pick("title: x\n", "public: true\ntags: y\n", "", "- z\n") + "---\n")
	}
	if g.chance(30) {
		for range 1 + g.rand.IntN(3) {
			b.WriteString(g.property() + "\n")
		}
		if g.chance(70) {
			b.WriteString("\n")
		}
	}
	for range 1 + g.rand.IntN(8) {
		b.WriteString(g.block())
	}
	text := b.String()
	if g.chance(10) {
		text = strings.TrimSuffix(text, "\n")
	}
	return g.spoil(text)
}

// spoil cuts pieces out of a text or doubles them.
func (g *generator) spoil(text string) string {
	if !g.chance(g.wild) {
		return text
	}
	runes := []rune(text)
	for range 1 + g.rand.IntN(4) {
		if len(runes) < 2 {
			break
		}
		at := g.rand.IntN(len(runes))
		n := min(1+g.rand.IntN(3), len(runes)-at)
		switch g.rand.IntN(3) {
		case 0:
			runes = append(runes[:at], runes[at+n:]...)
		case 1:
			piece := append([]rune{}, runes[at:at+n]...)
			runes = append(runes[:at], append(piece, runes[at:]...)...)
		default:
			piece := []rune(g.pick("[", "]", "(", ")", "`", "*", "_", "#", "\\", "$", "<", ">", "{", "}", "|", "\"", ":", "\n", " ", "!", "-", "~", "^", "="))
			runes = append(runes[:at], append(piece, runes[at:]...)...)
		}
	}
	return string(runes)
}

// block is one block of the outline, or of plain Markdown, with its line ends.
func (g *generator) block() string {
	indent := strings.Repeat(g.pick("\t", "\t", "  "), g.rand.IntN(4))
	switch g.rand.IntN(23) {
	case 0, 1, 2, 3, 4, 5, 6:
		return g.bullet(indent)
	case 7, 8:
		return strings.Repeat("#", 1+g.rand.IntN(4)) + " " + g.text() + "\n" + g.body("")
	case 9:
		return g.fenced(g.pick("", indent))
	case 10:
		return g.quote() + g.pick("", "\n")
	case 11:
		return g.list()
	case 12:
		return g.table()
	case 13:
		return g.html()
	case 14:
		return g.org()
	case 15:
		return g.property() + "\n"
	case 16:
		return "\n"
	case 17:
		return g.plainMarkdown()
	case 18:
		return indent + g.task() + g.body(indent+"  ")
	}
	return g.pick("", "", indent) + g.text() + "\n"
}

func (g *generator) bullet(indent string) string {
	title := g.text()
	if g.chance(20) {
		title = strings.Repeat("#", 1+g.rand.IntN(4)) + " " + title
	} else if g.chance(8) {
		title = g.pick(g.property(), "> "+title, "```js\n"+indent+"  "+title+"\n"+indent+"  ```", "TODO "+title, "[#A] "+title, "")
	}
	return indent + "- " + title + "\n" + g.body(indent+"  ")
}

// task is a bullet with a marker, dates and what Logseq notes beside them.
func (g *generator) task() string {
	line := "- " + g.pick("TODO ", "DOING ", "DONE ", "LATER ", "NOW ", "WAITING ", "CANCELED ", "IN-PROGRESS ", "todo ") +
		g.pick("", "", "[#A] ", "[#b] ") + g.text() + "\n"
	if g.chance(40) {
		line += g.pick("", "  ") + g.pick("SCHEDULED: ", "DEADLINE: ", "scheduled: ") + g.date() + g.pick("", " "+g.text()) + "\n"
	}
	if g.chance(30) {
		line += "  " + g.pick(":LOGBOOK:\n  CLOCK: [2024-01-05 Fri 10:00:00]--[2024-01-05 Fri 10:05:00] =>  00:05:00\n  :END:\n",
			"id:: 12345678-1234-1234-1234-123456789abc\n", "collapsed:: true\n", ":PROPERTIES:\n  :id: x\n  :END:\n")
	}
	return line
}

func (g *generator) date() string {
	return g.pick("<2024-01-05 Fri>", "<2024-01-05 Fri 10:00 .+1d>", "[2024-01-05 Fri]", "<2024-01-05 Fri>--<2024-01-06 Sat>", "<2024-13-45>", "2024-01-05") + " "
}

// plainMarkdown is what documents hold that were not written for Logseq.
func (g *generator) plainMarkdown() string {
	switch g.rand.IntN(11) {
	case 0:
		return g.text() + "\n" + g.pick("===", "---", "====\n") + "\n"
	case 1:
		return g.pick("---", "***", "___", "- - -", "* * *", "+++") + "\n"
	case 2:
		return "\n    " + g.text() + "\n    " + g.text() + "\n\n"
	case 3:
		return "[" + g.name() + "]: " + g.pick("a.md", "<b.md>", "https://x.y/z", "c.md \"d\"") + "\n"
	case 4:
		return "* " + g.text() + "\n  * " + g.text() + "\n    + " + g.text() + "\n"
	case 5:
		return "1. " + g.text() + "\n   - " + g.text() + "\n2) " + g.text() + "\n"
	case 6:
		return g.text() + "  \n" + g.text() + "\\\n" + g.text() + "\n"
	case 7:
		return "> " + g.pick("[!note] ", "**Note** ") + g.text() + "\n> - " + g.text() + "\n>\n> " + g.fenced("")
	case 8:
		return "<p align=\"center\">\n  <a href=\"x.md#y\"><img src=\"z.png\"></a>\n" + g.text() + "\n</p>\n"
	case 9:
		return g.pick("a | b", "| a | b") + "\n--- | ---\n" + g.text() + " | " + g.text() + "\n"
	}
	return "#" + g.pick("", "#") + g.pick("", " ") + g.text() + g.pick(" #", " ##", "") + "\n"
}

// body is what may follow the first line of a block.
func (g *generator) body(indent string) string {
	var b strings.Builder
	for g.chance(30) {
		b.WriteString(indent + g.property() + "\n")
	}
	if g.chance(15) {
		b.WriteString(g.fenced(indent))
	}
	if g.chance(20) {
		b.WriteString(indent + g.text() + "\n")
	}
	return b.String()
}

func (g *generator) property() string {
	key := g.pick("tags", "alias", "requires", "has_part", "is-subclass-of", "Maturity", "belongsToDomain", "note", "a.b", "owl:class", "id", "title", "collapsed", "日本", "a/b", "template", "icon", "query-table")
	separator := ":: "
	if g.chance(5) {
		separator = g.pick("::", " :: ", ":: :: ", ": ")
	}
	switch g.rand.IntN(5) {
	case 0:
		return key + separator + g.text()
	case 1:
		return key + separator + "\"" + g.text() + "\""
	case 2:
		return key + separator + g.page() + ", " + g.name() + ", " + g.tag()
	case 3:
		return key + separator + g.pick("", "true", "12", "https://example.org/a#b")
	}
	return key + separator + g.page() + ", " + g.page()
}

func (g *generator) fenced(indent string) string {
	mark := g.pick("```", "```", "```", "~~~")
	var b strings.Builder
	b.WriteString(indent + mark + g.pick("", "js", "clojure", "json-ld", "python title", "{.x}") + "\n")
	for range g.rand.IntN(3) {
		b.WriteString(indent + g.text() + "\n")
	}
	if !g.chance(g.wild) {
		b.WriteString(indent + mark + "\n")
	}
	return b.String()
}

func (g *generator) quote() string {
	var b strings.Builder
	for range 1 + g.rand.IntN(3) {
		b.WriteString(g.pick("> ", "> ", ">", "> > ", "> - ", "") + g.text() + "\n")
	}
	return b.String()
}

func (g *generator) list() string {
	var b strings.Builder
	for range 1 + g.rand.IntN(3) {
		b.WriteString(g.pick("", "", "  ") + g.pick("* ", "+ ", "1. ", "12. ", "* [ ] ", "* [x] ") + g.text() + "\n")
		if g.chance(25) {
			b.WriteString("   " + g.text() + "\n")
		}
	}
	return b.String()
}

func (g *generator) table() string {
	var b strings.Builder
	for i := range 1 + g.rand.IntN(3) {
		b.WriteString("| " + g.text() + " | " + g.text() + " |\n")
		if i == 0 {
			b.WriteString("| --- | --- |\n")
		}
	}
	return b.String()
}

func (g *generator) html() string {
	switch g.rand.IntN(6) {
	case 0:
		return "<details><summary>" + g.text() + "</summary>\n\n" + g.text() + "\n</details>\n"
	case 1:
		return "<!-- " + g.text() + g.pick("\n", "") + g.text() + " -->" + g.pick("\n", " "+g.text()+"\n")
	case 2:
		return "<div class=\"a #b\">" + g.text() + g.pick("</div>", "\n</div>", "") + "\n"
	case 3:
		return g.text() + " <br/> " + g.text() + "\n"
	case 4:
		return "<img src=\"a.png\" alt=\"" + g.page() + "\">\n"
	}
	return "$$\n" + g.text() + "\n$$\n"
}

func (g *generator) org() string {
	switch g.rand.IntN(9) {
	case 0:
		return "#+BEGIN_QUOTE\n" + g.text() + "\n#+END_QUOTE\n"
	case 1:
		return "#+BEGIN_SRC js\n" + g.text() + "\n#+END_SRC\n"
	case 2:
		return "#+BEGIN_NOTE\n" + g.text() + "\n#+END_NOTE\n"
	case 3:
		return ":LOGBOOK:\n" + g.text() + "\n:END:\n"
	case 4:
		return "\\begin{equation}\n" + g.text() + "\n\\end{equation}\n"
	case 5:
		return "#+" + g.pick("title", "tags", "alias", "filetags", "public") + ": " + g.text() + "\n"
	case 6:
		return "#+BEGIN_QUERY\n{:query [:find ?b :where " + g.page() + "]}\n#+END_QUERY\n"
	case 7:
		return g.pick("#+BEGIN_EXAMPLE", "#+begin_export html", "#+BEGIN_COMMENT", "#+BEGIN_TIP", "#+BEGIN_CENTER") + "\n" + g.text() + "\n" +
			g.pick("#+END_EXAMPLE", "#+end_export", "#+END_COMMENT", "#+END_TIP", "#+END_CENTER", "") + "\n"
	}
	return "[^1]: " + g.text() + "\n"
}

// text is one line of inline constructs.
func (g *generator) text() string {
	var b strings.Builder
	for i := range 1 + g.rand.IntN(5) {
		if i > 0 {
			b.WriteString(g.pick(" ", " ", " ", " ", "", ", ", ". ", "-", ":", ";", "/", "\"", "'", "、", "é"))
		}
		b.WriteString(g.inline())
	}
	return g.spoil(b.String())
}

func (g *generator) inline() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 3 {
		return g.name()
	}
	switch g.rand.IntN(33) {
	case 0, 1, 2, 3:
		return g.page()
	case 4, 5:
		return g.tag()
	case 6:
		return "((12345678-1234-1234-1234-1234567" + g.pick("89abc", "89abd", "89ABE") + "))"
	case 7:
		return g.link()
	case 8:
		mark := g.pick("**", "*", "_", "__", "***", "~~", "==", "^^", "*_")
		return mark + g.inline() + g.pick("", " ", " x ") + g.inline() + mark
	case 9:
		return g.pick("`"+g.inline()+"`", "`"+g.inline()+"`", "``"+g.name()+"` "+g.page()+"``", "`"+g.inline())
	case 10:
		return g.macro()
	case 11:
		return g.pick("$", "$", "$$") + g.inline() + g.pick("$", "$", "$$")
	case 12:
		return g.pick("https://example.org/", "http://a.b/c#d", "mailto:a@b.c", "https://x.y/(z)", "ftp://q/#[[r]]", "a://") + g.pick("", g.name())
	case 13:
		return "<" + g.pick("https://example.org/#a", "mailto:x", "b", "http://x y") + ">"
	case 14:
		return "(" + g.inline() + ")"
	case 15:
		return g.pick("[", "{", "(", "\"", "'", "[[", "((", "{{", "]]", "))", "}}", "]", "#", "!", "|", "<", ">", "@@", "^", "\\")
	case 16:
		return "\\" + g.pick("[", "(", "*", "#", "`", "$", "alpha", "]", "\\", "{") + g.name()
	case 17:
		return g.pick("\\(", "\\[") + g.inline() + g.pick("\\)", "\\]")
	case 18:
		return g.pick("<b>", "<kbd>", "<span>", "<x>", "<i>") + g.inline() + g.pick("</b>", "</kbd>", "</span>", "</x>", "</i>")
	case 19:
		return g.pick("[^1]", "[:div "+g.inline()+"]", "@@html: "+g.inline()+"@@", "a_{"+g.inline()+"}", "x^{2}", "[[]]", "(())", "[ ]")
	case 20:
		return g.pick("&nbsp;", "&lt;", "<!-- "+g.inline()+" -->", "==", "🎉", "\u00a0", "\u3000", "\u200b", "--", "...", "\t", "[x]", "^^"+g.page()+"^^")
	case 21:
		return g.pick("["+g.name()+"]["+g.name()+"]", "["+g.name()+"][]", "["+g.page()+"]", g.date(), "\\ ", "::", "a::b", "key:: "+g.name())
	}
	return g.name()
}

// page is a reference to a page in one of its forms.
func (g *generator) page() string {
	switch g.rand.IntN(12) {
	case 0:
		return "[[" + g.name() + " [[" + g.name() + "]] " + g.name() + "]]"
	case 1:
		return "[[" + g.name() + "|" + g.name() + "]]"
	case 2:
		return "[[" + g.name() + "#" + g.name() + "]]"
	case 3:
		return "![[" + g.name() + g.pick("", ".png") + "]]"
	case 4:
		return "[[" + g.name() + "/" + g.name() + "]]"
	case 5:
		return "[[" + g.pick("a]b", "a[b", "(x)", "a (b)", "`c`", "*d*", "#e", "$f$", "g_h_i", "a\\b", "{{x}}", "<b>", " padded ", "http://u.v/w") + "]]"
	}
	return "[[" + g.name() + "]]"
}

func (g *generator) tag() string {
	switch g.rand.IntN(9) {
	case 0:
		return "#[[" + g.name() + " " + g.name() + "]]"
	case 1:
		return "#" + g.word() + "/" + g.word()
	case 2:
		return "#" + g.pick("fff", "9920", "1a", "é", "a_b", "a-b", "C++", "a.b", "a:b", "a'b", "(x)", "[y]", "x)", "*z*", "`w`", "日本", "a\"b")
	case 3:
		return "#" + g.word() + "[[" + g.word() + "]]"
	case 4:
		return "#" + g.word() + g.pick(",", ".", ";", ":", "!", "?", ")", "]", "\"", "'", "*", "。", "，")
	}
	return "#" + g.word()
}

func (g *generator) link() string {
	text := g.pick(g.name(), g.inline(), "")
	target := g.pick("a.md", "b/c%20d.md", "../e.md#f", "https://x.y/z", g.page(), "((12345678-1234-1234-1234-123456789abc))",
		"a (b).md", "<g h.md>", "i.png", "j.md \"title\"", "#k", "mailto:l", "", "m n.md", "a[1].md", "//x/y.md", "file:o.md")
	return g.pick("", "", "!") + "[" + text + "](" + target + ")" + g.pick("", "", "", "{:width 3}")
}

func (g *generator) macro() string {
	argument := g.pick(g.page(), "(("+"12345678-1234-1234-1234-123456789abc"+"))", g.name(), "(and "+g.page()+" "+g.tag()+")")
	return g.pick("{{", "{{", "{{{") + g.pick("embed ", "query ", "video ", "x", "renderer :a, ", "cloze ", "[[", "query (task TODO) ", "namespace ") + argument + g.pick("}}", "}}", "}}}")
}

func (g *generator) name() string {
	if g.chance(30) {
		return g.word() + " " + g.word()
	}
	return g.word()
}

func (g *generator) word() string {
	return g.pick("cat", "Dog", "ontology", "x", "Émile", "naïve", "日本", "a1", "C3PO", "snake_case", "v1.2", "A&B", "it's", "e-mail", "zoo")
}
