package oracle

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// linkExpectation is one line of *_links.jsonl: what Logseq's own parser sees.
type linkExpectation struct {
	Path       string            `json:"path"`
	PageProps  map[string]string `json:"page_props"`
	BlockProps [][2]string       `json:"block_props"`
	Links      []string          `json:"links"`
	Tags       []string          `json:"tags"`
	BlockRefs  []string          `json:"block_refs"`
	FileLinks  []string          `json:"file_links"`
	Macros     map[string]int    `json:"macros"`
	Fences     map[string]int    `json:"fences"`
}

// linkCorpora names the corpora and where their files lie.
var linkCorpora = []struct{ name, dir string }{
	{"goldmine", "goldmine/pages"},
	{"metaverse", "metaverse"},
}

func TestOracleLinks(t *testing.T) {
	t.Parallel()
	root := os.Getenv("KGSYNC_CORPUS")
	if root == "" {
		t.Skip("KGSYNC_CORPUS is not set: the comparison with Logseq's parser needs a corpus")
	}
	for _, corpus := range linkCorpora {
		t.Run(corpus.name, func(t *testing.T) {
			t.Parallel()
			compareLinks(t, root, corpus.name, corpus.dir)
		})
	}
}

func compareLinks(t *testing.T, root, name, dir string) {
	var links, tags, page, block, refs, files, macros, fences score
	rules := map[string]int{}
	for _, want := range readLinkExpectations(t, filepath.Join(root, "expected", name+"_links.jsonl")) {
		content, err := os.ReadFile(filepath.Join(root, dir, want.Path))
		if err != nil {
			t.Fatal(err)
		}
		got := observe(content)
		links.add(t, want.Path, "link", keys(want.Links), got.links)
		tags.add(t, want.Path, "tag", explainTags(string(content), want.Tags, got.tags, rules), got.tags)
		page.add(t, want.Path, "page property", pairsOf(want.PageProps), got.page)
		block.add(t, want.Path, "block property", setOf(want.BlockProps), got.block)
		refs.add(t, want.Path, "block reference", keys(want.BlockRefs), got.blockRefs)
		files.add(t, want.Path, "file link", set(want.FileLinks), got.files)
		macros.add(t, want.Path, "macro", set(slices.Collect(maps.Keys(want.Macros))), got.macros)
		fences.add(t, want.Path, "fence", set(slices.Collect(maps.Keys(want.Fences))), got.fences)
	}
	for _, s := range []struct {
		what string
		*score
	}{{"links", &links}, {"tags", &tags}, {"page properties", &page}, {"block properties", &block},
		{"block references", &refs}, {"file links", &files}, {"macros", &macros}, {"fences", &fences}} {
		t.Logf("%-10s %-17s %s", name, s.what, s.score)
		if s.exact != s.files {
			t.Errorf("%s: %s are exact on %d of %d files", name, s.what, s.exact, s.files)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		t.Logf("%-10s tags left out by rule: %-40s %d", name, rule, rules[rule])
	}
}

// observation is what our scanner sees, in the terms of the expectation.
type observation struct {
	links, tags, page, block, blockRefs, files, macros, fences map[string]bool
}

func observe(content []byte) observation {
	o := logseq.Scan(content, logseq.Options{PipeIsPage: true})
	got := observation{
		links: map[string]bool{}, tags: map[string]bool{}, page: map[string]bool{}, block: map[string]bool{},
		blockRefs: map[string]bool{}, files: map[string]bool{}, macros: map[string]bool{}, fences: map[string]bool{},
	}
	for _, r := range o.References {
		key := parse.NameKey(r.Target)
		switch r.Kind {
		case logseq.RefPage:
			got.links[key] = true
		case logseq.RefTag:
			got.tags[key] = true
		case logseq.RefBlock:
			got.blockRefs[key] = true
		case logseq.RefFile:
			if lower := strings.ToLower(r.Target); strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown") {
				got.files[r.Target] = true
			}
		}
	}
	for _, p := range o.Properties {
		switch {
		case p.Foreign:
		case p.Page:
			got.page[p.Key+"="+p.Value] = true
		default:
			got.block[p.Key+"="+p.Value] = true
		}
	}
	for _, m := range o.Macros {
		got.macros[m.Name] = true
	}
	for _, f := range o.Fences {
		if !f.InHTML {
			got.fences[f.Language] = true
		}
	}
	return got
}

func readLinkExpectations(t *testing.T, path string) []linkExpectation {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []linkExpectation
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e linkExpectation
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// explainTags takes out of Logseq's tags those that our rules leave out on
// purpose, and counts them by rule.
func explainTags(content string, want []string, got map[string]bool, rules map[string]int) map[string]bool {
	kept := map[string]bool{}
	for _, tag := range want {
		key := parse.NameKey(tag)
		if rule := noiseRule(content, tag, key); rule != "" && !got[key] {
			rules[rule]++
			continue
		}
		kept[key] = true
	}
	return kept
}

// noiseRule names the rule by which a tag of the tool is none of the author's.
func noiseRule(content, tag, key string) string {
	first, _ := utf8.DecodeRuneInString(key)
	colour := regexp.MustCompile(`^[0-9a-f]{3,8}(,|$)`)
	switch {
	case !strings.ContainsFunc(key, unicode.IsLetter):
		return "a number or punctuation is an issue number, not a tag"
	case colour.MatchString(key) && strings.ContainsAny(key, "0123456789"):
		return "a colour, with or without more CSS, is not a tag"
	case first < unicode.MaxASCII && (unicode.IsPunct(first) || unicode.IsSymbol(first)) && first != '_':
		return "a name starts with no punctuation (CSS, code)"
	case !standsAlone(content, "#"+tag):
		return "a # inside a word or an attribute is a fragment"
	}
	return ""
}

// standsAlone reports whether mark occurs at the start of a word.
func standsAlone(content, mark string) bool {
	for at := 0; ; at++ {
		i := strings.Index(content[at:], mark)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(content[:at])
		if at == 0 || unicode.IsSpace(before) || before == '(' {
			return true
		}
	}
}

func keys(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		if k := parse.NameKey(n); k != "" {
			out[k] = true
		}
	}
	return out
}

func set(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

func pairsOf(m map[string]string) map[string]bool {
	out := map[string]bool{}
	for k, v := range m {
		out[k+"="+v] = true
	}
	return out
}

func setOf(list [][2]string) map[string]bool {
	out := map[string]bool{}
	for _, kv := range list {
		out[strings.ToLower(kv[0])+"="+kv[1]] = true
	}
	return out
}
