package logseq

import (
	"sort"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Limits that keep the scanner linear and its results small. They are far
// beyond what a person writes.
const (
	maxNameBytes = 1024   // a longer page name is text
	maxDepth     = 8      // nesting of quotes, list items and emphasis
	maxMisses    = 32     // searches for an end that is not there
	maxBlockNest = 512    // nesting of blocks; deeper ones become siblings
	maxNotes     = 100    // findings about one file
	maxItems     = 250000 // blocks, properties, references, macros, fences, each
)

// Scan reads one file. It never fails: what it cannot make sense of is text.
func Scan(content []byte, opts Options) *Outline { return scan(content, opts).out }

func scan(content []byte, opts Options) *scanner {
	src := normalise(content)
	s := &scanner{out: &Outline{Source: src}, opts: opts}
	s.out.Blocks = make([]Block, 1, 8+strings.Count(src, "- "))
	s.out.Blocks[0] = Block{Kind: BlockPage, Parent: -1, Line: 1, End: len(src), indent: -1}
	r := &s.readers[0]
	*r = reader{src: src, line: 1, top: true, firstBlock: true}
	r.pos = s.frontMatter(src)
	s.blocks(r)
	s.work += r.memo.work + s.inl.pairs.work
	s.closeBlocks(len(src))
	return s
}

// normalise removes a byte order mark and carriage returns.
func normalise(content []byte) string {
	text := strings.TrimPrefix(string(content), "\ufeff")
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// scanner carries the outline under construction.
type scanner struct {
	out   *Outline
	opts  Options
	full  bool // a limit was reached and said so
	inl   inline
	depth int
	work  int // bytes looked at, for the tests of linearity

	readers [maxDepth + 1]reader // one for each nesting, used again and again
}

// reader walks over one text: the file, or the content of a quote or list item.
type reader struct {
	src  string
	pos  int
	line int // of src[0]
	top  bool
	para int // start of the open paragraph + 1, 0 if none

	firstBlock bool      // nothing but page properties so far
	run        int       // end of the last run of properties and the blank lines after it, + 1; 0 if none
	runOfPage  bool      // they are properties of the page
	fences     fenceEnds // closing lines that src does not have
	noHiccup   bool      // no hiccup element is closed in src
	noDrawer   int       // no drawer of properties begins before it
	misses     int       // searches that found no end, see lineWith
	literalEnd int       // end of the multi-line value that is being passed
	lines      lineCursor
	known      struct{ from, end int } // no line ends between them
	noKey      struct{ from, end int } // no key of a property begins between them
	memo       searchMemo
	html       htmlIndex
	places     []place // where the parts of src stand, if not line by line
}

// lineCursor turns offsets into line numbers; it is cheap when they grow.
type lineCursor struct{ pos, line int }

func (r *reader) lineAt(pos int) int {
	if len(r.places) > 0 {
		return r.placeOf(pos)
	}
	c := &r.lines
	if pos >= c.pos {
		c.line += strings.Count(r.src[c.pos:pos], "\n")
	} else {
		c.line -= strings.Count(r.src[pos:c.pos], "\n")
	}
	c.pos = pos
	return r.line + c.line
}

// placeOf is lineAt in a text that was put together.
func (r *reader) placeOf(pos int) int {
	i := sort.Search(len(r.places), func(i int) bool { return r.places[i].at > pos })
	if i == 0 {
		return r.line
	}
	return r.places[i-1].line
}

// eol returns the end of the line that contains pos, without its "\n".
func (r *reader) eol(pos int) int {
	if k := &r.known; pos < k.from || pos > k.end || k.end == 0 { // constructs may end within a line, many in one
		k.from, k.end = pos, len(r.src)
		if i := strings.IndexByte(r.src[pos:], '\n'); i >= 0 {
			k.end = pos + i
		}
	}
	return r.known.end
}

// note reports something odd that costs no more than itself, up to a limit.
func (s *scanner) note(line int, code diag.Code, format string, args ...any) {
	if len(s.out.Diagnostics) < maxNotes {
		s.out.Diagnostics = append(s.out.Diagnostics, diag.New(line, diag.Warning, code, format, args...))
	}
}

// current is the index of the block that is open.
func (s *scanner) current() int { return len(s.out.Blocks) - 1 }

// room reports whether one more item may be kept in a list of n.
func (s *scanner) room(n, line int) bool {
	if n < maxItems {
		return true
	}
	if !s.full {
		s.full = true
		s.out.Diagnostics = append(s.out.Diagnostics, diag.New(line, diag.Error, diag.LogseqTooManyItems,
			"the file has more than %d blocks, properties or references; the rest is left out: split the file", maxItems))
	}
	return false
}
