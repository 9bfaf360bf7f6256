package jsonld_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

// TestOrderOfMembersDoesNotCount: the members of an object have no order (RFC
// 8259, section 4). Each list of members says the same from either end, with the
// built-in vocabulary and, where a context is given, through a processor.
func TestOrderOfMembersDoesNotCount(t *testing.T) {
	t.Parallel()
	const context = `"@context": {"owl": "http://www.w3.org/2002/07/owl#", "x": "urn:x:", "Class": "owl:Class", "ObjectProperty": "owl:ObjectProperty",
		"label": "x:label", "prefLabel": "urn:a:prefLabel", "definition": "x:definition", "comment": "urn:a:comment"}, `
	for name, c := range map[string]struct {
		context           string
		members           []string
		label, definition string
	}{
		"definition and comment":        {context, []string{`"definition": "D"`, `"comment": "c"`}, "", "D"},
		"label and prefLabel":           {context, []string{`"label": "L"`, `"prefLabel": "PL"`}, "L", ""},
		"a comment alone":               {context, []string{`"comment": "c"`, `"prefLabel": "PL"`}, "PL", "c"},
		"an empty definition":           {context, []string{`"definition": ""`, `"comment": "c"`}, "", "c"},
		"a definition with a prefix":    {"", []string{`"skos:definition": "D"`, `"comment": "c"`, `"rdfs:comment": "d"`}, "", "D"},
		"a prefix and none":             {"", []string{`"rdfs:label": "R"`, `"label": "L"`, `"skos:prefLabel": "PL"`}, "L", ""},
		"two prefixes":                  {"", []string{`"y:label": "Y"`, `"x:label": "X"`}, "X", ""},
		"members for the sake of order": {"", []string{`"@nest": {"comment": "c", "label": "L"}`, `"definition": "D"`, `"prefLabel": "PL"`}, "L", "D"},
	} {
		for range 2 {
			for _, context := range slices.Compact([]string{"", c.context}) {
				src := "{" + context + strings.Join(c.members, ", ") + `, "@id": "urn:a", "@type": "Class"}`
				if r := jsonld.Parse(src, jsonld.Options{}); len(r.Classes) != 1 || r.Classes[0].Label != c.label || r.Classes[0].Definition != c.definition {
					t.Errorf("%s: %s: %+v", name, src, r.Classes)
				}
				src = strings.Replace(src, `"Class"}`, `"ObjectProperty"}`, 1)
				if r := jsonld.Parse(src, jsonld.Options{}); len(r.OWLProperties) != 1 || r.OWLProperties[0].Label != c.label && !strings.Contains(src, "@nest") {
					t.Errorf("%s: %s: %+v", name, src, r.OWLProperties)
				}
			}
			slices.Reverse(c.members)
		}
	}
}

// TestOrderOfMembersOfAnObject: the name of what a relation means does not depend
// on it either.
func TestOrderOfMembersOfAnObject(t *testing.T) {
	t.Parallel()
	members := []string{`"@id": "urn:b"`, `"label": "L"`, `"prefLabel": "PL"`, `"title": "T"`, `"name": "N"`}
	for i, want := range []string{"L", "PL", "T", "N", "urn:b"} {
		rest := slices.Delete(slices.Clone(members), 1, 1+i)
		for range rest {
			rest = append(rest[1:], rest[0])
			r := jsonld.Parse(`{"@id": "urn:a", "@type": "Class", "uses": {`+strings.Join(rest, ", ")+"}}", jsonld.Options{})
			if len(r.Relations) != 1 || r.Relations[0].Object != want {
				t.Errorf("%s: %+v, want %s", rest, r.Relations, want)
			}
		}
	}
}

// TestBlankNodesAreThoseOfTheirDocument: a name means the same in one document
// and another thing in the next, in the same fence or in another one.
func TestBlankNodesAreThoseOfTheirDocument(t *testing.T) {
	t.Parallel()
	const list = `{"@context": {"p": "urn:p"}, "@id": "urn:a", "p": {"@list": ["x"]}}`
	const named = `{"@context": {"p": "urn:p"}, "@id": "_:x", "p": "1"}`
	for name, c := range map[string]struct {
		src   string
		fence int
		want  []string
	}{
		"the first fence": {list, 1, []string{"_:b1", "_:b1", "urn:a"}},
		"no ordinal":      {list, 0, []string{"_:b1", "_:b1", "urn:a"}},
		"a later fence":   {list, 12, []string{"_:f12b1", "_:f12b1", "urn:a"}},
		"one document":    {"[" + named + ", " + named + "]", 1, []string{"_:b1", "_:b1"}},
		"two documents":   {named + named, 1, []string{"_:b1", "_:b3"}},
	} {
		var got []string
		for _, a := range jsonld.Parse(c.src, jsonld.Options{Fence: c.fence}).Axioms {
			got = append(got, a.Subject)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

// TestAContextThatIsMissedIsReported where the built-in vocabulary finds nothing
// without it, and nowhere else.
func TestAContextThatIsMissedIsReported(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]int{
		`{"@context": "https://example.org/v1", "id": "urn:a", "type": "Class"}`:                                             1,
		`{"@context": ["https://example.org/v1", "https://example.org/v2"], "id": "urn:a", "type": "Class"}`:                 2,
		`{"@context": "https://example.org/v1", "@graph": [{"@context": "https://example.org/v1", "id": "a", "type": "b"}]}`: 1,
		`{"@context": "https://example.org/v1", "@id": "urn:a", "@type": "Class"}`:                                           0,
		`{"@context": "https://example.org/v1", "@type": "Person", "name": "Ann"}`:                                           0,
		`{"id": "urn:a", "type": "Class"}`:                   0,
		`{"@context": null, "id": "urn:a", "type": "Class"}`: 0,
	} {
		r := jsonld.Parse(src, jsonld.Options{})
		for _, d := range r.Diagnostics {
			if d.Code != diag.JSONLDRemoteContext || d.Severity != diag.Warning {
				t.Errorf("%s: %+v", src, d)
			}
		}
		if len(r.Diagnostics) != want {
			t.Errorf("%s: %d findings, want %d", src, len(r.Diagnostics), want)
		}
	}
	if r := jsonld.Parse(`{"@context": "https://example.org/v1", "id": `, jsonld.Options{}); len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != diag.JSONLDSyntax {
		t.Errorf("broken: %+v", r.Diagnostics)
	}
}
