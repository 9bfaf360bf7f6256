package logseq

// Options changes what the scanner sees. The zero value is the default.
type Options struct {
	// PipeIsPage reads [[A|B]] as a page named "A|B", as Logseq does. By
	// default it is page A shown as B.
	PipeIsPage bool
	// CommaKeys lists property keys, beside tags and alias, whose values are
	// lists of page names separated by commas.
	CommaKeys []string
	// RawTags keeps every tag that Logseq takes, as it takes it: issue numbers,
	// colours and fragments too. By default [TagName] decides.
	RawTags bool
}
