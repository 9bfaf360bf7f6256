// Package oracle compares the parsers with what independent tools say: the
// files expected/*.jsonl of a corpus of real repositories (KGSYNC_CORPUS), and
// Logseq's own parser, run on the same texts. It has tests only, and every
// difference that it accepts is a rule that is applied to all files and counted.
package oracle

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpusRoot is the folder that KGSYNC_CORPUS names; without one the test is
// skipped.
func corpusRoot(t testing.TB) string {
	t.Helper()
	root := os.Getenv("KGSYNC_CORPUS")
	if root == "" {
		t.Skip("KGSYNC_CORPUS is not set: the comparison with independent tools needs a corpus")
	}
	return root
}

// eachCorpus runs check for every file expected/CORPUS_WHAT.jsonl, in parallel,
// with the folder that the file's paths are relative to.
func eachCorpus(t *testing.T, what string, check func(t *testing.T, corpus, dir, expectation string)) {
	t.Helper()
	root := corpusRoot(t)
	expectations, err := filepath.Glob(filepath.Join(root, "expected", "*_"+what+".jsonl"))
	if err != nil || len(expectations) == 0 {
		t.Fatalf("no expected/*_%s.jsonl below %s (%v)", what, root, err)
	}
	for _, expectation := range expectations {
		corpus := strings.TrimSuffix(filepath.Base(expectation), "_"+what+".jsonl")
		dir := filepath.Join(root, corpus)
		if pages := filepath.Join(dir, "pages"); isDir(pages) {
			dir = pages
		}
		t.Run(corpus, func(t *testing.T) {
			t.Parallel()
			check(t, corpus, dir, expectation)
		})
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readExpectations reads one JSON object a line.
func readExpectations[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e T
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("%s expects nothing", path)
	}
	return all
}

// readPage reads one file of a corpus.
func readPage(t *testing.T, dir, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
