package diag

// Codes of JSON-LD fences.
const (
	JSONLDSyntax          Code = "jsonld-syntax"
	JSONLDDuplicateKey    Code = "jsonld-duplicate-key"
	JSONLDTooDeep         Code = "jsonld-too-deep"
	JSONLDLimit           Code = "jsonld-limit"
	JSONLDClassWithoutID  Code = "jsonld-class-without-id"
	JSONLDContext         Code = "jsonld-context"
	JSONLDRemoteContext   Code = "jsonld-remote-context"
	JSONLDUnknownRelation Code = "jsonld-unknown-relation"
)
