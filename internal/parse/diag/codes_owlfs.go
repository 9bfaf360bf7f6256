package diag

// Findings of the functional-style syntax parser. The Manchester parser uses
// them too where the finding is the same.
const (
	OWLSyntax         Code = "owl-syntax"
	OWLUnclosed       Code = "owl-unclosed"
	OWLUnknownAxiom   Code = "owl-unknown-axiom"
	OWLUnexpectedText Code = "owl-unexpected-text"
	OWLUnknownPrefix  Code = "owl-unknown-prefix"
	OWLName           Code = "owl-name"
	OWLLiteral        Code = "owl-literal"
	OWLArity          Code = "owl-arity"
	OWLLispForm       Code = "owl-lisp-form"
	OWLLimit          Code = "owl-limit"
)

// OWLFSEntries documents the codes above, in the order of their names.
func OWLFSEntries() []Entry {
	return []Entry{
		{OWLArity, "An axiom or expression lists fewer operands than OWL 2 requires, such as DisjointClasses of one class. It is kept as written.",
			"Add the missing operand, or remove the axiom."},
		{OWLLimit, "An axiom is nested too deeply, or a block holds more axioms or findings than are kept. The rest was left out.",
			"Split the block over several fences or files, or flatten the expression."},
		{OWLLispForm, "A block is written with Lisp parentheses, ';;' or '//' comments, or commas. It is read as the axioms it means.",
			"Nothing needs doing; to please other OWL tools write Head(arguments) and '#' comments."},
		{OWLLiteral, "A literal is written without quotation marks. It is read as the literal it seems to be.",
			"Put the value in double quotes followed by ^^ and its datatype."},
		{OWLName, "A name has no prefix, or has characters that an abbreviated IRI must not have. It is kept as written.",
			"Write prefix:name, or the full IRI between < and >."},
		{OWLSyntax, "An axiom does not follow the grammar of the OWL 2 functional-style syntax. That axiom is left out, the others are read.",
			"Correct the axiom at the line and column given."},
		{OWLUnclosed, "A bracket or a quotation mark is never closed. That axiom is left out, reading goes on at the next one.",
			"Close the bracket or the quotation mark of the axiom that starts at this line."},
		{OWLUnexpectedText, "Text between the axioms of a block is not OWL. It is skipped.",
			"Start the line with '#' to make it a comment, or move it out of the block."},
		{OWLUnknownAxiom, "Something is written like an axiom, but OWL 2 has no axiom of that name. It is left out.",
			"Correct the spelling of the name (W3C OWL 2 Structural Specification, section 9)."},
		{OWLUnknownPrefix, "A prefix is used that neither the block nor the configuration declares. The names are kept as written.",
			"Declare it with Prefix(name:=<IRI>) in the block, or under prefixes: in .kgsync.yml."},
	}
}
