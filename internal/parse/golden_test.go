package parse_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

var update = flag.Bool("update", false, "rewrite the golden files with what the parser says now")

// TestGolden parses the Markdown files of each testdata/*.txtar with the
// configuration files beside them and compares the Documents, as JSON, with the
// archive's entries "PATH.json".
func TestGolden(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden files (%v)", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	inputs, want := map[string][]byte{}, map[string]string{}
	var kept []txtar.File
	for _, f := range archive.Files {
		if name, ok := strings.CutSuffix(f.Name, ".md.json"); ok {
			want[name+".md"] = string(f.Data)
			continue
		}
		inputs[f.Name] = f.Data
		kept = append(kept, f)
	}
	cfg := repoconfig.Load(inputs)
	for _, f := range kept {
		if !strings.HasSuffix(f.Name, ".md") {
			continue
		}
		got := asJSON(t, parse.Parse(f.Name, f.Data, cfg))
		if *update {
			kept = append(kept, txtar.File{Name: f.Name + ".json", Data: []byte(got)})
			continue
		}
		if d := cmp.Diff(want[f.Name], got); d != "" {
			t.Errorf("%s (-want +got; -update accepts):\n%s", f.Name, d)
		}
	}
	if *update {
		archive.Files = kept
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// asJSON writes only what a Document states: empty fields are left out.
func asJSON(t *testing.T, doc *parse.Document) string {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	object, _ := compact(tree).(map[string]any)
	for _, key := range []string{"Kind", "SkipReason", "Page"} {
		line(t, enc, &out, key, object[key])
	}
	for _, key := range []string{"Aliases", "Links", "Tags", "Properties", "Classes", "SubClassOf", "Relations", "OWLProperties", "Axioms", "Diagnostics"} {
		list, _ := object[key].([]any)
		for _, item := range list {
			line(t, enc, &out, key, item)
		}
	}
	return out.String()
}

func line(t *testing.T, enc *json.Encoder, out *bytes.Buffer, key string, value any) {
	t.Helper()
	if value == nil {
		return
	}
	out.WriteString(key + " ")
	if err := enc.Encode(value); err != nil {
		t.Fatal(err)
	}
}

// compact removes zero values.
func compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if member = compact(member); member == nil {
				delete(v, key)
			} else {
				v[key] = member
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = compact(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}
