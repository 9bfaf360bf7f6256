package diag

// Codes of OntologyBlock outlines.
const (
	OntologyBlockNoClass   Code = "ontology-block-no-class"
	OntologyBlockMissing   Code = "ontology-block-missing-field"
	OntologyBlockPlainItem Code = "ontology-block-plain-item"
)
