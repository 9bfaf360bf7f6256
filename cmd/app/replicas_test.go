package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/samplevault"
)

// manyPages is a repository of real pages: the corpus, or without one the sample
// vault many times over.
func manyPages(t *testing.T) *gitfixture.Repo {
	t.Helper()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range realPages(t) {
		if err := git.Write(path, content); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := git.Commit("many pages"); err != nil {
		t.Fatal(err)
	}
	return git
}

func realPages(t *testing.T) map[string]string {
	t.Helper()
	if os.Getenv("KGSYNC_CORPUS") != "" {
		return readCorpus(t, "goldmine/pages")
	}
	t.Log("KGSYNC_CORPUS is not set: the sample vault many times over takes the corpus's place")
	dir := filepath.Join(t.TempDir(), "sample")
	if err := samplevault.WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".md") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rest := strings.TrimPrefix(path, dir+string(filepath.Separator))
		for i := range 15 {
			files[fmt.Sprintf("pages/%d/%s", i, rest)] = string(content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestReplicasKilledAtAnyMomentConverge: three real processes sync a repository while
// one after the other is killed or stopped and started again, and pushes come in at
// whichever is alive. KGSYNC_SEED chooses the moments; KGSYNC_REPLICA_STEPS (15) how
// many things happen.
func TestReplicasKilledAtAnyMomentConverge(t *testing.T) {
	t.Parallel()
	git := manyPages(t)
	seed, steps := number(t, "KGSYNC_SEED", 1), number(t, "KGSYNC_REPLICA_STEPS", 15)
	f := newFleet(t, git.Dir, uint64(seed), "all", "web", "worker")
	f.env = append(f.env, "KGSYNC_ARCHIVES=off", "KGSYNC_RECONCILE_EVERY=5s", "KGSYNC_SETTLE_DELAY=1s", "KGSYNC_SETTLE_LIMIT=5s",
		"KGSYNC_HEAL_EVERY=5s", "KGSYNC_WORKERS=4")
	for _, m := range f.members {
		f.start(m)
	}
	f.sim.SetLatency(10 * time.Millisecond)
	if _, err := f.sim.Install(t.Context(), "local", f.repo); err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for range steps {
		done[f.step(git)]++
		time.Sleep(time.Duration(f.rng.IntN(800)) * time.Millisecond)
	}
	for _, m := range f.members {
		if m.process == nil {
			f.start(m)
		}
	}
	f.sim.SetLatency(0)
	head, err := git.Head()
	if err != nil {
		t.Fatal(err)
	}
	f.calm(head)
	t.Logf("seed %d: %v; %d deliveries answered 200, %d files", seed, done, len(f.accepted), f.count(`SELECT count(*) FROM kgsync.files`))
	f.prove(git.Dir)
}

// step does one thing at random and names it.
func (f *fleet) step(git *gitfixture.Repo) string {
	f.t.Helper()
	m := f.members[f.rng.IntN(len(f.members))]
	switch n := f.rng.IntN(10); {
	case m.process == nil:
		f.start(m)
		return "starts"
	case n < 3:
		f.end(m, true)
		if f.rng.IntN(2) == 0 {
			f.start(m)
		}
		return "kills"
	case n < 4:
		f.end(m, false)
		f.start(m)
		return "restarts"
	case n < 5 && len(f.alive) > 0:
		if err := f.admin("resync", map[string]bool{"full": true}, nil); err != nil {
			f.t.Fatal(err)
		}
		return "full syncs"
	default:
		f.pushSome(git)
		return "pushes"
	}
}

// pushSome edits, adds and removes some pages. Whether the delivery arrives is not
// asked: the process that it went to may be dead.
func (f *fleet) pushSome(git *gitfixture.Repo) {
	f.t.Helper()
	before, err := git.Head()
	if err != nil {
		f.t.Fatal(err)
	}
	list, err := git.Git("-c", "core.quotePath=false", "ls-files", "*.md")
	if err != nil {
		f.t.Fatal(err)
	}
	paths := strings.Split(strings.TrimSpace(list), "\n")
	slices.Sort(paths)
	for range 1 + f.rng.IntN(3) {
		i := f.rng.IntN(len(paths))
		path := paths[i]
		switch f.rng.IntN(4) {
		case 0:
			paths = slices.Delete(paths, i, i+1)
			err = git.Remove(path)
		case 1:
			err = git.Write(fmt.Sprintf("pages/New %d.md", f.rng.Int64()), "public:: true\n\n- see [[Another page]]\n")
		default:
			err = git.Write(path, fmt.Sprintf("public:: true\n\n- edited %d, see [[Page %d]] #edited\n", f.rng.Int64(), f.rng.IntN(50)))
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
	after, err := git.Commit("some changes")
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.sim.Push(f.t.Context(), f.repo, "refs/heads/main", before, after); err != nil {
		f.t.Log(err)
	}
}

// stuck counts what is not done yet of the repository.
const stuck = `SELECT (SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL) + (SELECT count(*) FROM kgsync.files WHERE open_since IS NOT NULL)
	+ (SELECT count(*) FROM kgsync.run_files WHERE outcome IS NULL)
	+ (SELECT count(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded') AND kind IN ('file', 'group', 'archive', 'plan'))
	+ (SELECT count(*) FROM kg.repositories WHERE coalesce(synced_sha, '') <> $1 OR coalesce(verified_sha, '') <> $1 OR state <> 'current')`

// calm waits until the tables are in step with the head and nothing is under way. A
// killed process's jobs are given back as River's rescuer does half a minute later.
func (f *fleet) calm(head string) {
	f.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); f.count(stuck, head) > 0; time.Sleep(100 * time.Millisecond) {
		_, err := f.store.Pool().Exec(f.t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now()
			WHERE state = 'running' AND attempted_at < now() - interval '8 seconds'`)
		if err != nil {
			f.t.Fatal(err)
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("it does not come to rest, %d things are open: %+v\n%s", f.count(stuck, head), f.progress(), f.members[0].process.said)
		}
	}
}

// prove holds the tables to a fresh sync's and to what GitHub was told.
func (f *fleet) prove(dir string) {
	f.t.Helper()
	for _, guid := range f.accepted {
		if n := f.count(`SELECT count(*) FROM kgsync.deliveries WHERE guid = $1`, guid); n != 1 {
			f.t.Errorf("delivery %s was answered 200 and is recorded %d times", guid, n)
		}
	}
	f.zero("files are there twice", `SELECT count(*) FROM (SELECT 1 FROM kgsync.files GROUP BY repository_id, path HAVING count(*) > 1) d`)
	for _, facts := range []string{"pages", "links", "tags", "properties", "classes", "subclass_of", "relations", "axioms"} {
		f.zero(facts+" belong to no file", `SELECT count(*) FROM kgsync.`+facts+` x WHERE NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.id = x.file_id)`)
		f.zero(facts+" are there twice", `SELECT count(*) FROM (SELECT 1 FROM kgsync.`+facts+` x GROUP BY x.* HAVING count(*) > 1) d`)
	}
	f.zero("files failed", `SELECT count(*) FROM kgsync.files WHERE failed`)
	f.zero("jobs were discarded", `SELECT count(*) FROM river_job WHERE state = 'discarded' AND kind IN ('file', 'group', 'plan')`)
	var v struct{ Missing, Extra, Stale, Pending, Failed int }
	if err := f.admin("verify", nil, &v); err != nil {
		f.t.Error(err)
	}
	if v.Missing+v.Extra+v.Stale+v.Pending+v.Failed != 0 {
		f.t.Errorf("verify finds %+v", v)
	}
	fresh := newKilled(f.t, dir)
	fresh.start()
	if _, err := fresh.sim.Install(f.t.Context(), "local", fresh.repo); err != nil {
		f.t.Fatal(err)
	}
	fresh.finish()
	if got, want := f.dump(), fresh.dump(); got != want || !strings.Contains(want, "pages") {
		f.t.Errorf("the views differ from a fresh sync's:\n%s", firstDifference(got, want))
	}
}
