package parse_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/tools/txtar"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// FuzzDocument: any path and bytes give a Document that keeps its promises, the
// same one each time.
func FuzzDocument(f *testing.F) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archives {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i, entry := range archive.Files {
			if strings.HasSuffix(entry.Name, ".md") {
				f.Add(entry.Name, entry.Data, byte(i))
			}
		}
	}
	f.Fuzz(func(t *testing.T, path string, content []byte, flags byte) {
		if parse.NameKey(path) == "" {
			t.Skip("git has no such path")
		}
		cfg := repoconfig.Default()
		cfg.AllPublic, cfg.PipeIsPage, cfg.LooseFences, cfg.Logseq = flags&1 == 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
		cfg.Prefixes = map[string]string{"ex": "https://example.org/"}
		doc := parse.Parse(path, content, cfg)
		checkDocument(t, doc, len(content))
		if again := parse.Parse(path, content, cfg); !reflect.DeepEqual(doc, again) {
			t.Fatal("two readings of the same bytes differ")
		}
	})
}

// checkDocument fails if doc breaks a promise of its documentation.
func checkDocument(t *testing.T, doc *parse.Document, size int) {
	t.Helper()
	if (doc.Kind == parse.KindSkipped) != (doc.SkipReason != "") {
		t.Fatalf("kind %q with the reason %q", doc.Kind, doc.SkipReason)
	}
	if doc.Kind != parse.KindSkipped && doc.Page.Name == "" {
		t.Fatal("a page without a name")
	}
	links := map[parse.Link]bool{}
	for _, l := range doc.Links {
		id := parse.Link{TargetKey: l.TargetKey, Kind: l.Kind, Line: l.Line}
		if l.Kind == parse.LinkFile {
			id.Target = l.Target
		}
		if l.TargetKey == "" || l.Line < 1 || l.Line > size+1 || links[id] {
			t.Fatalf("link %+v is empty, misplaced or repeated", l)
		}
		links[id] = true
		checkKey(t, l.TargetKey)
	}
	for _, tag := range doc.Tags {
		checkKey(t, tag.NameKey)
	}
	for _, a := range doc.Aliases {
		if checkKey(t, a.NameKey); a.NameKey == doc.Page.NameKey {
			t.Fatalf("the page is an alias of itself: %+v", a)
		}
	}
	for _, c := range doc.Classes {
		if c.IRI == "" {
			t.Fatalf("a class without an IRI: %+v", c)
		}
	}
	for _, d := range doc.Diagnostics {
		if d.Line < 0 || d.Line > size+1 || d.Code == "" || d.Message == "" {
			t.Fatalf("finding %+v", d)
		}
	}
}

// checkKey demands that a key is its own key.
func checkKey(t *testing.T, key string) {
	t.Helper()
	if key == "" || parse.NameKey(key) != key {
		t.Fatalf("the key of the key %q is %q", key, parse.NameKey(key))
	}
}

// FuzzName: a name made from any path is not empty, is UTF-8 where the path is
// or not, and has a stable key in Unicode's composed form.
func FuzzName(f *testing.F) {
	for _, path := range []string{
		"a.md", "pages/A___B Testing.md", "51% Attack.md", "%F0%9F%98%80.md", "%2Fa%2F.md", "%.md", "%e9.md", "caf\xe9.md",
		"a.b.c.markdown", "v1.2.3.md", "___.md", ".md", "/", "journals/2024_02_30.md", "A\u030a.md", "İ.MD", " a .md", "a%00b.md",
	} {
		f.Add(path, false)
		f.Add(path, true)
	}
	f.Fuzz(func(t *testing.T, path string, legacy bool) {
		cfg := repoconfig.Default()
		if legacy {
			cfg.FileName = repoconfig.FormatLegacy
		}
		name, _ := parse.NameFromPath(path, cfg)
		if path != "" && name == "" {
			t.Fatalf("%q gives no name", path)
		}
		key := parse.NameKey(name)
		if utf8.ValidString(path) && !utf8.ValidString(name) {
			t.Fatalf("%q gives %q", path, name)
		}
		if parse.NameKey(key) != key || utf8.ValidString(key) && !norm.NFC.IsNormalString(key) {
			t.Fatalf("%q has the key %q, which has the key %q", name, key, parse.NameKey(key))
		}
		if parent := parse.Namespace(name); len(parent) >= len(name) && name != "" {
			t.Fatalf("the namespace of %q is %q", name, parent)
		}
	})
}

// FuzzJournal: whatever the formats of file names and titles, a journal is a day
// that exists and has a name.
func FuzzJournal(f *testing.F) {
	for _, format := range []string{"yyyy_MM_dd", "MMM do, yyyy", "EEEE, dd.MM.yy", "d 'of' MMMM yyyy", "yyyyMMdd", "''", "E-M-d"} {
		f.Add(format, format, "2024_02_29")
		f.Add("yyyy-MM-dd", format, "2024-12-31")
	}
	f.Add("MMM do, yyyy", "yyyy", "Feb 30th, 2024")
	f.Fuzz(func(t *testing.T, file, title, name string) {
		cfg := repoconfig.Default()
		cfg.AllPublic, cfg.JournalFile, cfg.JournalTitle = true, file, title
		doc := parse.Parse("journals/"+name+".md", []byte("- a"), cfg)
		checkKey(t, doc.Page.NameKey)
		if day := doc.Page.Journal; day != "" {
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				t.Fatalf("%q is the journal of %q", name, day)
			}
		}
	})
}
