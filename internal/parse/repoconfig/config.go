// Package repoconfig reads what a repository says about itself: .kgsync.yml,
// logseq/config.edn and JSON-LD context files.
//
// It owns the meaning of those files and the choice of which paths are read. It
// is pure and total: any bytes give a usable [Config] plus diagnostics. It may
// import parse/diag, parse/jsonld, the standard library and parser libraries.
package repoconfig

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

// Dialect names one way of writing ontology in Markdown.
type Dialect string

// Path is where a repository's own settings for kgsync stand.
const Path = ".kgsync.yml"

// The dialects that can be switched off in .kgsync.yml (all are on by default).
const (
	DialectOntologyBlock Dialect = "ontology_block"
	DialectFunctional    Dialect = "functional"
	DialectJSONLD        Dialect = "jsonld"
	DialectManchester    Dialect = "manchester"
)

// FileNameFormat is how page names are written as file names (Logseq's
// :file/name-format).
type FileNameFormat string

// The formats of Logseq: triple-lowbar is the default of graphs with a
// config.edn that says so and ours for repositories without one.
const (
	FormatTripleLowbar FileNameFormat = "triple-lowbar"
	FormatLegacy       FileNameFormat = "legacy"
)

// Config is everything about a repository that changes what its files mean. It
// is immutable after [Load] and safe for concurrent use.
type Config struct {
	Branch       string            // branch to follow; empty means the default branch
	Include      []string          // doublestar globs; empty means every Markdown file
	Exclude      []string          // doublestar globs
	AllPublic    bool              // unmarked pages count as public
	PipeIsPage   bool              // [[A|B]] names the page "A|B" (Logseq) instead of A shown as B
	LooseFences  bool              // OWL fences count outside an ontology context too
	Dialects     map[Dialect]bool  // which dialects are read
	Prefixes     map[string]string // prefix (without colon) -> IRI
	Logseq       bool              // there is a logseq/config.edn: the repository is a Logseq graph
	FileName     FileNameFormat
	PagesDir     string                     // default "pages"
	JournalsDir  string                     // default "journals"
	JournalFile  string                     // Logseq date format of journal file names, default "yyyy_MM_dd"
	JournalTitle string                     // Logseq date format of journal titles, default "MMM do, yyyy"
	Hidden       []string                   // path prefixes from :hidden
	CommaKeys    []string                   // :property/separated-by-commas, beside tags and alias
	Contexts     map[string]*jsonld.Context // JSON-LD contexts of the repository by path, see [Config.Context]
	// Diagnostics found in the configuration files themselves, by path.
	Diagnostics map[string][]diag.Diagnostic
}
