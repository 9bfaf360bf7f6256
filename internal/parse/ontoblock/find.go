package ontoblock

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// find lists the blocks that open an OntologyBlock by their heading, and the
// summaries that do.
func (r *reader) find(o *logseq.Outline) {
	r.result.summaries = make([]bool, len(o.Summaries))
	bare := map[int]bool{} // blocks with a summary whose details element is not closed
	end := 0               // last line of the last summary's element
	owl := map[int]bool{}  // summaries whose element has a fence of OWL
	for i := range o.Fences {
		if f := &o.Fences[i]; f.Summary >= 0 && !owl[f.Summary] {
			owl[f.Summary] = isOWL(f)
		}
	}
	for i := range o.Summaries {
		s := &o.Summaries[i]
		said := mention(s.Text)
		switch {
		case said == 0 || s.Line < end:
		case s.Body == "":
			bare[s.Block] = true
		case said == only || owl[i] || ontologyLine.MatchString(s.Body):
			r.result.summaries[i] = true
			end = s.BodyLine + strings.Count(s.Body, "\n")
			r.result.Blocks++
		}
	}
	states := newStatements(o)
	last := -1 // descendants of the last root
	for i := range o.Blocks {
		b := &o.Blocks[i]
		if i <= last || !bare[i] && !isRoot(b, states, i) {
			continue
		}
		r.result.roots = append(r.result.roots, i)
		r.result.Blocks++
		last = b.Last
	}
}

// isRoot reports whether the heading of block i says OntologyBlock and nothing
// else, or begins with it and has ontology below. A fence alone is not enough
// where the word goes on in a sentence: "OntologyBlock: axioms" is a block,
// "OntologyBlock format" a text about blocks.
func isRoot(b *logseq.Block, states func() statements, i int) bool {
	if b.Heading == 0 {
		return false
	}
	said := mention(b.Title)
	if said != titled && said != first {
		return said == only
	}
	s := states()
	return s.properties[b.Last+1] > s.properties[i] || said == titled && s.fences[b.Last+1] > s.fences[i]
}

// statements counts the properties and fences of ontology in the blocks before
// each block.
type statements struct{ properties, fences []int }

// newStatements counts at the first question, for most pages ask none.
func newStatements(o *logseq.Outline) func() statements {
	return sync.OnceValue(func() statements {
		n := len(o.Blocks) + 1
		s := statements{properties: make([]int, n), fences: make([]int, n)}
		for i := range o.Properties {
			if p := &o.Properties[i]; isOntologyKey(normal(p.RawKey)) {
				s.properties[p.Block+1]++
			}
		}
		for i := range o.Fences {
			if f := &o.Fences[i]; isOWL(f) {
				s.fences[f.Block+1]++
			}
		}
		for i := 1; i < n; i++ {
			s.properties[i] += s.properties[i-1]
			s.fences[i] += s.fences[i-1]
		}
		return s
	})
}

func isOWL(f *logseq.Fence) bool {
	return owlfs.LooksLikeOWL(f.Content) || strings.HasPrefix(f.Language, "manchester")
}

// How a title speaks of an OntologyBlock.
const (
	elsewhere = iota + 1 // somewhere in it
	first                // at the start of a sentence
	titled               // at its start, before a punctuation mark
	only                 // it says nothing else
)

// ontologyLine is a property line that occurs in OntologyBlocks only.
var ontologyLine = regexp.MustCompile(`(?im)^\s*(?:-\s+)?(?:owl[:_-][a-z-]+|(?:is[_-])?sub[_-]?class[_-]?of|(?:object|data)property|term[_-]id|preferred[_-]term)::\s`)

var word = regexp.MustCompile(`(?i)ontology[\s_-]*blocks?`)

// mention says how a title speaks of an OntologyBlock, 0 if not at all. Case,
// marks and pictographs around the word do not count.
func mention(title string) int {
	at := word.FindStringIndex(title)
	if at == nil {
		return 0
	}
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	after := title[at[1]:]
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, " *_`"))
	switch {
	case strings.ContainsFunc(title[:at[0]], isWord):
		return elsewhere
	case !strings.ContainsFunc(after, isWord):
		return only
	case isWord(next):
		return first
	}
	return titled
}
