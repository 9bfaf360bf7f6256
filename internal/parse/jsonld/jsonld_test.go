package jsonld_test

import (
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

func TestClassWithRelations(t *testing.T) {
	t.Parallel()
	r := jsonld.Parse([]byte(`[{"@type": "x:Page", "x:public": true, "title": "Hive"},
 {"@id": "urn:c:hive", "@type": ["owl:Class"], "rdfs:label": "Hive",
  "subClassOf": ["urn:c:home", {"@id": "urn:c:box", "label": "Box"}],
  "relations": {"hasPart": [{"@id": "urn:c:frame", "label": "Frame"}, "Honey comb"], "frobs": ["x:y"]}}]`), jsonld.Options{Line: 10})
	if r.Page == nil || !r.Page.Public || r.Page.Title != "Hive" {
		t.Errorf("page: %+v", r.Page)
	}
	if len(r.Classes) != 1 || r.Classes[0].IRI != "urn:c:hive" || r.Classes[0].Label != "Hive" || r.Classes[0].Line != 11 {
		t.Errorf("classes: %+v", r.Classes)
	}
	if len(r.SubClassOf) != 2 || r.SubClassOf[1].Parent != "Box" || r.SubClassOf[1].ParentIRI != "urn:c:box" || r.SubClassOf[0].Line != 12 {
		t.Errorf("superclasses: %+v", r.SubClassOf)
	}
	if len(r.Relations) != 2 || r.Relations[0].Predicate != "has_part" || r.Relations[1].Object != "Honey comb" || r.Relations[1].ObjectIRI != "" {
		t.Errorf("relations: %+v", r.Relations)
	}
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != diag.JSONLDUnknownRelation {
		t.Errorf("diagnostics: %+v", r.Diagnostics)
	}
}

func TestWhatIsWrongIsADiagnostic(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		code diag.Code
	}{
		"broken":        {`{"@type": "Class", `, diag.JSONLDSyntax},
		"twice":         {`{"a": 1, "a": 2}`, diag.JSONLDDuplicateKey},
		"too deep":      {strings.Repeat("[", 1<<20), diag.JSONLDTooDeep},
		"without an id": {`{"@type": "Class"}`, diag.JSONLDClassWithoutID},
	} {
		r := jsonld.Parse([]byte(c.src), jsonld.Options{Line: 1})
		if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != c.code {
			t.Errorf("%s: %+v", name, r.Diagnostics)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"@graph": [{"@type": "Class", "@id": "a:b", "relations": {"uses": "x"}}]}`))
	f.Add([]byte(`{"@type": ["Page"], "public": "true"`))
	f.Fuzz(func(t *testing.T, src []byte) {
		r := jsonld.Parse(src, jsonld.Options{Line: 1})
		for _, c := range r.Classes {
			if c.IRI == "" || c.Line < 1 {
				t.Errorf("class %+v", c)
			}
		}
	})
}
