// Package logseq scans Logseq-flavoured Markdown into an [Outline]: blocks,
// properties, references, macros and fences, as Logseq 0.10 (its parser mldoc
// 1.6) sees them.
//
// It owns the questions "what is a block", "what is a property" and "what is
// only text or code"; it knows nothing of ontologies, pages on disk or
// configuration files. It is pure and total: any bytes give an Outline, in time
// linear in their number. It may import parse/diag and the standard library.
package logseq

import (
	"iter"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Outline is one scanned file. All strings are substrings of Source wherever
// possible. It is immutable after Scan and safe for concurrent use.
type Outline struct {
	// Source is the scanned text: the content without a byte order mark and
	// with line ends normalised to "\n".
	Source string
	// Blocks lists the blocks in file order, so that a block's descendants are
	// the blocks right after it. Blocks[0] is the page itself: what stands
	// before the first bullet or heading.
	Blocks []Block
	// Properties lists every key:: value in file order. Those of one block
	// are contiguous: see [Outline.BlockProperties].
	Properties []Property
	// References lists what the file refers to, in file order.
	References []Reference
	// Macros lists {{name arguments}}, in file order.
	Macros []Macro
	// Fences lists the fenced code blocks, in file order.
	Fences []Fence
	// Summaries lists the <summary> elements of HTML blocks.
	Summaries []Summary
	// Diagnostics lists what the scanner stumbled over.
	Diagnostics []diag.Diagnostic
}

// BlockKind says what opens a block.
type BlockKind uint8

const (
	// BlockPage is the page itself, Blocks[0] only.
	BlockPage BlockKind = iota
	// BlockBullet is a "- " item. It may carry a heading: "- ### Title".
	BlockBullet
	// BlockHeading is a "# " heading without a bullet.
	BlockHeading
)

// Block is one block of the outline. Paragraphs, fences, HTML and properties
// that follow a bullet or heading belong to it, as in Logseq.
type Block struct {
	Kind BlockKind
	// Parent is the index of the block that contains this one, -1 for the
	// page. Bullets nest by indentation, headings by their number of "#", and
	// bullets at the margin belong to the heading above them.
	Parent int
	// Depth is the distance from the page (0).
	Depth int
	// Heading is the number of "#", 0 if the block is not a heading.
	Heading int
	// Line is the 1-based line that opens the block.
	Line int
	// Title is the text of the first line without indentation, "-" and "#".
	Title string
	// Start and End delimit the block's own text in Source, children excluded.
	Start, End int
	// Last is the index of the last descendant; the block's own index if it
	// has none.
	Last int

	indent                     int // characters before the marker; -1 for the page
	firstProperty, endProperty int
}

// Property is one "key:: value" line.
type Property struct {
	// Key is the key as Logseq reads it: lower case, "_" and " " as "-". A
	// key that Logseq does not accept (owl:class) keeps its colon.
	Key string
	// RawKey is the key as written.
	RawKey string
	// Value is the rest of the line, trimmed. For the value "|" it is the text
	// of the more deeply indented lines that follow, indentation stripped.
	Value string
	// Block is the index of the block that carries it.
	Block int
	// Line is the 1-based line of the key; the value starts there too, or for
	// the "|" form on the next line (see Literal). In front matter it may go on
	// over several lines; the references in it have their own.
	Line int
	// Page says that this is a property of the page: it stands in the first
	// block, before anything else, in YAML front matter, or as #+key: value.
	Page bool
	// Literal says that Value was given in the multi-line "|" form.
	Literal bool
	// Foreign says that Logseq does not read this line as a property because
	// of its key (it contains a colon); the ontology dialects do.
	Foreign bool
}

// RefKind says how a reference was written.
type RefKind uint8

const (
	// RefPage is [[page]], [text]([[page]]) or an embed of a page.
	RefPage RefKind = iota
	// RefTag is #tag or #[[multi word]].
	RefTag
	// RefBlock is ((uuid)) or an embed of a block.
	RefBlock
	// RefFile is [text](path) or ![alt](path) with a path, not a URL.
	RefFile
	// RefProperty is a page named without brackets in tags:: and the like.
	RefProperty
)

// Reference is one occurrence of a reference.
type Reference struct {
	Kind RefKind
	// Target is the page, tag, uuid or path as written, trimmed.
	Target string
	// Block is the index of the block that contains it.
	Block int
	// Line is 1-based.
	Line int
	// Embed says that it is the argument of {{embed}} or stands after "!".
	Embed bool
	// Nested says that it is [[a [[b]] c]] (its Target contains brackets) or
	// stands inside one.
	Nested bool
	// Property is the index of the property whose value contains it, -1 if it
	// stands in running text.
	Property int
}

// Macro is {{name arguments}}.
type Macro struct {
	Name      string
	Arguments string // as written, trimmed
	Block     int
	Line      int
}

// Fence is one fenced code block, or #+BEGIN_SRC to #+END_SRC.
type Fence struct {
	// Info is the text after the opening ticks, trimmed; Language its first
	// word, lower case.
	Info, Language string
	// Next is the same text on the closing line, where none belongs: it is the
	// opening line of another fence, and the one that closes this fence is missing.
	Next string
	// Content is the text between the fences, without the indentation of the
	// opening fence, ending with "\n" unless empty.
	Content string
	// Line is the 1-based line of the opening fence; Content starts on Line+1.
	Line int
	// Indent is the indentation that was removed, in bytes.
	Indent int
	// Block is the index of the block that contains it.
	Block int
	// Closed says that a closing fence was found. Without one the content
	// reaches to the end of the block.
	Closed bool
	// InHTML says that the fence stands inside a raw HTML element such as
	// <details>: Logseq shows it as text, authors mean a fence. Summary is then
	// the index in Summaries of the innermost such element's summary; -1 if
	// there is none.
	InHTML  bool
	Summary int
}

// HoldsFences reports whether lines of the content begin or end other fences, as
// in a sample of Markdown.
func (f *Fence) HoldsFences() bool { return nextFence(f.Content, 0, anyMark) >= 0 }

// Summary is the text of a <summary> element, its inner tags removed.
type Summary struct {
	Text  string
	Line  int // of the <summary> tag
	Block int
	// Body is what follows the summary in its <details> element, raw; "" if the
	// element is not closed. It starts on BodyLine.
	Body     string
	BodyLine int
}

// BlockProperties returns the properties that block i carries itself.
func (o *Outline) BlockProperties(i int) []Property {
	b := &o.Blocks[i]
	return o.Properties[b.firstProperty:b.endProperty]
}

// PropertiesWithin returns the range of Properties that block i and its
// descendants carry.
func (o *Outline) PropertiesWithin(i int) (from, to int) {
	return o.Blocks[i].firstProperty, o.Blocks[o.Blocks[i].Last].endProperty
}

// Children yields the indexes of the direct children of block i.
func (o *Outline) Children(i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for c := i + 1; c <= o.Blocks[i].Last; c = o.Blocks[c].Last + 1 {
			if !yield(c) {
				return
			}
		}
	}
}

// Within reports whether block i is block ancestor or one of its descendants.
func (o *Outline) Within(i, ancestor int) bool {
	return ancestor <= i && i <= o.Blocks[ancestor].Last
}

// Text returns the block's own text, without its children.
func (o *Outline) Text(i int) string {
	return o.Source[o.Blocks[i].Start:o.Blocks[i].End]
}
