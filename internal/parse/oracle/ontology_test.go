package oracle

import (
	"fmt"
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
)

// ontologyExpectation is one line of *_ontology.jsonl: what the pipeline of the
// repository's own authors makes of a page.
type ontologyExpectation struct {
	Path            string              `json:"path"`
	Public          bool                `json:"public"`
	Title           string              `json:"title"`
	Classes         []string            `json:"classes"`
	Label           string              `json:"label"`
	Domain          string              `json:"domain"`
	Maturity        string              `json:"maturity"`
	SubClassOf      []string            `json:"subClassOf"`
	Relations       map[string]int      `json:"relations"`
	RelationTargets map[string][]string `json:"relation_targets"`
}

// TestOntology demands the same classes with their fields, the same parents and
// the same relations with their targets on every page.
func TestOntology(t *testing.T) {
	t.Parallel()
	eachCorpus(t, "ontology", func(t *testing.T, corpus, dir, expectation string) {
		board := newScoreboard(corpus)
		for _, want := range readExpectations[ontologyExpectation](t, expectation) {
			doc := parse.Parse("pages/"+want.Path, readPage(t, dir, want.Path), nil)
			if doc.Kind != parse.KindOntology {
				t.Errorf("%s is %s, not an ontology page", want.Path, doc.Kind)
			}
			compareOntology(t, board, &want, doc)
		}
		board.print(t)
	})
}

func compareOntology(t *testing.T, board *scoreboard, want *ontologyExpectation, doc *parse.Document) {
	t.Helper()
	classes, fields := map[string]bool{}, map[string]bool{}
	for _, c := range doc.Classes {
		classes[c.IRI] = true
		fields["label="+c.Label], fields["domain="+c.Domain], fields["maturity="+c.Maturity] = true, true, true
	}
	parents := map[string]bool{}
	for _, s := range doc.SubClassOf {
		parents[s.ParentIRI] = true
	}
	targets, counts := map[string]bool{}, map[string]int{}
	for _, r := range doc.Relations {
		targets[r.Predicate+" "+r.ObjectIRI] = true
		counts[r.Predicate]++
	}
	repeated := len(want.SubClassOf) - len(set(want.SubClassOf))
	wantTargets, wantCounts := map[string]bool{}, map[string]int{}
	for predicate, iris := range want.RelationTargets {
		distinct := set(iris)
		wantCounts[predicate] = want.Relations[predicate] - len(iris) + len(distinct)
		repeated += len(iris) - len(distinct)
		for iri := range distinct {
			wantTargets[predicate+" "+iri] = true
		}
	}
	board.explained(ruleTwice, repeated)
	board.add(t, want.Path, "classes", set(want.Classes), classes)
	board.add(t, want.Path, "class fields", set([]string{"label=" + want.Label, "domain=" + want.Domain, "maturity=" + want.Maturity}), fields)
	board.add(t, want.Path, "parents", set(want.SubClassOf), parents)
	board.add(t, want.Path, "relations", countSet(wantCounts), countSet(counts))
	board.add(t, want.Path, "relation targets", wantTargets, targets)
	board.add(t, want.Path, "public", set([]string{fmt.Sprint(want.Public)}), set([]string{fmt.Sprint(doc.Page.Public)}))
}

// countSet makes a set of counts by key.
func countSet(counts map[string]int) map[string]bool {
	out := map[string]bool{}
	for key, n := range counts {
		out[fmt.Sprintf("%s × %d", key, n)] = true
	}
	return out
}
