package main

import (
	"crypto/sha512"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

// resync asks for a comparison of the whole tree and waits for the run's end.
func (w *world) resync() (state, reason string) {
	w.t.Helper()
	run, err := w.service.runner.Sync().Resync(w.t.Context(), w.repo, "admin", false)
	if err != nil {
		w.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ended := false
		if err := w.service.store.Pool().QueryRow(w.t.Context(), `SELECT state, error, finished_at IS NOT NULL FROM kgsync.runs WHERE id = $1`, run).
			Scan(&state, &reason, &ended); err != nil {
			w.t.Fatal(err)
		}
		if ended {
			return state, reason
		}
	}
	w.t.Fatalf("run %d does not end", run)
	return "", ""
}

// TestAPartOfADirectoryDeletesNothing: GitHub shows only a part of a directory that is
// listed by itself. There is nothing left to walk, and what is missing may be there [7].
func TestAPartOfADirectoryDeletesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n", "pages/B.md": "- b\n"}, func(c *config) { c.MaxAttempts = 1 })
	w.install()
	ends := w.sim.Inject(githubsim.Fault{Contains: "/git/trees/", Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"sha":"` + treeSHA + `","truncated":true,"tree":[]}`})
	state, reason := w.resync()
	ends()
	if n := w.count(`SELECT count(*) FROM kg.files WHERE state = 'skipped'`); n != 2 || state != "failed" {
		t.Errorf("%d of 2 files are left, the run is %s: %s", n, state, reason)
	}
	if state, reason := w.resync(); state != "completed" {
		t.Errorf("afterwards a run is %s: %s", state, reason)
	}
}

const treeSHA = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// TestAContentThatIsNotThereFailsItsFile, and not the run again and again: the commit
// can be read, so another plan would want the same content.
func TestAContentThatIsNotThereFailsItsFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n", "pages/B.md": "- b\n"}, func(c *config) { c.MaxAttempts = 4 })
	blob, err := w.git.Git("rev-parse", "HEAD:pages/A.md")
	if err != nil {
		t.Fatal(err)
	}
	w.sim.Inject(githubsim.Fault{Contains: "/git/blobs/" + blob, Status: http.StatusNotFound, Body: `{"message":"Not Found"}`})
	w.install()
	if n := w.count(`SELECT count(*) FROM kg.files WHERE path = 'pages/A.md' AND state = 'failed'`); n != 1 {
		t.Error("the file has not failed")
	}
	if n := w.count(`SELECT count(*) FROM kgsync.runs WHERE state = 'superseded'`); n != 0 {
		t.Errorf("%d runs were superseded", n)
	}
}

// TestAConfigurationThatComesBackIsKeptAgain: housekeeping has dropped the old one, and
// only this process remembers it.
func TestAConfigurationThatComesBackIsKeptAgain(t *testing.T) {
	t.Parallel()
	const old, other = "exclude: [drafts/]\n", "exclude: [archive/]\n"
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n", ".kgsync.yml": old})
	w.install()
	for _, config := range []string{other, old} {
		if _, err := w.service.store.Pool().Exec(t.Context(), `DELETE FROM kgsync.derivations d USING kgsync.repositories r WHERE d.key <> r.derivation_key`); err != nil {
			t.Fatal(err)
		}
		w.push(w.commit(map[string]string{".kgsync.yml": config}))
		w.settled()
	}
	if n := w.count(`SELECT count(*) FROM kgsync.derivations d JOIN kgsync.repositories r ON r.id = d.repository_id AND r.derivation_key = d.key`); n != 1 {
		t.Error("the configuration that is in use is not kept")
	}
}

// TestAPathThatIsTooLongIsLeftOut, and keeps nothing else from being read: a plan and
// a push both meet it.
func TestAPathThatIsTooLongIsLeftOut(t *testing.T) {
	t.Parallel()
	long := "pages"
	for i := range 12 { // git compresses nothing here, and neither can Postgres
		sum := sha512.Sum512([]byte{byte(i)})
		long += "/" + hex.EncodeToString(sum[:]) + hex.EncodeToString(sum[:])[:100]
	}
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n", long + "/B.md": "- b\n"})
	w.install()
	w.push(w.commit(map[string]string{"pages/A.md": "- more\n", long + "/B.md": "- more\n"}))
	w.settled()
	if n := w.count(`SELECT count(*) FROM kg.files WHERE path = 'pages/A.md' AND state = 'skipped'`); n != 1 {
		t.Error("the other file is not read")
	}
	if n := w.count(`SELECT count(*) FROM kgsync.files`); n != 1 {
		t.Errorf("%d files are read, want 1", n)
	}
}
