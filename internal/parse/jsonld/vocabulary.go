package jsonld

import "strings"

// relationTerms are the relations that the built-in vocabulary defines, with the
// predicates of their statements.
var relationTerms = map[string]string{
	"hasPart": "has_part", "partOf": "part_of", "requires": "requires", "dependsOn": "depends_on", "enables": "enables",
	"relatedTo": "related_to", "uses": "uses", "supports": "supports", "implements": "implements",
	"contrastsWith": "contrasts_with", "bridgesTo": "bridges_to", "standardizedBy": "standardized_by",
}

// relation gives the predicate that a key stands for, false if the context does
// not define it: a processor drops such a key. A key with a colon is an IRI,
// whatever the context says (JSON-LD 1.1, section 5.2, IRI expansion).
func relation(key string) (predicate string, defined bool) {
	name := local(key)
	if predicate, defined = relationTerms[name]; defined {
		return predicate, true
	}
	if len(name) == len(key) || name == "" {
		return "", false
	}
	return snake(name), true
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
