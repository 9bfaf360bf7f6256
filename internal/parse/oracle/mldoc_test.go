package oracle

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mldocParser is Logseq's own parser in a Node process of its own. It is not
// safe for concurrent use.
type mldocParser struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// mldocView is what Logseq's parser sees in one text.
type mldocView struct {
	Links     []string    `json:"links"`
	Tags      []string    `json:"tags"`
	BlockRefs []string    `json:"blockRefs"`
	Files     []string    `json:"files"`
	Macros    []string    `json:"macros"`
	Fences    []string    `json:"fences"`
	Page      [][2]string `json:"page"`
	Block     [][2]string `json:"block"`
	Failed    string      `json:"failed"`
}

// startMldoc starts the parser that KGSYNC_MLDOC=1 promises to be installed
// (npm ci in the folder mldoc); without it the test is skipped.
func startMldoc(t *testing.T) *mldocParser {
	t.Helper()
	if os.Getenv("KGSYNC_MLDOC") == "" {
		t.Skip("KGSYNC_MLDOC is not set: the comparison with Logseq's parser needs Node; make oracle runs it")
	}
	cmd := exec.CommandContext(t.Context(), "node", "--stack-size=4000", "read.mjs")
	cmd.Dir = "mldoc"
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start node: %v; install Node 18 or later", err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("mldoc: %v", err)
		}
	})
	return &mldocParser{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

func (p *mldocParser) read(t *testing.T, text string) mldocView {
	t.Helper()
	line, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	answer, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no answer for %q: %v", text, err)
	}
	var view mldocView
	if err := json.Unmarshal(answer, &view); err != nil {
		t.Fatal(err)
	}
	return view
}

// TestMldocGenerated compares our scanner with Logseq's on random pages. The
// environment chooses others: KGSYNC_ORACLE_SEED and KGSYNC_ORACLE_PAGES.
func TestMldocGenerated(t *testing.T) {
	t.Parallel()
	mldoc := startMldoc(t)
	seed, pages := setting(t, "KGSYNC_ORACLE_SEED", 1), setting(t, "KGSYNC_ORACLE_PAGES", 10000)
	board := newScoreboard("generated")
	for number := range pages {
		text := newGenerator(seed, number).document()
		if differences(t, mldoc, text, board) == nil {
			continue
		}
		small := shrink(text, func(s string) bool { return differences(t, mldoc, s, nil) != nil })
		found := differences(t, mldoc, small, nil)
		if found == nil {
			board.explained(ruleMldocMood, 1)
			continue
		}
		t.Errorf("page %d of seed %d differs; the smallest such text is\n%q\n%s", number, seed, small, strings.Join(found, "\n"))
	}
	t.Logf("generated  %d pages of seed %d compared with Logseq's parser", pages, seed)
	board.print(t)
}

// TestMldocCorpus compares our scanner with Logseq's on the files of a corpus.
func TestMldocCorpus(t *testing.T) {
	t.Parallel()
	root := corpusRoot(t)
	mldoc := startMldoc(t)
	board := newScoreboard("corpora")
	files := 0
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" || filepath.Dir(path) == root {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, d := range differences(t, mldoc, string(content), board) {
			t.Errorf("%s: %s", path, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("corpora    %d files compared with Logseq's parser", files)
	board.print(t)
}

func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
