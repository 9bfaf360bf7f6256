package jsonld_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

func TestClassWithRelations(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`[{"@type": "x:Page", "x:public": true, "title": "Hive"},
 {"@id": "urn:c:hive", "@type": ["owl:Class"], "rdfs:label": "Bees", "label": "Hi\u0076e", "note": 4,
  "subClassOf": ["urn:c:home", {"@id": "urn:c:box", "label": "Box"}],
  "relations": {"hasPart": [{"@id": "urn:c:frame", "label": "Frame"}, "Honey comb"],
   "frobs": ["x:y", {"@id": "x:z", "label": "Z"}, "a page"], "depends-on": "x:d", "subClassOf": "urn:c:shelter", "x:standsOn": "[[Table]]"},
  "uses": "urn:c:wax"}]`, jsonld.Options{Line: 10})
	want := jsonld.Result{
		Page:    &jsonld.Page{Title: "Hive", Public: true},
		Classes: []jsonld.Class{{IRI: "urn:c:hive", Label: "Hive", Metadata: map[string]string{"note": "4", "frobs": "x:y, x:z, a page", "depends-on": "x:d"}, Line: 11}},
		SubClassOf: []jsonld.SubClass{
			{Class: "urn:c:hive", Parent: "urn:c:home", ParentIRI: "urn:c:home", Line: 12},
			{Class: "urn:c:hive", Parent: "Box", ParentIRI: "urn:c:box", Line: 12},
			{Class: "urn:c:hive", Parent: "urn:c:shelter", ParentIRI: "urn:c:shelter", Line: 14},
		},
		Relations: []jsonld.Relation{
			{Subject: "urn:c:hive", Predicate: "has_part", Object: "Frame", ObjectIRI: "urn:c:frame", Line: 13},
			{Subject: "urn:c:hive", Predicate: "has_part", Object: "Honey comb", Line: 13},
			{Subject: "urn:c:hive", Predicate: "stands_on", Object: "Table", Line: 14},
			{Subject: "urn:c:hive", Predicate: "uses", Object: "urn:c:wax", ObjectIRI: "urn:c:wax", Line: 15},
		},
		Ontology: true,
		Diagnostics: []diag.Diagnostic{
			{Line: 14, Severity: diag.Warning, Code: diag.JSONLDUnknownRelation,
				Message: `"frobs" is not a relation that the context defines and is kept as metadata of its class only: use one that it defines, or define this one`},
			{Line: 14, Severity: diag.Warning, Code: diag.JSONLDUnknownRelation,
				Message: `"depends-on" is not a relation that the context defines and is kept as metadata of its class only: write dependsOn`},
		},
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestOWLProperties(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`{"@graph": [{"@id": "x:p", "@type": "owl:DatatypeProperty", "rdfs:label": {"@value": "P", "@language": "en"},
 "rdfs:domain": [{"@id": "x:A"}, "x:B"], "rdfs:range": "xsd:string"}]}`, jsonld.Options{})
	want := []jsonld.OWLProperty{{IRI: "x:p", Type: "DataProperty", Label: "P", Domain: "x:A, x:B", Range: "xsd:string", Line: 1}}
	if d := cmp.Diff(want, r.OWLProperties); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAxiomsOfTheBuiltInVocabulary(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`[{"@type": "Class", "@id": "urn:a", "equivalentClass": "owl:Thing", "owl:disjointWith": [{"@id": "urn:b"}, "a page"]},
 {"@type": ["ObjectProperty", "TransitiveProperty"], "@id": "urn:p", "inverseOf": {"@id": "urn:q"}, "subPropertyOf": "urn:r"}]`, jsonld.Options{})
	var got []string
	for _, a := range r.Axioms {
		got = append(got, a.Expression)
	}
	want := []string{"EquivalentClasses(<urn:a> owl:Thing)", "DisjointClasses(<urn:a> <urn:b>)",
		"TransitiveObjectProperty(<urn:p>)", "InverseObjectProperties(<urn:p> <urn:q>)", "SubObjectPropertyOf(<urn:p> <urn:r>)"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestWhatIsWrongIsADiagnostic(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src          string
		code         diag.Code
		line, column int
	}{
		"ends":             {`{"@type": "Class", `, diag.JSONLDSyntax, 5, 22},
		"no comma":         {"{\"@id\": \"é\"\n \"a\": 1}", diag.JSONLDSyntax, 6, 4},
		"no colon":         {`{"a" 1}`, diag.JSONLDSyntax, 5, 8},
		"a bad escape":     {`{"a": "\x"}`, diag.JSONLDSyntax, 5, 10},
		"an open string":   {"{\"a\": \"x\n}", diag.JSONLDSyntax, 5, 9},
		"a bad number":     {`{"a": 01}`, diag.JSONLDSyntax, 5, 9},
		"a comma too many": {`{"a": [1,]}`, diag.JSONLDSyntax, 5, 12},
		"text":             {`see above`, diag.JSONLDSyntax, 5, 3},
		"twice":            {"{\"a\": 1,\n  \"\\u0061\": 2}", diag.JSONLDDuplicateKey, 6, 5},
		"too deep":         {strings.Repeat("[", 1<<20), diag.JSONLDTooDeep, 5, 104},
		"without an id":    {`{"@type": "Class"}`, diag.JSONLDClassWithoutID, 5, 0},
	} {
		r := jsonld.Parse(c.src, jsonld.Options{Line: 5, Indent: 2})
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != c.code || r.Diagnostics[0].Line != c.line || r.Diagnostics[0].Column != c.column {
			t.Errorf("%s: %+v", name, r.Diagnostics)
		}
	}
}

// TestBrokenTextKeepsItsStart: what was said before the error counts.
func TestBrokenTextKeepsItsStart(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`{"@type": "Class", "@id": "x:a"} {"@type": "Class", "@id": "x:b", "label": "B" "label"`, jsonld.Options{})
	if len(r.Classes) != 2 || r.Classes[1].Label != "B" || len(r.Diagnostics) != 1 {
		t.Errorf("%+v", r)
	}
}

// TestFindingsAreBounded: however often a text errs, it is not said without end.
func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"the same key":      "{" + strings.Repeat(`"a":1,`, 1<<18) + `"a":1}`,
		"keys twice":        "{" + manyKeys() + "," + manyKeys() + "}",
		"classes":           "[" + strings.Repeat(`{"@type":"Class"},`, 1<<16) + "{}]",
		"unknown relations": `{"@type":"Class","@id":"a:b","relations":{` + manyKeys() + "}}",
	} {
		if n := len(jsonld.Parse(src, jsonld.Options{}).Diagnostics); n == 0 || n > 100 {
			t.Errorf("%s: %d findings", name, n)
		}
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range 1 << 17 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for n := i; n > 0; n /= 26 {
			b.WriteByte(byte('a' + n%26))
		}
		b.WriteString(`":1`)
	}
	return b.String()
}

// TestBuiltInVocabularyReadsTheFormsOfJSONLD: nodes in nodes, expressions without
// a name, reversed and nested members mean the same without a context.
func TestBuiltInVocabularyReadsTheFormsOfJSONLD(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`{"@context": "https://example.org/unknown", "@id": "urn:a", "@type": "Class", "label": {"fr": "Ah", "en": "A"},
 "subClassOf": [{"@id": "urn:b", "@type": ["Class"], "label": "B", "uses": {"@id": "urn:d", "@type": "Page", "public": true}},
  {"@type": "Restriction", "onProperty": "urn:p", "someValuesFrom": {"unionOf": ["urn:c", {"@id": "urn:d"}]}},
  {"@type": "owl:Restriction", "owl:onProperty": {"@id": "urn:p"}, "owl:minCardinality": 2}, {"unionOf": "not a name"}],
 "@nest": {"hasPart": {"@list": ["urn:e"]}}, "@reverse": {"subClassOf": [{"@id": "urn:f"}], "uses": "urn:g"}}`, jsonld.Options{})
	var axioms []string
	for _, a := range r.Axioms {
		axioms = append(axioms, a.Expression)
	}
	r.Axioms = nil
	want := jsonld.Result{
		Classes: []jsonld.Class{{IRI: "urn:a", Label: "A", Metadata: map[string]string{}, Line: 1}, {IRI: "urn:b", Label: "B", Metadata: map[string]string{}, Line: 2}},
		SubClassOf: []jsonld.SubClass{
			{Class: "urn:a", Parent: "B", ParentIRI: "urn:b", Line: 2},
			{Class: "urn:f", Parent: "urn:a", ParentIRI: "urn:a", Line: 5},
		},
		Relations: []jsonld.Relation{
			{Subject: "urn:a", Predicate: "has_part", Object: "urn:e", ObjectIRI: "urn:e", Line: 5},
			{Subject: "urn:g", Predicate: "uses", Object: "urn:a", ObjectIRI: "urn:a", Line: 5},
			{Subject: "urn:b", Predicate: "uses", Object: "urn:d", ObjectIRI: "urn:d", Line: 2},
		},
		Ontology: true,
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	wantAxioms := []string{"SubClassOf(<urn:a> ObjectSomeValuesFrom(<urn:p> ObjectUnionOf(<urn:c> <urn:d>)))", "SubClassOf(<urn:a> ObjectMinCardinality(2 <urn:p>))"}
	if d := cmp.Diff(wantAxioms, axioms); d != "" {
		t.Errorf("axioms: -want +got:\n%s", d)
	}
}

// TestJSONLiteralsAreCanonical: they are written as RFC 8785 has it.
func TestJSONLiteralsAreCanonical(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse(`{"@context": {"j": {"@id": "urn:j", "@type": "@json"}}, "@id": "urn:a", "j": {"b": "<&>", "a": [1.50, 1e-7]}}`, jsonld.Options{})
	want := `DataPropertyAssertion(<urn:j> <urn:a> "{\"a\":[1.5,1e-7],\"b\":\"<&>\"}"^^rdf:JSON)`
	if len(r.Axioms) != 1 || r.Axioms[0].Expression != want {
		t.Errorf("%+v, want %s", r.Axioms, want)
	}
}

// TestABadExpressionCostsNoOther: what a processor does not take is left out and
// reported; and however many there are, reading ends soon.
func TestABadExpressionCostsNoOther(t *testing.T) {
	t.Parallel()
	good := `{"@type": "Class", "@id": "a:b", "subClassOf": {"complementOf": {"@id": "a:c"}}}`
	bad := `{"@type": "Class", "@id": "a:b", "subClassOf": {"complementOf": {"@id": "a:c"}, "@reverse": 1}}`
	r := jsonld.Parse(good+"\n"+bad+"\n"+good, jsonld.Options{})
	if len(r.Axioms) != 2 || len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != diag.JSONLDContext || r.Diagnostics[0].Line != 2 {
		t.Errorf("%d axioms, %+v", len(r.Axioms), r.Diagnostics)
	}
	for name, src := range map[string]string{"good": strings.Repeat(good, 20_000), "bad": strings.Repeat(bad, 3000)} {
		r = jsonld.Parse(src, jsonld.Options{})
		if n := len(r.Diagnostics); n == 0 || r.Diagnostics[n-1].Code != diag.JSONLDLimit {
			t.Errorf("%s: %+v", name, r.Diagnostics)
		}
	}
}
