// Package owlfs reads the functional-style syntax of OWL 2, as the W3C OWL 2
// Structural Specification (second edition) defines it, from the code fences of
// a page.
//
// It owns the grammar, the canonical text of an axiom and the repair of broken
// input; it may import the standard library and parse/diag only. Reading is
// pure, total and linear in the source: nesting is bounded by Options.MaxDepth,
// no input fails or panics, and one broken axiom costs one diagnostic and that
// axiom alone.
//
// Real fences are looser than the specification, so more than its grammar is
// understood, each time with a diagnostic: the Lisp form (SubClassOf :A :B),
// ";;" comments, names without a prefix, literals without quotation marks and
// n-ary axioms of one operand. Names are never expanded: an axiom says what the
// file says.
package owlfs

import "github.com/kgsync/kgsync/internal/parse/diag"

// Limits that apply where Options leaves the field zero.
const (
	DefaultMaxDepth       = 128
	DefaultMaxAxioms      = 50_000
	DefaultMaxDiagnostics = 100
)

// MaxTerms is how many names, literals and applications one axiom may hold.
const MaxTerms = 1 << 16

// Options says where a source comes from and how much of it to read. The zero
// value reads a source that starts at line 1 with the default limits.
type Options struct {
	Line           int               // 1-based line in the file of the first source line; 0 means 1
	Indent         int               // characters the caller removed from the start of each line, added to columns
	Prefixes       map[string]string // known prefixes without their colon, "" for the default one; only read
	MaxDepth       int               // deepest nesting inside an axiom; 0 means DefaultMaxDepth
	MaxAxioms      int               // axioms kept of one source; 0 means DefaultMaxAxioms
	MaxDiagnostics int               // findings kept of one source; 0 means DefaultMaxDiagnostics
}

// WithDefaults is o with every zero field replaced by its default.
func (o Options) WithDefaults() Options {
	o.Line = max(o.Line, 1)
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.MaxAxioms <= 0 {
		o.MaxAxioms = DefaultMaxAxioms
	}
	if o.MaxDiagnostics <= 0 {
		o.MaxDiagnostics = DefaultMaxDiagnostics
	}
	return o
}

// Axiom is one axiom.
//
// Type is the W3C name of the axiom; declarations name the kind of entity too:
// "Declaration(Class)". Subject and Object are the two things it speaks of,
// annotations left aside:
//
//	Declaration                      the entity; ""
//	SubClassOf and other sub..Of     the sub; the super
//	Equivalent.., Disjoint..,        the first operand; the others, joined by
//	Same.., Different..              one space
//	DisjointUnion                    the class; its parts joined by one space
//	..Domain, ..Range                the property; the domain or range
//	Functional.. and the like        the property; ""
//	HasKey                           the class; the two lists of properties
//	DatatypeDefinition               the datatype; its range
//	ClassAssertion                   the individual; the class
//	..PropertyAssertion              the source individual; the target or value
//	AnnotationAssertion              the subject; the value
//	DLSafeRule                       the body; the head
//
// A Subject or Object that is one IRI is that IRI as written, without angle
// brackets: "ex:Cat" or "http://example.com/Cat", so that it can be compared
// with the IRIs of other dialects. Anything else is canonical text.
type Axiom struct {
	Type       string
	Subject    string
	Object     string
	Expression string // canonical text; Parse reads the same axiom from it
	Line       int    // line in the file where the axiom starts
	Term       Term   // the axiom as a tree
}

// Result is what one source says. Axioms are in the order of the source and
// may repeat each other.
type Result struct {
	Axioms      []Axiom
	Prefixes    map[string]string // declared in the source, without their colon; nil if none
	OntologyIRI string            // of an Ontology(...) wrapper, without angle brackets
	VersionIRI  string
	Imports     []string // IRIs of Import(...), without angle brackets
	Diagnostics []diag.Diagnostic
}

// Parse reads every axiom of src. It is safe for concurrent use.
func Parse(src string, o Options) Result {
	o = o.WithDefaults()
	p := &parser{report: newReport(o), prefixes: NewPrefixes(o.Prefixes), options: o}
	p.lex = lexer{src: src, line: o.Line, bol: true}
	p.document()
	p.result.Diagnostics = p.report.list
	return p.result
}
