package diag

// Findings of the Manchester syntax parser. For names without a known prefix
// and for limits it uses the codes of the functional-style syntax.
const (
	ManchesterStyle   Code = "manchester-style"
	ManchesterSyntax  Code = "manchester-syntax"
	ManchesterUnknown Code = "manchester-unknown"
)

// ManchesterEntries documents the codes above, in the order of their names.
func ManchesterEntries() []Entry {
	return []Entry{
		{ManchesterStyle, "A block is written a little differently from the Manchester syntax: entries one a line without commas, 'A SubClassOf B' without a frame, a colon forgotten, a word in the wrong case, commas in HasKey, a datatype without its prefix. It is read as what it means.",
			"Nothing needs doing; to please other OWL tools write frames, with commas between entries."},
		{ManchesterSyntax, "An entry of a frame does not follow the grammar of the Manchester syntax. That entry is left out, the others are read.",
			"Correct the entry at the line and column given."},
		{ManchesterUnknown, "A frame or section of a name that the Manchester syntax does not have, or has not in that frame. It is left out.",
			"Correct the spelling of the word before the colon (W3C OWL 2 Manchester Syntax, section 2)."},
	}
}
