package oracle

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/text"

	"github.com/kgsync/kgsync/internal/parse"
)

// BenchmarkCorpus parses every file of each corpus beside a floor that is
// measured in the same loop: reading the file, decoding its JSON-LD with
// encoding/json and looking for "[["; floor+markdown also tokenises it once with
// goldmark. What it reports as x-floor and x-floor+markdown are the quotients.
func BenchmarkCorpus(b *testing.B) {
	root := corpusRoot(b)
	folders, err := os.ReadDir(root)
	if err != nil {
		b.Fatal(err)
	}
	for _, folder := range folders {
		if files := markdownBelow(b, filepath.Join(root, folder.Name())); len(files) > 0 && folder.IsDir() {
			b.Run(folder.Name(), func(b *testing.B) { benchmarkFiles(b, files) })
		}
	}
}

// markdownBelow lists the Markdown files of a folder.
func markdownBelow(b *testing.B, dir string) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

func benchmarkFiles(b *testing.B, files []string) {
	b.ReportAllocs()
	var floor, markdown, ours time.Duration
	var total int64
	for b.Loop() {
		total = 0
		start := time.Now()
		for _, path := range files {
			total += int64(len(atLeast(b, path)))
		}
		floor += time.Since(start)
		start = time.Now()
		for _, path := range files {
			goldmark.DefaultParser().Parse(text.NewReader(readFile(b, path)))
		}
		markdown += time.Since(start)
		start = time.Now()
		for _, path := range files {
			parse.Parse(path, readFile(b, path), nil)
		}
		ours += time.Since(start)
	}
	allocations := testing.AllocsPerRun(1, func() {
		for _, path := range files {
			parse.Parse(path, readFile(b, path), nil)
		}
	})
	b.SetBytes(total)
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-floor")
	b.ReportMetric(ours.Seconds()/(floor+markdown).Seconds(), "x-floor+markdown")
	b.ReportMetric(float64(b.N*len(files))/ours.Seconds(), "files/s")
	b.ReportMetric(allocations/float64(len(files)), "allocs/file")
}

func readFile(b *testing.B, path string) []byte {
	content, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return content
}

// atLeast does what no reader of such a file can do without.
func atLeast(b *testing.B, path string) []byte {
	content := readFile(b, path)
	for rest := content; ; {
		_, after, found := bytes.Cut(rest, []byte("```json"))
		if !found {
			break
		}
		_, rest, _ = bytes.Cut(after, []byte{'\n'})
		end := bytes.Index(rest, []byte("```"))
		if end < 0 {
			break
		}
		var v any
		_ = json.Unmarshal(rest[:end], &v) // some are broken
		rest = rest[end:]
	}
	for rest := content; ; {
		at := bytes.Index(rest, []byte("[["))
		if at < 0 {
			return content
		}
		rest = rest[at+2:]
	}
}
