// Package parse turns the bytes of one Markdown file into a [Document]: what
// the file says, as written, plus the keys by which it is looked up.
//
// It owns the content types that the store keeps and the order in which the
// dialects are read. It is pure: no I/O, no clock, no globals that change; the
// same path, bytes and configuration always give the same Document, and no
// input makes it fail or panic (what is wrong becomes a diagnostic). It may
// import its own subpackages, the standard library and parser libraries.
// Whether a link or a superclass resolves is not decided here: that needs the
// whole repository and belongs to the store's views.
package parse

import "github.com/kgsync/kgsync/internal/parse/diag"

// Kind says what a file is.
type Kind string

// The kinds of kg.files (design: "What a file says").
const (
	KindKnowledgeGraph Kind = "knowledge_graph"
	KindOntology       Kind = "ontology"
	KindSkipped        Kind = "skipped"
)

// LinkKind says how a file refers to something.
type LinkKind string

// The kinds of kg.links.
const (
	LinkPage     LinkKind = "page"     // [[page]], also inside embeds and property values
	LinkProperty LinkKind = "property" // a page named without brackets in tags::, alias:: and the like
	LinkTag      LinkKind = "tag"      // #tag, #[[multi word]]
	LinkBlock    LinkKind = "block"    // ((uuid))
	LinkFile     LinkKind = "file"     // [text](relative.md)
)

// Document is what one file says. Slices hold no duplicates: a statement made
// twice is one entry (a link: one entry per line). Their order is the order in
// the file and is deterministic.
type Document struct {
	Kind       Kind
	SkipReason string // why Kind is skipped, as a stable code: "not-public", "empty", ...

	Page       Page
	Aliases    []Alias
	Links      []Link
	Tags       []Tag
	Properties []Property

	Classes       []Class
	SubClassOf    []SubClass
	Relations     []Relation
	OWLProperties []OWLProperty
	Axioms        []Axiom

	Diagnostics []diag.Diagnostic
}

// Page is the page a file states. A skipped file states none: its Document has
// only Kind, SkipReason and Diagnostics.
type Page struct {
	Name      string // display name: title:: or the decoded file name
	NameKey   string // identity: NFC, lower case, trimmed (see NameKey)
	Namespace string // name of the parent page, "" at the top
	Public    bool   // marked public, in a property or in JSON-LD
	Journal   string // ISO date of a journal page, else ""
}

// Alias is another name of the page.
type Alias struct {
	Name    string
	NameKey string
	Line    int
}

// Link is one reference on one line. Line counts from 1.
type Link struct {
	Target    string // as written; for LinkFile the path inside the repository
	TargetKey string // NameKey of the page meant; for LinkBlock the lower-case uuid
	Kind      LinkKind
	Line      int
}

// Tag is a distinct tag of the file, first use first.
type Tag struct {
	Name    string
	NameKey string
	Line    int
}

// Property is one key:: value. Keys are lower case with "-" for "_" where
// Logseq reads them so; keys with a colon (owl:class) keep it. Block is the
// 1-based line of the block that carries it, 0 for the page itself.
type Property struct {
	Key   string
	Value string
	Block int
	Line  int
}

// Dialect says where an ontology statement was written. It equals the
// dialect names of the configuration: ontology_block, functional, jsonld,
// manchester.
type Dialect string

// Class is one declared class.
type Class struct {
	IRI        string // as written: absolute, or prefix:name
	Label      string
	Definition string
	Dialect    Dialect
	Domain     string // source domain
	Maturity   string
	Status     string
	TermID     string
	Line       int
	// Metadata is the remaining scalar metadata of the block, key -> value.
	Metadata map[string]string
}

// SubClass states that Class is a subclass of Parent.
type SubClass struct {
	Class     string // IRI of the subclass as written
	Parent    string // as written: page name or IRI
	ParentIRI string // IRI where the file gives one, else ""
	ParentKey string // NameKey of Parent where it names a page, else ""
	Line      int
	Dialect   Dialect
}

// Relation is one subject-predicate-object statement between classes.
type Relation struct {
	Subject   string // class IRI, or "" when the page states it without a class
	Predicate string // lower_snake_case canonical key
	Object    string // as written: page name or IRI
	ObjectIRI string // IRI where the file gives one, else ""
	ObjectKey string // NameKey of Object where it names a page, else ""
	Via       string // bridges-to:: [[X]] via p
	Line      int
	Dialect   Dialect
}

// OWLProperty is one declared OWL property.
type OWLProperty struct {
	IRI     string
	Type    string // ObjectProperty, DataProperty, AnnotationProperty
	Label   string
	Domain  string
	Range   string
	Line    int
	Dialect Dialect
}

// Axiom is one OWL 2 axiom. Expression is its canonical functional-style text
// (W3C OWL 2 Structural Specification).
type Axiom struct {
	Type       string // SubClassOf, Declaration(Class), ...
	Subject    string
	Object     string
	Expression string
	Line       int
	Dialect    Dialect
}
