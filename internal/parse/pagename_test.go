package parse_test

import (
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

func TestNameFromPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path, tripleLowbar, legacy string
		bad                        bool
	}{
		{"pages/Cat.md", "Cat", "Cat", false},
		{"a/b/Cat.MARKDOWN", "Cat", "Cat", false},
		{"A___B Testing.md", "A/B Testing", "A___B Testing", false},
		{"a%2Fb.md", "a/b", "a/b", false},
		{"a%5F%5F%5Fb.md", "a___b", "a___b", false},
		{"a.b.c.md", "a.b.c", "a/b/c", false},
		{"a%2Eb.md", "a.b", "a.b", false},
		{"Release 1.2.md", "Release 1.2", "Release 1/2", false},
		{"Mr. Cat.md", "Mr. Cat", "Mr/ Cat", false},
		{"51% Attack.md", "51% Attack", "51% Attack", true},
		{"100%25.md", "100%", "100%", false},
		{"%F0%9F%98%80.md", "\U0001F600", "\U0001F600", false},
		{"%e9.md", "%e9", "%e9", true},
		{"a%00b.md", "a%00b", "a%00b", true},
		{"What%3F %3A%3C%3E%22%7C.md", `What? :<>"|`, `What? :<>"|`, false},
		{"C++ (plus).md", "C++ (plus)", "C++ (plus)", false},
		{"CON___.md", "CON", "CON___", false},
		{"___.md", "___.md", "___", false},
		{".md", ".md", "md", false},
		{"a______b.md", "a/b", "a______b", false},
		{"a..b%2F%2Fc.md", "a..b/c", "a//b//c", false},
		{"a%41%.md", "aA%", "a%41%", true},
		{" padded .md", "padded", "padded", false},
		{"caf\xe9.md", "caf\uFFFD", "caf\uFFFD", false},
	}
	legacy := repoconfig.Default()
	legacy.FileName = repoconfig.FormatLegacy
	for _, test := range tests {
		name, bad := parse.NameFromPath(test.path, nil)
		if name != test.tripleLowbar || bad != test.bad {
			t.Errorf("%q is %q, %v; want %q, %v", test.path, name, bad, test.tripleLowbar, test.bad)
		}
		if name, _ := parse.NameFromPath(test.path, legacy); name != test.legacy {
			t.Errorf("legacy: %q is %q, want %q", test.path, name, test.legacy)
		}
	}
}

func TestNameKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Cat": "cat", " Cat ": "cat", "/A/B/": "a/b", "ÉCOLE": "école", "e\u0301cole": "école", "STRASSE": "strasse",
		"İstanbul": "i\u0307stanbul", "I\u0307": "i\u0307", "Istanbul": "istanbul", "ΟΔΟΣ": "οδος", "Οδος": "οδος", "ΟΔΟΣ ΣΟΥ": "οδος σου", "Σ": "σ", "Ⱥ": "ⱥ", "A  B": "a  b", "日本": "日本", "": "", " / ": "",
	} {
		if got := parse.NameKey(name); got != want {
			t.Errorf("NameKey(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestJournals reads names and titles in the date formats of config.edn.
func TestJournals(t *testing.T) {
	t.Parallel()
	tests := []struct{ file, title, path, name, date string }{
		{"", "", "journals/2024_02_29.md", "Feb 29th, 2024", "2024-02-29"},
		{"", "", "journals/2024-03-01.md", "Mar 1st, 2024", "2024-03-01"},
		{"", "", "journals/2024_02_31.md", "2024_02_31", ""},
		{"", "", "pages/2024_02_29.md", "2024_02_29", ""},
		{"", "", "vault/journals/2024_12_03.md", "Dec 3rd, 2024", "2024-12-03"},
		{"yyyyMMdd", "yyyy-MM-dd", "journals/20240229.md", "2024-02-29", "2024-02-29"},
		{"dd-MM-yyyy", "EEEE, dd.MM.yyyy", "journals/29-02-2024.md", "Thursday, 29.02.2024", "2024-02-29"},
		{"yyyy_MM_dd", "MMMM do, yyyy", "journals/2024_11_11.md", "November 11th, 2024", "2024-11-11"},
		{"MMM do, yyyy", "E, yyyy/MM/dd", "journals/Feb 2nd, 2024.md", "Fri, 2024/02/02", "2024-02-02"},
		{"yy.M.d", "d 'de' MMMM yy", "journals/24.2.9.md", "9 de February 24", "2024-02-09"},
	}
	for _, test := range tests {
		cfg := repoconfig.Default()
		cfg.AllPublic = true
		if test.file != "" {
			cfg.JournalFile, cfg.JournalTitle = test.file, test.title
		}
		page := parse.Parse(test.path, []byte("- x\n"), cfg).Page
		if page.Name != test.name || page.Journal != test.date {
			t.Errorf("%s (%s): name %q, date %q; want %q, %q", test.path, test.title, page.Name, page.Journal, test.name, test.date)
		}
	}
}
