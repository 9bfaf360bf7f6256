package ontoblock

import (
	"strings"
	"unicode"
)

// normal folds the spellings of a key: owl:class, owl_class, owl-class and
// owlClass are one.
func normal(key string) string {
	if strings.IndexFunc(key, func(c rune) bool { return c == ':' || c == '_' || c == ' ' || unicode.IsUpper(c) }) < 0 {
		return key
	}
	var b strings.Builder
	small := false
	for _, c := range key {
		switch {
		case c == ':' || c == '_' || c == ' ':
			c = '-'
		case unicode.IsUpper(c) && small:
			b.WriteByte('-')
		}
		small = unicode.IsLower(c) || unicode.IsDigit(c)
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// predicate gives a key in lower_snake_case: hasPart and has-part are has_part.
func predicate(key string) string { return strings.ReplaceAll(normal(key), "-", "_") }

// fields are the keys that describe the class itself, in all tiers of a block's
// metadata; their values are text even where they name pages.
var fields = set(`term-id preferred-term definition source-domain status maturity ontology metaverse-ontology
	public-access last-updated version quality-score authority-score scope-note alt-terms source sources additional-sources
	owl-physicality owl-role owl-inferred-class tags alias public title label rdfs-label domain import-date imported-from
	migration-date ontology-status schema-version maintained-by content-status`)

// ignored are the keys that Logseq keeps for itself.
var ignored = set("id collapsed")

// relations are the keys whose value names classes even where it has no
// brackets: IRIs with any prefix are taken for what they are.
var relations = set(`has-part is-part-of part-of requires depends-on enables enabled-by relates-to related-to uses supports
	implements contrasts-with bridges-to bridges-from standardized-by standardised-by belongs-to-domain implemented-in-layer
	binds-to categorizes is-a equivalent-class equivalent-to disjoint-with owl-equivalent-class owl-disjoint-with`)

// parents are the spellings of "is a subclass of".
var parents = set("is-subclass-of is-sub-class-of subclass-of sub-class-of subclassof rdfs-sub-class-of rdfs-subclass-of")

// isOntologyKey reports whether a key occurs in OntologyBlocks only.
func isOntologyKey(key string) bool {
	return strings.HasPrefix(key, "owl-") || parents[key] || key == "term-id" || key == "preferred-term" ||
		key == "object-property" || key == "data-property"
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(words) {
		out[word] = true
	}
	return out
}
