package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/text"

	"github.com/kgsync/kgsync/internal/parse"
)

// measureParse compares reading and parsing with a floor: reading, decoding the JSON
// fences and looking for links; beside it, the same and one pass of goldmark's.
func measureParse(_ context.Context, l *lab) (*table, error) {
	t := &table{title: "Parsing", head: []string{"corpus", "files", "MB", "floor", "floor + goldmark", "kgsync", "against the floor", "against floor + goldmark", "allocations a file", "kB allocated a file"}}
	for _, c := range []struct{ name, dir string }{{"the corpus", l.pages}, {"plain Markdown", l.second}} {
		if c.dir == "" {
			continue
		}
		if err := parseRow(t, l.rounds+2, c.name, c.dir); err != nil {
			return nil, err
		}
	}
	t.note("one goroutine; every side reads the files from the page cache in each round")
	return t, nil
}

func parseRow(t *table, rounds int, name, dir string) error {
	paths, err := markdown(dir)
	if err != nil {
		return err
	}
	var times [3][]time.Duration
	var bytesRead int64
	var allocs, allocated uint64
	for range rounds {
		for i, side := range []func(path string, content []byte){
			func(_ string, b []byte) { scanFloor(b) },
			func(_ string, b []byte) { scanFloor(b); goldmark.DefaultParser().Parse(text.NewReader(b)) },
			func(p string, b []byte) { parse.Parse(p, b, nil) },
		} {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			bytesRead = 0
			for _, p := range paths {
				b, err := os.ReadFile(filepath.Clean(p))
				if err != nil {
					return err
				}
				bytesRead += int64(len(b))
				rel, err := filepath.Rel(dir, p)
				if err != nil {
					return err
				}
				side(rel, b)
			}
			times[i] = append(times[i], time.Since(begun))
			runtime.ReadMemStats(&after)
			allocs, allocated = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
		}
	}
	same := func(d time.Duration) time.Duration { return d }
	low, tokens, ours := median(times[0], same), median(times[1], same), median(times[2], same)
	n := uint64(len(paths))
	t.row(name, len(paths), fmt.Sprintf("%.1f", float64(bytesRead)/1e6), low, tokens, ours, ours.Seconds()/low.Seconds(), ours.Seconds()/tokens.Seconds(), allocs/n, allocated/n/1000)
	return nil
}

// hostile are a megabyte each of what hurts parsers.
var hostile = map[string]string{
	"[":               "[",
	"[[":              "[[",
	"[[a":             "[[a",
	"(":               "(",
	"((":              "((",
	"{{":              "{{",
	"#":               "#",
	"#a":              "#a",
	"#[[":             "#[[",
	"`":               "`",
	"``` fences":      "```\n",
	"<":               "<",
	"<details>":       "<details>\n",
	"$":               "$",
	"*":               "*",
	"!":               "![",
	"keys":            "a:: b\n",
	"list":            "- a\n",
	"quotes":          "> ",
	"newlines":        "\n",
	"%% ":             "%25",
	"JSON-LD":         "\x00json",
	"functional OWL":  "\x00owl",
	"unnamed classes": "\x00unnamed",
	"deep list":       "\x00list",
	"deep OWL":        "\x00deep",
	"ontology blocks": "- ### OntologyBlock\n  - owl:class:: a:B\n",
}

// hostileText makes a megabyte of it.
func hostileText(pattern string) []byte {
	const size = 1 << 20
	switch pattern {
	case "\x00json":
		return []byte("```json-ld\n" + strings.Repeat(`{"a":`, size/5) + "\n```\n")
	case "\x00owl":
		return []byte("```clojure\n" + strings.Repeat("SubClassOf(:A :B)\n", size/18) + "```\n")
	case "\x00unnamed":
		const class = `{"@id":"a:A","@type":"owl:Class","rdfs:subClassOf":{"@type":"owl:Restriction","owl:onProperty":{"@id":"a:p"},"owl:someValuesFrom":{"@id":"a:B"}}}`
		return []byte("```json-ld\n[" + class + strings.Repeat(",\n"+class, size/(len(class)+2)) + "]\n```\n")
	case "\x00deep":
		return []byte("```clojure\n" + strings.Repeat("SubClassOf(", size/11) + "\n```\n")
	case "\x00list":
		var b bytes.Buffer
		for depth := 0; b.Len() < size; depth++ {
			b.WriteString(strings.Repeat("\t", depth%1000) + "- a\n")
		}
		return b.Bytes()
	}
	return bytes.Repeat([]byte(pattern), size/len(pattern))
}

// measureHostile compares each with an ordinary text of the same size.
func measureHostile(_ context.Context, l *lab) (*table, error) {
	ordinary, err := ordinaryText(l.pages, 1<<20)
	if err != nil {
		return nil, err
	}
	t := &table{title: "Hostile input, a megabyte of it", head: []string{"what", "time", "against ordinary pages joined to the same size", "two megabytes against one"}}
	base := parseTime(ordinary)
	t.row("ordinary pages", base, 1.0, parseTime(append(slices.Clone(ordinary), ordinary...)).Seconds()/base.Seconds())
	for _, name := range sortedKeys(hostile) {
		one := hostileText(hostile[name])
		took := parseTime(one)
		t.row("`"+name+"`", took, took.Seconds()/base.Seconds(), parseTime(append(slices.Clone(one), one...)).Seconds()/took.Seconds())
	}
	return t, nil
}

func ordinaryText(dir string, size int) ([]byte, error) {
	paths, err := markdown(dir)
	if err != nil {
		return nil, err
	}
	var b []byte
	for len(b) < size {
		for _, p := range paths {
			content, err := os.ReadFile(filepath.Clean(p))
			if err != nil {
				return nil, err
			}
			if b = append(append(b, content...), '\n'); len(b) >= size {
				break
			}
		}
	}
	return b, nil
}

// parseTime is the quickest of seven: what else the machine and the garbage collector do
// only adds, and the growth is looked for.
func parseTime(content []byte) time.Duration {
	quickest := time.Duration(math.MaxInt64)
	for range 7 {
		begun := time.Now()
		parse.Parse("pages/Hostile.md", content, nil)
		quickest = min(quickest, time.Since(begun))
	}
	return quickest
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
