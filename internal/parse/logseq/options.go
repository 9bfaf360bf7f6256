package logseq

// Options changes what the scanner sees. The zero value is the default.
type Options struct {
	// PipeIsPage reads [[A|B]] as a page named "A|B", as Logseq does. By
	// default it is page A shown as B.
	PipeIsPage bool
	// CommaKeys lists property keys, beside tags and alias, whose values are
	// lists of page names separated by commas.
	CommaKeys []string
	// NoGraph says that the repository is no Logseq graph. Where Logseq's rule is
	// its own there, that of other tools counts: CommonMark's for what closes a
	// fence, and Obsidian's that tags of front matter stand between blanks.
	NoGraph bool
	// Begins reports whether a fence of the language begins even where another one
	// is open, and ends it. Nil means none, as in Logseq.
	Begins func(language string) bool
	// RawTags keeps every tag that Logseq takes, as it takes it: issue numbers,
	// colours and fragments too. By default [TagName] decides.
	RawTags bool
}
