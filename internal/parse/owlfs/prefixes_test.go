package owlfs

import (
	"maps"
	"testing"
)

// TestDeclaredPrefixesAreThoseOfParse on all golden sources, and where there is
// something else that looks like a declaration.
func TestDeclaredPrefixesAreThoseOfParse(t *testing.T) {
	t.Parallel()
	sources := []string{
		"Prefix(a:=<urn:a>) Prefix(:=<urn:b>)\nNamespace(c=<urn:c>)",
		"(Prefix a:=<urn:a>)\n(Prefix =<urn:b>) (SubClassOf a:A a:B)",
		"Prefix(=<urn:b>)\nPrefix (d:=<urn:d>)",
		"Prefix(a:=<urn:a>)\nOntology(<urn:o>\nPrefix(a:=<urn:b>) )",
		"# Prefix(a:=<urn:a>)\nAnnotationAssertion(a:b a:c \"Prefix(d:=<urn:d>)\")",
		"EquivalentClasses(a:A Prefix)\nPrefix(a:=<urn:a>)\nDeclaration(Class(Prefix))",
		"Prefix(a:=urn:a)\nPrefix(b:<urn:b>)\nPrefix(c:=<urn:c>",
		"SubClassOf(a:A a:B)",
	}
	for _, c := range readCases(t) {
		sources = append(sources, c.source)
	}
	declaring := 0
	for _, src := range sources {
		got, want := DeclaredPrefixes(src), Parse(src, Options{}).Prefixes
		if !maps.Equal(got, want) {
			t.Errorf("%v, Parse says %v of\n%s", got, want, src)
		}
		declaring += min(len(got), 1)
	}
	if declaring < 6 {
		t.Errorf("%d sources declare prefixes", declaring)
	}
}
