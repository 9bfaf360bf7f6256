package diag

// Codes of the Markdown scanner.
const (
	LogseqUnclosedFence  Code = "unclosed-fence"
	LogseqFenceNext      Code = "fence-closed-by-next"
	LogseqUnclosedRef    Code = "unclosed-page-reference"
	LogseqNameTooLong    Code = "name-too-long"
	LogseqTooManyItems   Code = "too-many-items"
	LogseqBadFrontMatter Code = "front-matter-broken"
)
