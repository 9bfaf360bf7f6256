package jsonld

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// Limits of one fence. Real documents need fewer than ten levels and a few
// thousand values.
const (
	maxDepth  = 100
	maxValues = 1 << 20
	// maxSourceBytes keeps offsets within int32.
	maxSourceBytes = math.MaxInt32
)

// scanner writes a tape in one pass. After an error nothing more is read; what
// was written is closed and stays.
type scanner struct {
	tape
	options     Options
	pos         int
	line        int
	lineStart   int
	failed      bool
	duplicates  int
	diagnostics []diag.Diagnostic
}

// maxDuplicates bounds the findings about keys that stand twice.
const maxDuplicates = 100

// scan reads a JSON text, or several one after the other.
func scan(src string, o Options) (*tape, []diag.Diagnostic) {
	s := &scanner{options: o, line: o.Line}
	s.src = src
	if len(src) > maxSourceBytes {
		s.fail(diag.JSONLDLimit, "this JSON-LD is larger than 2 GiB and is left out: split it")
		return &s.tape, s.diagnostics
	}
	s.nodes = make([]node, 0, len(src)/32+8)
	for s.space(); s.pos < len(src) && !s.failed; s.space() {
		s.value(0)
	}
	return &s.tape, s.diagnostics
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case '\n':
			s.line++
			s.lineStart = s.pos + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		s.pos++
	}
}

// peek gives the next byte after white space, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// add writes a value that starts here and gives its index, -1 if there are too
// many.
func (s *scanner) add(k kind) int {
	if len(s.nodes) >= maxValues {
		s.fail(diag.JSONLDLimit, "this JSON-LD holds more than %d values and the rest is left out: split it", maxValues)
		return -1
	}
	s.nodes = append(s.nodes, node{kind: k, line: int32(s.line), next: int32(len(s.nodes) + 1)})
	return len(s.nodes) - 1
}

// value reads one value.
func (s *scanner) value(depth int) {
	if depth > maxDepth {
		s.fail(diag.JSONLDTooDeep, "this JSON-LD is nested more than %d levels deep and is left out from here on: flatten it", maxDepth)
		return
	}
	switch c := s.peek(); {
	case c == '{':
		s.object(depth)
	case c == '[':
		s.list(depth)
	case c == '"':
		s.text()
	case c == 't':
		s.bare(kindBare, "true")
	case c == 'f':
		s.bare(kindBare, "false")
	case c == 'n':
		s.bare(kindNull, "null")
	case c == '-' || '0' <= c && c <= '9':
		s.number()
	default:
		s.unexpected("a value")
	}
}

func (s *scanner) text() {
	at := s.add(kindString)
	start, end, escaped := s.str()
	switch {
	case at < 0:
	case s.failed:
		s.nodes[at].kind = kindNull
	default:
		n := &s.nodes[at]
		n.textStart, n.textEnd, n.textEscaped = int32(start), int32(end), escaped
	}
}

func (s *scanner) bare(k kind, word string) {
	if len(s.src)-s.pos < len(word) || s.src[s.pos:s.pos+len(word)] != word {
		s.unexpected("a value")
		return
	}
	if at := s.add(k); at >= 0 && k == kindBare {
		s.nodes[at].textStart, s.nodes[at].textEnd = int32(s.pos), int32(s.pos+len(word))
	}
	s.pos += len(word)
}

func (s *scanner) list(depth int) {
	at := s.add(kindList)
	s.pos++
	for more := s.peek() != ']'; more && !s.failed; more = s.comma(']') {
		s.value(depth + 1)
	}
	s.close(at)
}

func (s *scanner) object(depth int) {
	at := s.add(kindObject)
	var keys members
	s.pos++
	for more := s.peek() != '}'; more && !s.failed; more = s.comma('}') {
		s.member(depth, &keys)
	}
	s.close(at)
}

// close ends a container at its bracket, or at the error inside it.
func (s *scanner) close(at int) {
	if !s.failed {
		s.pos++
	}
	if at >= 0 {
		s.nodes[at].next = int32(len(s.nodes))
	}
}

// comma reads what follows an item and reports whether another one comes. A
// comma too many is forgiven.
func (s *scanner) comma(end byte) bool {
	if s.failed {
		return false
	}
	switch s.peek() {
	case end:
		return false
	case ',':
		s.pos++
		if s.peek() != end {
			return true
		}
		s.report(diag.Warning, diag.JSONLDSyntax, "a comma stands before this %q and is not valid JSON: remove it", end)
		return false
	}
	s.unexpected(fmt.Sprintf("a comma or %q", end))
	return false
}

func (s *scanner) member(depth int, keys *members) {
	if s.peek() != '"' {
		s.unexpected("a key in quotation marks")
		return
	}
	line, lineStart, before := s.line, s.lineStart, s.pos
	start, end, escaped := s.str()
	if s.failed {
		return
	}
	if s.peek() != ':' {
		s.unexpected("a colon")
		return
	}
	s.pos++
	at := len(s.nodes)
	s.value(depth + 1)
	if at == len(s.nodes) { // nothing was there
		return
	}
	n := &s.nodes[at]
	n.keyStart, n.keyEnd, n.keyEscaped = int32(start), int32(end), escaped
	if keys.repeated(&s.tape, int32(at)) {
		s.duplicate(value{&s.tape, int32(at)}, line, lineStart, before)
	}
}

// duplicate reports a key that stands twice, whose last value counts, as in JSON.
func (s *scanner) duplicate(member value, line, lineStart, at int) {
	if s.duplicates++; s.duplicates > maxDuplicates {
		return
	}
	d := diag.New(line, diag.Warning, diag.JSONLDDuplicateKey, "the key %q stands twice in this object and the last one counts: merge them", clip(member.key()))
	d.Column = s.columnOf(lineStart, at)
	s.diagnostics = append(s.diagnostics, d)
}

// unexpected fails at a byte that does not belong there.
func (s *scanner) unexpected(want string) {
	if s.pos >= len(s.src) {
		s.fail(diag.JSONLDSyntax, "this JSON-LD block ends where %s should follow: complete it", want)
		return
	}
	r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
	s.fail(diag.JSONLDSyntax, "this is not valid JSON from here on and the rest is left out: %s should stand where %q is", want, r)
}

func (s *scanner) fail(code diag.Code, format string, args ...any) {
	if !s.failed {
		s.failed, s.broken = true, true
		s.report(diag.Error, code, format, args...)
	}
}

func (s *scanner) report(severity diag.Severity, code diag.Code, format string, args ...any) {
	d := diag.New(s.line, severity, code, format, args...)
	d.Column = s.column()
	s.diagnostics = append(s.diagnostics, d)
}

// column is the 1-based column of the next byte in the file, in characters.
func (s *scanner) column() int { return s.columnOf(s.lineStart, s.pos) }

func (s *scanner) columnOf(lineStart, at int) int {
	return utf8.RuneCountInString(s.src[lineStart:at]) + 1 + s.options.Indent
}

// clip shortens a text that a message quotes.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	for n := most; ; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n] + "…"
		}
	}
}
