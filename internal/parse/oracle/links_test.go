package oracle

import (
	"maps"
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

// TestLinks demands Logseq's links, tags, properties, references, macros and
// fences on every page.
func TestLinks(t *testing.T) {
	t.Parallel()
	eachCorpus(t, "links", func(t *testing.T, corpus, dir, expectation string) {
		board := newScoreboard(corpus)
		for _, want := range readExpectations[linkExpectation](t, expectation) {
			compareLinks(t, board, &want, readPage(t, dir, want.Path))
		}
		board.print(t)
	})
}

func compareLinks(t *testing.T, board *scoreboard, want *linkExpectation, content []byte) {
	t.Helper()
	got := observe(content, false)
	board.add(t, want.Path, "links", keys(want.Links), got.links)
	tags, ours := explainTags(string(content), want.Tags, got.tags, board)
	board.add(t, want.Path, "tags", tags, ours)
	board.add(t, want.Path, "page properties", pairsOf(want.PageProps), got.page)
	board.add(t, want.Path, "block properties", setOf(want.BlockProps), got.block)
	board.add(t, want.Path, "block references", keys(want.BlockRefs), got.blockRefs)
	board.add(t, want.Path, "file links", set(want.FileLinks), got.files)
	board.add(t, want.Path, "macros", set(slices.Collect(maps.Keys(want.Macros))), got.macros)
	board.add(t, want.Path, "fences", set(slices.Collect(maps.Keys(want.Fences))), got.fences)
}

// observation is what our scanner sees, in the terms of the expectation.
type observation struct {
	links, tags, page, block, blockRefs, files, macros, fences map[string]bool
}

func observe(content []byte, rawTags bool) observation {
	o := logseq.Scan(content, logseq.Options{PipeIsPage: true, RawTags: rawTags})
	got := observation{
		links: map[string]bool{}, tags: map[string]bool{}, page: map[string]bool{}, block: map[string]bool{},
		blockRefs: map[string]bool{}, files: map[string]bool{}, macros: map[string]bool{}, fences: map[string]bool{},
	}
	for _, r := range o.References {
		key := parse.NameKey(r.Target)
		if key == "" {
			continue
		}
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

// explainTags takes out of Logseq's tags those that our rules leave out or cut
// on purpose, and out of ours those that the tool's fast path for plain
// paragraphs passes over. It counts them by rule.
func explainTags(content string, want []string, got map[string]bool, board *scoreboard) (kept, ours map[string]bool) {
	kept, ours = map[string]bool{}, maps.Clone(got)
	for _, tag := range want {
		key := parse.NameKey(tag)
		if cut, ok := logseq.TagName(upToMark(tag)); ok && cut != tag && !got[key] {
			board.explained(ruleTagEnd, 1)
			tag, key = cut, parse.NameKey(cut)
		}
		if r := noiseRule(content, tag, key); r != "" && !got[key] {
			board.explained(r, 1)
			continue
		}
		kept[key] = true
	}
	for key := range got {
		if !kept[key] && afterMark(content, key) {
			board.explained(ruleTagFastPath, 1)
			delete(ours, key)
		}
	}
	return kept, ours
}

// upToMark cuts a tag where mldoc 1.5, the parser of Logseq 0.10, ends it.
func upToMark(tag string) string {
	if i := strings.IndexAny(tag, ",#\"!?':"); i > 0 && !strings.Contains(tag, "[[") {
		return tag[:i]
	}
	return tag
}

// afterMark reports whether a tag occurs right after a bracket or the like.
func afterMark(content, key string) bool {
	content = strings.ToLower(content)
	for at := 0; ; {
		i := strings.Index(content[at:], "#"+key)
		if i < 0 {
			return false
		}
		at += i
		if at > 0 && (strings.IndexByte("([{|>", content[at-1]) >= 0 || content[at-1] >= utf8.RuneSelf) {
			return true
		}
		at++
	}
}

var colour = regexp.MustCompile(`^[0-9a-f]{3,8}([,;]|$)`)

// noiseRule names the rule by which a tag of the tool is none of the author's.
func noiseRule(content, tag, key string) rule {
	first, _ := utf8.DecodeRuneInString(key)
	name, isTag := logseq.TagName(tag)
	key = parse.NameKey(name)
	switch {
	case !strings.ContainsFunc(key, func(r rune) bool { return unicode.IsLetter(r) || r == '_' || r > unicode.MaxASCII }):
		return ruleTagNumber
	case colour.MatchString(key) && (!isTag || strings.ContainsAny(key, ",;0123456789")):
		return ruleTagColour
	case first < unicode.MaxASCII && (unicode.IsPunct(first) || unicode.IsSymbol(first)) && first != '_':
		return ruleTagNumber
	case !standsAlone(content, "#"+tag):
		return ruleTagFragment
	}
	return ""
}

// standsAlone reports whether mark occurs as a word, or after a bracket.
func standsAlone(content, mark string) bool {
	for at := 0; ; {
		i := strings.Index(content[at:], mark)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(content[:at+i])
		start := at+i == 0 || unicode.IsSpace(before) || before == '('
		at += i + len(mark)
		after, _ := utf8.DecodeRuneInString(content[at:])
		if start && !unicode.IsLetter(after) && !unicode.IsDigit(after) {
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
