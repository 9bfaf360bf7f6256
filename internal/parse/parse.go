package parse

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// Version is part of the derivation key: it grows with every change that can
// give the same bytes another Document.
const Version = 9

// The reasons why a file is skipped (Document.SkipReason).
const (
	SkipNotPublic  = "not-public"  // neither marked public nor an ontology file
	SkipEmpty      = "empty"       // blank
	SkipBinary     = "binary"      // contains NUL bytes
	SkipTooLarge   = "too-large"   // over the size limit
	SkipNotRegular = "not-regular" // symbolic link, submodule
)

// Parse reads one Markdown file. It never fails: what is wrong with the content
// is in the Document's diagnostics. A nil cfg means [repoconfig.Default]. It is
// safe for concurrent use.
func Parse(path string, content []byte, cfg *repoconfig.Config) *Document {
	if cfg == nil {
		cfg = repoconfig.Default()
	}
	text, found, unreadable := readable(path, content)
	if unreadable != nil {
		return unreadable
	}
	outline := logseq.Scan(text, logseq.Options{PipeIsPage: cfg.PipeIsPage, CommaKeys: cfg.CommaKeys, NoGraph: !cfg.Logseq, Begins: namesJSONLD})
	b := &builder{path: path, cfg: cfg, outline: outline, doc: &Document{}}
	b.doc.Diagnostics = append(found, outline.Diagnostics...)
	b.ontology()
	b.page()
	switch {
	case b.isOntology():
		b.doc.Kind = KindOntology
	case b.doc.Page.Public || cfg.AllPublic:
		b.doc.Kind = KindKnowledgeGraph
	default:
		d := skipped(SkipNotPublic)
		d.Diagnostics = b.doc.Diagnostics
		return d
	}
	b.facts()
	return b.doc
}

// TooLarge is the Document of a file over the size limit; both are in bytes.
func TooLarge(path string, size, limit int64) *Document {
	d := skipped(SkipTooLarge)
	d.Diagnostics = []diag.Diagnostic{diag.New(0, diag.Error, diag.FileTooLarge,
		"%s has %d bytes and the limit is %d: split the file or exclude it in .kgsync.yml", oneLine(path), size, limit)}
	return d
}

// NotRegular is the Document of a tree entry that is not a regular file. Mode is
// git's: 120000 is a symbolic link, 160000 a submodule.
func NotRegular(path string, mode string) *Document {
	what := "special entry"
	switch mode {
	case "120000":
		what = "symbolic link"
	case "160000":
		what = "submodule"
	}
	d := skipped(SkipNotRegular)
	d.Diagnostics = []diag.Diagnostic{diag.New(0, diag.Info, diag.NotRegularFile,
		"%s is a %s (mode %s) and is not read: replace it by a file to have its text in the graph", oneLine(path), what, mode)}
	return d
}

func skipped(reason string) *Document {
	return &Document{Kind: KindSkipped, SkipReason: reason}
}
