package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// corpus gives a folder of real pages below KGSYNC_CORPUS.
func corpus(t *testing.T, folder string) string {
	t.Helper()
	root := os.Getenv("KGSYNC_CORPUS")
	if root == "" {
		t.Skip("KGSYNC_CORPUS is not set: the totals of real repositories need a corpus")
	}
	return filepath.Join(root, filepath.FromSlash(folder))
}

// totals is what dev prints, as far as corpora have expectations of it, and counts
// of the tables.
type totals struct {
	Files     int `json:"total_files"`
	Failed    int `json:"failed_files"`
	Ontology  int `json:"ontology_files_processed"`
	Nodes     int `json:"total_nodes"`
	Edges     int `json:"total_edges"`
	Classes   int `json:"total_classes"`
	Axioms    int `json:"total_axioms"`
	Relations int `json:"total_relations"`
	SubClass  int `json:"-"` // rows of kg.subclass_of
	Resolved  int `json:"-"` // of these, whose superclass has an IRI
	Links     int `json:"-"` // rows of kg.links
}

// sync runs "kgsync dev --once --json" on files copied into a new repository and
// fails unless everything is in step.
func (c corpusRepository) sync(t *testing.T) totals {
	t.Helper()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range c {
		if err := git.Write(path, content); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := git.Commit("a corpus"); err != nil {
		t.Fatal(err)
	}
	url := storetest.URL(t)
	var out, msg bytes.Buffer
	o := devOptions{repos: []string{git.Dir}, listen: "127.0.0.1:0", databaseURL: url, workers: 8, once: true, json: true}
	if err := runDev(t.Context(), o, &out, &msg); err != nil {
		t.Fatalf("%v\n%s", err, msg.String())
	}
	var result struct {
		Statistics totals
		Verify     store.Verification
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if v := result.Verify; v.Missing+v.Extra+v.Stale+v.Pending+v.Failed != 0 {
		t.Errorf("verify: %+v", result.Verify)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	n := &result.Statistics
	err = conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM kg.subclass_of), (SELECT count(parent_iri) FROM kg.subclass_of), (SELECT count(*) FROM kg.links)`).
		Scan(&n.SubClass, &n.Resolved, &n.Links)
	if err != nil {
		t.Fatal(err)
	}
	return *n
}

// corpusRepository is path -> content.
type corpusRepository map[string]string

func readCorpus(t *testing.T, folder string) corpusRepository {
	t.Helper()
	root := corpus(t, folder)
	c := corpusRepository{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		c["pages/"+strings.TrimPrefix(path, root+string(filepath.Separator))] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTotalsOfTheGoldmine(t *testing.T) {
	t.Parallel()
	n := readCorpus(t, "goldmine/pages").sync(t)
	t.Logf("%+v", n)
	if n.Files != 1003 || n.Failed != 0 || n.Classes != 1003 || n.Relations != 13443 || n.SubClass != 1189 {
		t.Errorf("%+v", n)
	}
}

func TestTotalsOfTheMetaverse(t *testing.T) {
	t.Parallel()
	n := readCorpus(t, "metaverse").sync(t)
	t.Logf("%+v", n)
	if n.Ontology < 240 || n.Failed != 0 || n.Axioms <= 3000 {
		t.Errorf("%+v", n)
	}
}
