package jsonld

import "strings"

// relationTerms are the relations that the built-in vocabulary defines, with the
// predicates of their statements.
var relationTerms = map[string]string{
	"hasPart": "has_part", "partOf": "part_of", "requires": "requires", "dependsOn": "depends_on", "enables": "enables",
	"relatedTo": "related_to", "uses": "uses", "supports": "supports", "implements": "implements",
	"contrastsWith": "contrasts_with", "bridgesTo": "bridges_to", "standardizedBy": "standardized_by",
}

// knownSpelling is the built-in relation that a key such as "depends-on" spells
// in another way, "" if there is none.
func knownSpelling(key string) string {
	predicate := snake(local(key))
	for term, p := range relationTerms {
		if p == predicate && term != key {
			return term
		}
	}
	return ""
}

// termNamespace begins the IRIs of built-in terms that no standard has.
const termNamespace = "urn:kgsync:term:"

// builtinContext is the built-in vocabulary as a document for a processor. It
// stands for every context that is neither inline nor in the repository.
func builtinContext() map[string]any {
	terms := map[string]any{
		"owl": owlNamespace, "rdf": rdfNamespace, "rdfs": rdfsNamespace, "xsd": xsdNamespace,
		"skos":  "http://www.w3.org/2004/02/skos/core#",
		"Class": "owl:Class", "ObjectProperty": "owl:ObjectProperty", "DatatypeProperty": "owl:DatatypeProperty",
		"DataProperty": "owl:DatatypeProperty", "AnnotationProperty": "owl:AnnotationProperty",
		"label": "rdfs:label", "comment": "rdfs:comment", "prefLabel": "skos:prefLabel", "definition": "skos:definition",
		"subClassOf": map[string]any{"@id": "rdfs:subClassOf", "@type": "@id"},
		"relations":  "@nest",
	}
	for _, name := range []string{"onProperty", "someValuesFrom", "allValuesFrom", "onClass", "onDataRange", "complementOf", "equivalentClass", "disjointWith",
		"inverseOf"} {
		terms[name] = map[string]any{"@id": "owl:" + name, "@type": "@id"}
	}
	for _, name := range []string{"unionOf", "intersectionOf", "oneOf"} {
		terms[name] = map[string]any{"@id": "owl:" + name, "@type": "@id", "@container": "@list"}
	}
	for _, name := range []string{"Restriction", "hasValue", "hasSelf", "cardinality", "minCardinality", "maxCardinality", "qualifiedCardinality",
		"minQualifiedCardinality", "maxQualifiedCardinality"} {
		terms[name] = "owl:" + name
	}
	for _, name := range []string{"Page", "title", "public", "domain", "maturity", "status", "termId"} {
		terms[name] = termNamespace + name
	}
	for name := range relationTerms {
		terms[name] = map[string]any{"@id": termNamespace + name, "@type": "@id"}
	}
	return map[string]any{"@context": terms}
}

// local gives the name of a term without its prefix or namespace.
func local(term string) string {
	for i := len(term) - 1; i >= 0; i-- {
		switch term[i] {
		case ':', '/', '#':
			return term[i+1:]
		}
	}
	return term
}

// snake gives a name in lower_snake_case: hasPart, has-part and HasPart are
// has_part.
func snake(name string) string {
	var b strings.Builder
	b.Grow(len(name) + 4)
	lowerBefore := false
	for _, c := range name {
		switch {
		case c == '-' || c == ' ' || c == '.' || c == '_':
			c, lowerBefore = '_', false
		case 'A' <= c && c <= 'Z':
			if lowerBefore {
				b.WriteByte('_')
			}
			c, lowerBefore = c|0x20, false
		default:
			lowerBefore = true
		}
		b.WriteRune(c)
	}
	return b.String()
}
