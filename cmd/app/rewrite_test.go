package main

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestNothingHangsOnTheNamesOfACorpus rewrites every IRI, title and key of a corpus
// and expects the same totals: no literal of it is known to the code. Keys and types
// of JSON-LD mean what the context says, so the rewritten repository brings one.
func TestNothingHangsOnTheNamesOfACorpus(t *testing.T) {
	t.Parallel()
	original := readCorpus(t, "goldmine/pages")
	rewritten := corpusRepository{}
	contexts := map[string]bool{}
	for path, content := range original {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "pages/"), ".md")
		rewritten["pages/"+turnName(name)+".md"] = rewrite(content, contexts)
	}
	if len(rewritten) != len(original) || len(contexts) == 0 {
		t.Fatalf("%d files became %d, with %d contexts", len(original), len(rewritten), len(contexts))
	}
	for file := range contexts {
		rewritten[file] = renamedContext(t)
	}
	want, got := original.sync(t), rewritten.sync(t)
	if got != want {
		t.Errorf("the totals became\n%+v, they were\n%+v", got, want)
	}
}

// renamedKeys are those that docs/parsing.md calls built in.
var renamedKeys = strings.Fields(`title label definition domain maturity subClassOf relations hasPart partOf requires dependsOn enables
	relatedTo uses supports implements contrastsWith bridgesTo standardizedBy Page Class`)

// renamedContext gives the meaning of the renamed keys and types.
func renamedContext(t *testing.T) string {
	t.Helper()
	terms := map[string]any{}
	for _, key := range renamedKeys {
		terms[turn(key)] = "https://vocabulary.example/terms#" + key
	}
	b, err := json.Marshal(map[string]any{"@context": terms})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// turn replaces every Latin letter by the one 13 places on, case kept.
func turn(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+13)%26
		case c >= 'A' && c <= 'Z':
			b[i] = 'A' + (c-'A'+13)%26
		}
	}
	return string(b)
}

var (
	escape  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	fence   = regexp.MustCompile("(?s)```json-?ld[^\n]*\n.*?\n[ \t]*```")
	text    = regexp.MustCompile(`("(?:[^"\\]|\\.)*")(\s*:)?`)
	iri     = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:\S+$`)
	listed  = regexp.MustCompile(`(?mi)^(?:[ \t]*- )?[ \t]*(?:alias|tags)::|(?:^|\s)#\b`)
	notJSON = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|.)`)
)

// turnName turns a file's name but for what stands percent-encoded.
func turnName(name string) string { return turnBetween(escape, name) }

// turnBetween turns what the pattern does not match.
func turnBetween(keep *regexp.Regexp, s string) string {
	var b strings.Builder
	at := 0
	for _, m := range keep.FindAllStringIndex(s, -1) {
		b.WriteString(turn(s[at:m[0]]) + s[m[0]:m[1]])
		at = m[1]
	}
	return b.String() + turn(s[at:])
}

// rewrite turns the strings of JSON-LD fences and the names between [[ and ]]
// outside them.
func rewrite(content string, contexts map[string]bool) string {
	var b strings.Builder
	at := 0
	for _, m := range fence.FindAllStringIndex(content, -1) {
		b.WriteString(turnLinks(content[at:m[0]]) + rewriteJSON(content[m[0]:m[1]], contexts))
		at = m[1]
	}
	return b.String() + turnLinks(content[at:])
}

// turnLinks turns what stands within double brackets, at any depth, on one line,
// and what follows alias::, tags:: or the # of a tag.
func turnLinks(s string) string {
	var b strings.Builder
	depth := 0
	names := map[int]bool{} // where an alias's names begin
	for _, m := range listed.FindAllStringIndex(s, -1) {
		names[m[1]] = true
	}
	for i := 0; i < len(s); i++ {
		switch {
		case names[i]:
			depth = 1
		case strings.HasPrefix(s[i:], "[["):
			depth++
		case strings.HasPrefix(s[i:], "]]"):
			depth = max(0, depth-1)
		case s[i] == '\n':
			depth = 0
		}
		if depth > 0 {
			b.WriteString(turn(s[i : i+1]))
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// rewriteJSON turns the strings of a fence but for keywords, names with a prefix,
// and what an escape says; contexts collects the files that its contexts stand for.
func rewriteJSON(s string, contexts map[string]bool) string {
	key := ""
	return text.ReplaceAllStringFunc(s, func(found string) string {
		m := text.FindStringSubmatch(found)
		value := m[1][1 : len(m[1])-1]
		if m[2] != "" {
			key = value
			for _, k := range renamedKeys {
				if k == value {
					return `"` + turn(value) + `"` + m[2]
				}
			}
			return found
		}
		switch {
		case key == "@context":
			u, err := url.Parse(value)
			if err != nil {
				return found
			}
			contexts[strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), ".jsonld")+".jsonld"] = true
			u.Host = "other.example"
			return `"` + u.String() + `"`
		case key == "@type" && strings.Contains(value, ":"):
			return found
		case iri.MatchString(value):
			scheme, rest, _ := strings.Cut(value, ":")
			return `"` + scheme + ":" + turnBetween(notJSON, rest) + `"`
		}
		return `"` + turnBetween(notJSON, value) + `"`
	})
}
