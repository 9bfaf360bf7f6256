package repoconfig_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

func load(files map[string]string) *repoconfig.Config {
	raw := map[string][]byte{}
	for path, content := range files {
		raw[path] = []byte(content)
	}
	return repoconfig.Load(raw)
}

func TestLoadYAML(t *testing.T) {
	t.Parallel()
	c := load(map[string]string{".kgsync.yml": `
branch: trunk
include: [notes/, "*.md"]
exclude: drafts/**
public: all
wikilink_pipe: page
dialects: [jsonld, functional]
prefixes:
  mv: https://example.org/mv#
  ex: "https://example.org/"
loose_fences: true
`})
	want := repoconfig.Default()
	want.Branch = "trunk"
	want.Include = []string{"notes/**", "*.md"}
	want.Exclude = []string{"drafts/**"}
	want.AllPublic, want.PipeIsPage, want.LooseFences = true, true, true
	want.Dialects = map[repoconfig.Dialect]bool{repoconfig.DialectJSONLD: true, repoconfig.DialectFunctional: true}
	want.Prefixes = map[string]string{"mv": "https://example.org/mv#", "ex": "https://example.org/"}
	if d := cmp.Diff(want, c); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestLoadYAMLDiagnostics checks code and line of each complaint, and that what
// is valid beside it still counts.
func TestLoadYAMLDiagnostics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, yaml string
		want       []string // code@line
	}{
		{"empty", "", nil},
		{"comment only", "# nothing\n", nil},
		{"null", "~\n", nil},
		{"unknown key", "branch: a\nbranches: b\npublic: all\n", []string{"config-unknown-key@2"}},
		{"repeated key", "public: all\nbranch: a\npublic: marked\n", []string{"config-repeated-key@3"}},
		{"wrong word", "public: yes\nbranch: x\n", []string{"config-bad-value@1"}},
		{"wrong type", "branch: [a]\ninclude: {a: b}\nloose_fences: maybe\n", []string{"config-bad-value@1", "config-bad-value@2", "config-bad-value@3"}},
		{"bad items", "include:\n  - ok/*.md\n  - '[a'\n  - {x: y}\n", []string{"config-bad-value@4", "config-bad-value@3"}},
		{"bad dialect", "dialects:\n  - jsonld\n  - owl\n", []string{"config-bad-value@3"}},
		{"bad prefixes", "prefixes:\n  a: not an iri\n  1b: http://x/\n  c: http://x/\n", []string{"config-bad-value@2", "config-bad-value@3"}},
		{"not a mapping", "- a\n- b\n", []string{"config-bad-value@1"}},
		{"broken", "branch: a\n\tpublic: all\n", []string{"config-syntax@2"}},
		{"alias bomb", "include: &a [x]\nexclude: *a\n", []string{"config-bad-value@2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := load(map[string]string{".kgsync.yml": test.yaml})
			if d := cmp.Diff(test.want, summary(c.Diagnostics[".kgsync.yml"])); d != "" {
				t.Errorf("-want +got:\n%s\n%v", d, c.Diagnostics)
			}
		})
	}
	c := load(map[string]string{".kgsync.yml": "nope: 1\npublic: all\n"})
	if !c.AllPublic {
		t.Error("a valid key beside an unknown one does not count")
	}
}

func summary(diagnostics []diag.Diagnostic) []string {
	var out []string
	for _, d := range diagnostics {
		out = append(out, fmt.Sprintf("%s@%d", d.Code, d.Line))
	}
	return out
}

func TestLoadEDN(t *testing.T) {
	t.Parallel()
	c := load(map[string]string{"logseq/config.edn": `{:meta/version 1
 ;; a comment with "quotes" and {brackets
 :preferred-format "Markdown"
 :hidden ["/archived" "/secret.md" "../assets/old"]
 #_#_:pages-directory "discarded"
 :default-templates {:journals ""}
 :file/name-format :triple-lowbar
 :publishing/all-pages-public? true
 :property/separated-by-commas #{:topics :related}
 :ref/default-open-blocks-level 2
 :macros {"poem" "Rose is $1"}
 :shortcuts {:editor/new-block "enter" :x #"a\"]}"}
 :default-queries {:journals [{:title "NOW" :query [:find (pull ?h [*]) :in $ ?start :where [?h :block/marker ?m] [(contains? #{"NOW" "DOING"} ?m)]] :result-transform (fn [r] (sort-by (fn [h] (get h :block/priority "Z")) r))}]}
 :pages-directory "wiki" :journals-directory "diary"
 :journal/page-title-format "yyyy-MM-dd" :journal/file-name-format "yyyyMMdd"
 :char \} :tag #inst "2020-01-01"}`})
	want := repoconfig.Default()
	want.AllPublic, want.Logseq = true, true
	want.Hidden = []string{"/archived", "/secret.md", "../assets/old"}
	want.CommaKeys = []string{"topics", "related"}
	want.PagesDir, want.JournalsDir = "wiki", "diary"
	want.JournalTitle, want.JournalFile = "yyyy-MM-dd", "yyyyMMdd"
	if d := cmp.Diff(want, c); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestLoadEDNDiagnostics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, edn string
		want      []string
	}{
		{"empty map", "{}", nil},
		{"not closed", "{:all-pages-public? true\n :hidden [\"a\"\n", []string{"config-syntax@2"}},
		{"string not closed", "{:a\n \"b}", []string{"config-syntax@2"}},
		{"wrong bracket", "{:a [1}\n]", []string{"config-syntax@1"}},
		{"not a map", "[1]", []string{"config-syntax@1"}},
		{"wrong types", "{:hidden true\n:file/name-format \"x\"\n:all-pages-public? 1\n:pages-directory :x}",
			[]string{"config-bad-value@1", "config-bad-value@2", "config-bad-value@3", "config-bad-value@4"}},
		{"deep", strings.Repeat("[", 100000), []string{"config-syntax@1", "config-syntax@1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := load(map[string]string{"logseq/config.edn": test.edn})
			got := summary(c.Diagnostics["logseq/config.edn"])
			if test.name == "deep" {
				got = append(got, got...)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("-want +got:\n%s\n%v", d, c.Diagnostics)
			}
		})
	}
}

// TestFileNameFormat: a config.edn that is silent is an old graph's.
func TestFileNameFormat(t *testing.T) {
	t.Parallel()
	if got := repoconfig.Default().FileName; got != repoconfig.FormatTripleLowbar {
		t.Errorf("without config.edn: %s", got)
	}
	if got := load(map[string]string{"logseq/config.edn": "{}"}).FileName; got != repoconfig.FormatLegacy {
		t.Errorf("with a silent config.edn: %s", got)
	}
}

func TestYAMLWinsOverEDN(t *testing.T) {
	t.Parallel()
	edn := "{:publishing/all-pages-public? true}"
	if c := load(map[string]string{"logseq/config.edn": edn, ".kgsync.yml": "public: marked"}); c.AllPublic {
		t.Error(".kgsync.yml says marked, yet all pages are public")
	}
	if c := load(map[string]string{"logseq/config.edn": edn, ".kgsync.yml": "branch: x"}); !c.AllPublic {
		t.Error(".kgsync.yml is silent, yet config.edn does not count")
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	const context = `{"@context": {"a": "urn:a"}}`
	c := load(map[string]string{
		"ns/v2.jsonld": context, "contexts/deep/ns/v2.jsonld": context, "context.jsonld": context,
		"data/big.jsonld": context, "ns/readme.md": "no", "ns/broken.jsonld": `{"@context"`, "ns/data.jsonld": `{"a": 1}`,
	})
	tests := []struct{ iri, want string }{
		{"https://example.org/ns/v2.jsonld", "ns/v2.jsonld"},
		{"https://example.org/ns/v2#frag", "ns/v2.jsonld"},
		{"https://example.org/base/ns/v2", "ns/v2.jsonld"},
		{"https://example.org/contexts/deep/ns/v2.jsonld", "contexts/deep/ns/v2.jsonld"},
		{"./context.jsonld", "context.jsonld"},
		{"https://example.org/mean-context.jsonld", ""},
		{"https://example.org/v2.jsonld", ""},
		{"https://example.org/data/big.jsonld", ""},
		{"https://example.org/ns/broken.jsonld", ""},
	}
	for _, test := range tests {
		if got := c.Context(test.iri); got != c.Contexts[test.want] {
			t.Errorf("Context(%q) is not %q", test.iri, test.want)
		}
	}
	for path, want := range map[string]diag.Code{"ns/broken.jsonld": diag.JSONLDSyntax, "ns/data.jsonld": diag.JSONLDContext, "ns/v2.jsonld": ""} {
		found := c.Diagnostics[path]
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Code != want) {
			t.Errorf("%s: %+v, want %q", path, found, want)
		}
	}
}

func TestSelects(t *testing.T) {
	t.Parallel()
	c := load(map[string]string{
		".kgsync.yml":       "include: ['**']\nexclude: ['drafts/**', '**/*.tmp.md']\n",
		"logseq/config.edn": `{:hidden ["/old" "/secret.md"]}`,
	})
	for path, want := range map[string]bool{
		"a.md": true, "x/A.MD": true, "b.markdown": true, "c.txt": false, "md": false, "x.md/y": false,
		"drafts/a.md": false, "x/y.tmp.md": false, "old/a.md": false, "older/a.md": true, "secret.md": false,
		"logseq/bak/a.md": false, "logseq/notes.md": true, "notes/logseq/bak/pages/A/x.md": false, "notes/logseq/version-files/base/a.md": false,
		"notes/logseq/bak.md": true, "notes/bak/a.md": true, "mylogseq/bak/a.md": true, ".obsidian/a.md": false, "x/.trash/a.md": false,
		"node_modules/p/README.md": false, "logseq/.recycle/a.md": false, ".hidden.md": true,
	} {
		if got := c.Selects(path); got != want {
			t.Errorf("Selects(%q) = %v", path, got)
		}
	}
	only := load(map[string]string{".kgsync.yml": "include: notes/**/*.md\n"})
	for path, want := range map[string]bool{"notes/a.md": true, "notes/x/b.md": true, "a.md": false} {
		if got := only.Selects(path); got != want {
			t.Errorf("include notes: Selects(%q) = %v", path, got)
		}
	}
}

// FuzzLoad: any bytes give a usable configuration, the same one each time.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("public: all\ninclude: [a]"), []byte("{:hidden [\"x\"] #_ {} :a #{1} \\c \"s\\\"\"}"), "a/b.md")
	f.Add([]byte("prefixes:\n  a: b"), []byte("{:file/name-format :legacy"), "")
	f.Fuzz(func(t *testing.T, yml, edn []byte, path string) {
		files := map[string][]byte{".kgsync.yml": yml, "logseq/config.edn": edn, "ns/" + path: yml}
		c := repoconfig.Load(files)
		c.Selects(path)
		c.Context(path)
		if c.Dialects == nil || c.Prefixes == nil || c.PagesDir == "" && c.JournalFile == "" {
			t.Fatalf("unusable configuration %+v", c)
		}
		if again := repoconfig.Load(files); !reflect.DeepEqual(c, again) {
			t.Fatal("two loads of the same files differ")
		}
	})
}
