package parse

import (
	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// Version is part of the derivation key: it grows with every change that can
// give the same bytes another Document.
const Version = 1

// Parse reads one Markdown file. It never fails: what is wrong with the content
// is in the Document's diagnostics. A nil cfg means [repoconfig.Default].
func Parse(path string, content []byte, cfg *repoconfig.Config) *Document {
	if cfg == nil {
		cfg = repoconfig.Default()
	}
	outline := logseq.Scan(content, logseq.Options{PipeIsPage: cfg.PipeIsPage, CommaKeys: cfg.CommaKeys})
	_ = outline
	return skipped("not-public")
}

// TooLarge is the Document of a file over the size limit, both in bytes.
func TooLarge(path string, size, limit int64) *Document {
	d := skipped("too-large")
	d.Diagnostics = append(d.Diagnostics, diag.New(0, diag.Error, diag.FileTooLarge,
		"%s has %d bytes and the limit is %d: split the file or exclude it in .kgsync.yml", path, size, limit))
	return d
}

// NotRegular is the Document of a tree entry that is not a regular file. Mode
// is git's: 120000 is a symbolic link, 160000 a submodule.
func NotRegular(path string, mode string) *Document {
	what, code := "special entry", diag.NotRegularFile
	switch mode {
	case "120000":
		what = "symbolic link"
	case "160000":
		what = "submodule"
	}
	d := skipped("not-regular")
	d.Diagnostics = append(d.Diagnostics, diag.New(0, diag.Info, code,
		"%s is a %s (mode %s) and is not read: replace it by a file to have its text in the graph", path, what, mode))
	return d
}

func skipped(reason string) *Document {
	return &Document{Kind: KindSkipped, SkipReason: reason}
}

