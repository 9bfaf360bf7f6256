package diag

// Codes of what only the repository as a whole shows. The view kg.diagnostics
// computes them; no parser reports them.
const (
	UnresolvedLink       Code = "unresolved-link"
	UnresolvedSuperclass Code = "unresolved-superclass"
	DuplicateIRI         Code = "duplicate-iri"
	DuplicateTitle       Code = "duplicate-title"
	ClassCycle           Code = "class-cycle"
)
