package main

import (
	"os/exec"
	"testing"
)

// TestTheExampleCommitShowsInTheGraph runs what dev proposes, as it stands.
func TestTheExampleCommitShowsInTheGraph(t *testing.T) {
	t.Parallel()
	w := sampleWorld(t)
	before, err := w.git.Head()
	w.ok(err)
	if out, err := exec.Command("sh", "-c", exampleCommit(w.git.Dir)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	after, err := w.git.Head()
	w.ok(err)
	w.push(before, after)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'First change'`)
	w.eventually(1, `SELECT count(*) FROM kg.nodes WHERE name_key = 'something new' AND type = 'linked_page'`)
}
