package parse_test

import (
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// TestLinksByPath: which file a wikilink finds, by name or by another name, in a
// repository that is no Logseq graph and in one that is.
func TestLinksByPath(t *testing.T) {
	t.Parallel()
	vault := map[string]string{
		"Home.md": "x", "Projects/Plan.md": "---\ntitle: The Plan\n---\n", "Projects/Old/Plan.md": "x", "Projects/a___b.md": "x",
		"pages/Logseq.md": "x", "a/b/c/d/e/f/g/h/i/Deep.md": "x", "Größe/Maß.md": "x",
	}
	for _, c := range []struct {
		link, finds, logseq string // paths, "" for none
	}{
		{"Home", "Home.md", "Home.md"},
		{"the plan", "Projects/Plan.md", "Projects/Plan.md"},
		{"Projects/Plan", "Projects/Plan.md", ""},
		{"projects/plan.md#Heading|shown", "Projects/Plan.md", ""},
		{"/Projects/Plan", "Projects/Plan.md", ""},
		{"Old/Plan", "Projects/Old/Plan.md", ""},
		{"Projects/Old/Plan", "Projects/Old/Plan.md", ""},
		{"Home.md", "", ""},
		{"./Old/Plan", "Projects/Old/Plan.md", ""},
		{"../Home.md", "Home.md", ""},
		{"../../Home", "", ""},
		{"a/b", "Projects/a___b.md", "Projects/a___b.md"},
		{"Projects/a___b", "Projects/a___b.md", ""},
		{"Nowhere/Plan", "", ""},
		{"pages/Logseq", "", ""},
		{"b/c/d/e/f/g/h/i/Deep", "a/b/c/d/e/f/g/h/i/Deep.md", ""},
		{"a/b/c/d/e/f/g/h/i/Deep", "", ""},
		{"größe/maß", "Größe/Maß.md", ""},
	} {
		for edn, want := range map[string]string{"": c.finds, "{:file/name-format :triple-lowbar}": c.logseq} {
			files := map[string][]byte{".kgsync.yml": []byte("public: all")}
			if edn != "" {
				files["logseq/config.edn"] = []byte(edn)
			}
			cfg := repoconfig.Load(files)
			links := parse.Parse("Projects/From.md", []byte("[["+c.link+"]]"), cfg).Links
			if len(links) != 1 {
				t.Fatalf("%s: %+v", c.link, links)
			}
			if got := found(vault, cfg, links[0].TargetKey); got != want {
				t.Errorf("[[%s]] finds %q, want %q (config.edn %q)", c.link, got, want, edn)
			}
		}
	}
}

// found gives the file whose page has a name, else another name, with that key.
func found(vault map[string]string, cfg *repoconfig.Config, key string) string {
	byAlias := ""
	for path, content := range vault {
		doc := parse.Parse(path, []byte(content), cfg)
		if doc.Page.NameKey == key {
			return path
		}
		for _, a := range doc.Aliases {
			if a.NameKey == key {
				byAlias = path
			}
		}
	}
	return byAlias
}
