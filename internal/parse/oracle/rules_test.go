package oracle

// rule explains a difference between an independent tool and us. A rule applies
// to all files, and each use of it is counted and printed. These are all.
type rule string

const (
	ruleTwice       rule = "statements: one made twice in a file is one row"
	ruleLoneFence   rule = "axioms: a lone OWL fence in a document is an example"
	ruleW3CNames    rule = "axioms: types have their W3C names"
	ruleHidden      rule = "hidden text: a LaTeX environment that is not closed, and front matter that ends within a line, are text"
	ruleLiteral     rule = "properties: the indented lines after \"key:: |\" are its value"
	ruleURL         rule = "file links: a destination with a scheme or a host, or a fragment, is a URL"
	ruleTagEnd      rule = "tags: a mark, a bracket that it does not open, or East Asian punctuation ends a tag"
	ruleTagNumber   rule = "tags: a number is an issue, and a name starts with no punctuation (CSS, code)"
	ruleTagColour   rule = "tags: a colour, with or without more CSS, is not a tag"
	ruleTagFragment rule = "tags: a # inside a word or an attribute is a fragment"
	ruleTagFastPath rule = "tags: the tool sees none after a bracket in a plain paragraph, only in others"
	ruleMldocMood   rule = "mldoc: it fails, or its answer depends on the text before, or (four ticks in a row) much later"
)
