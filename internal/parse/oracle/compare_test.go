package oracle

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// differences says what Logseq's parser sees otherwise than ours, nil if
// nothing. Board, unless nil, counts what rules leave out.
func differences(t *testing.T, mldoc *mldocParser, text string, board *scoreboard) []string {
	t.Helper()
	if board == nil {
		board = newScoreboard("")
	}
	want := mldoc.read(t, text)
	if want.Failed != "" {
		board.explained(ruleMldocMood, 1)
		return nil
	}
	if openEnvironment(text) || endsWithinLine(text) {
		board.explained(ruleHidden, 1)
		return nil
	}
	if strings.Contains(text, "````") {
		board.explained(ruleMldocMood, 1)
		return nil
	}
	got := observe([]byte(text), true)
	var list []string
	list = append(list, difference("link", keys(want.Links), got.links)...)
	list = append(list, difference("tag", withoutBackslashes(keys(want.Tags)), withoutBackslashes(got.tags))...)
	list = append(list, difference("page property", properties(want.Page, got.page, board), got.page)...)
	list = append(list, difference("block property", properties(want.Block, got.block, board), got.block)...)
	list = append(list, difference("block reference", uuids(want.BlockRefs), got.blockRefs)...)
	list = append(list, difference("file link", withoutBackslashes(markdownFiles(want.Files, board)), withoutBackslashes(got.files))...)
	list = append(list, difference("macro", set(want.Macros), got.macros)...)
	list = append(list, difference("fence", set(want.Fences), got.fences)...)
	return list
}

func difference(what string, want, got map[string]bool) []string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !got[k] {
			list = append(list, fmt.Sprintf("missed %s %q", what, k))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if !want[k] {
			list = append(list, fmt.Sprintf("extra %s %q", what, k))
		}
	}
	return list
}

// withoutBackslashes compares names but for their escapes, which Logseq keeps in
// some places and drops in others.
func withoutBackslashes(names map[string]bool) map[string]bool {
	out := map[string]bool{}
	for name := range names {
		name = strings.ReplaceAll(name, `\`, "")
		if inner, ok := strings.CutPrefix(name, "[["); ok && len(inner) > 2 && strings.Index(inner, "]]") == len(inner)-2 {
			name = strings.TrimSpace(inner[:len(inner)-2])
		}
		out[name] = true
	}
	return out
}

var keyReplacer = strings.NewReplacer("_", "-", " ", "-", "\"", "", "|", "", "^", "", "(", "", ")", "", "{", "", "}", "")

// properties gives properties with their keys as Logseq's graph parser stores
// them. The value "|" of Logseq's is that of ours where indented lines follow.
func properties(list [][2]string, got map[string]bool, board *scoreboard) map[string]bool {
	out := map[string]bool{}
	for _, kv := range list {
		key := keyReplacer.Replace(strings.ToLower(kv[0]))
		value := strings.TrimSpace(kv[1])
		if value == "|" && !got[key+"=|"] {
			board.explained(ruleLiteral, 1)
			for ours := range got {
				if k, v, _ := strings.Cut(ours, "="); k == key && strings.HasSuffix(v, "\n") {
					value = v
				}
			}
		}
		out[key+"="+value] = true
	}
	return out
}

var uuid = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func uuids(list []string) map[string]bool {
	out := map[string]bool{}
	for _, id := range list {
		if uuid.MatchString(id) {
			out[strings.ToLower(id)] = true
		}
	}
	return out
}

var begin = regexp.MustCompile(`(?mi)^[\s>*+\d.-]*(?:[#A-Z-]+ +)?\\begin\{([^}]+)\}`)

// openEnvironment reports whether a LaTeX environment opens in text that is not
// closed: to Logseq the rest of the page then belongs to it.
func openEnvironment(text string) bool {
	for _, m := range begin.FindAllStringSubmatchIndex(text, -1) {
		if !strings.Contains(text[m[1]:], `\end{`+text[m[2]:m[3]]+"}") {
			return true
		}
	}
	return false
}

// endsWithinLine reports whether Logseq takes for the end of front matter what
// does not stand on a line of its own, or for front matter what has other lines
// than "key: value".
func endsWithinLine(text string) bool {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return false
	}
	head, after, ok := strings.Cut(rest, "---")
	lines := frontMatterLines.MatchString(head)
	return ok && (!lines || after != "" && after[0] != '\n')
}

var frontMatterLines = regexp.MustCompile(`^(\w+: \w+\n)*$`)

var url = regexp.MustCompile(`^([A-Za-z0-9+.-]{2,}:|//|#)`)

// markdownFiles are the destinations of links that name Markdown files. Logseq
// takes "mailto:a.md", "//host/a.md" and "#a.md" for files; they are URLs.
func markdownFiles(list []string, board *scoreboard) map[string]bool {
	out := map[string]bool{}
	for _, f := range list {
		lower := strings.ToLower(f)
		switch {
		case !strings.HasSuffix(lower, ".md") && !strings.HasSuffix(lower, ".markdown"):
		case url.MatchString(f):
			board.explained(ruleURL, 1)
		default:
			out[f] = true
		}
	}
	return out
}

// shrink removes lines, then characters, as long as the text stays interesting.
func shrink(text string, interesting func(string) bool) string {
	for _, split := range []string{"\n", ""} {
		parts := strings.SplitAfter(text, split)
		for size := max(len(parts)/2, 1); size > 0; size /= 2 {
			for at := 0; at+size <= len(parts); {
				smaller := slices.Concat(parts[:at], parts[at+size:])
				if interesting(strings.Join(smaller, "")) {
					parts = smaller
				} else {
					at += size
				}
			}
		}
		text = strings.Join(parts, "")
	}
	return text
}
