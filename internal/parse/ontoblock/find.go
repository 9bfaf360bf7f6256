package ontoblock

import (
	"regexp"
	"strings"
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
	for i := range o.Summaries {
		s := &o.Summaries[i]
		said := mention(s.Text)
		switch {
		case said == 0 || s.Line < end:
		case s.Body == "":
			bare[s.Block] = true
		case said == only || statesOntology(o, func(f *logseq.Fence) bool { return f.Summary == i }, nil) ||
			ontologyLine.MatchString(s.Body):
			r.result.summaries[i] = true
			end = s.BodyLine + strings.Count(s.Body, "\n")
			r.result.Blocks++
		}
	}
	last := -1 // descendants of the last root
	for i := range o.Blocks {
		b := &o.Blocks[i]
		if i <= last || !bare[i] && !isRoot(o, i, b) {
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
func isRoot(o *logseq.Outline, i int, b *logseq.Block) bool {
	if b.Heading == 0 {
		return false
	}
	said := mention(b.Title)
	if said != titled && said != first {
		return said == only
	}
	return statesOntology(o, func(f *logseq.Fence) bool { return said == titled && o.Within(f.Block, i) },
		func(p *logseq.Property) bool { return o.Within(p.Block, i) })
}

// statesOntology reports whether one of the chosen fences or properties is
// ontology.
func statesOntology(o *logseq.Outline, fence func(*logseq.Fence) bool, property func(*logseq.Property) bool) bool {
	for i := range o.Fences {
		if f := &o.Fences[i]; fence(f) && (owlfs.LooksLikeOWL(f.Content) || strings.HasPrefix(f.Language, "manchester")) {
			return true
		}
	}
	for i := range o.Properties {
		if p := &o.Properties[i]; property != nil && property(p) && isOntologyKey(normal(p.RawKey)) {
			return true
		}
	}
	return false
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
