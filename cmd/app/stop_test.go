package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// committed makes a repository of the files.
func committed(t *testing.T, files map[string]string) *gitfixture.Repo {
	t.Helper()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range files {
		if err := git.Write(path, content); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := git.Commit("files"); err != nil {
		t.Fatal(err)
	}
	return git
}

// eventually waits until a query counts what it should.
func (f *fleet) eventually(want int, sql string, args ...any) {
	f.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); f.count(sql, args...) != want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("%s: still %d, want %d", sql, f.count(sql, args...), want)
		}
	}
}

// TestAStopHandsRunningWorkBack: SIGTERM comes while every bulk worker waits for
// GitHub. The process ends well, its jobs can be taken at once, and none has spent an
// attempt; the next process does them all.
func TestAStopHandsRunningWorkBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t, committed(t, bulky(40)).Dir, 1, "all")
	f.env = append(f.env, "KGSYNC_ARCHIVES=off", "KGSYNC_JOB_TIMEOUT=60s", "KGSYNC_WORKERS=4", "KGSYNC_MAX_ATTEMPTS=1")
	m := f.members[0]
	f.start(m)
	arrive := f.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Delay: forever})
	if _, err := f.sim.Install(t.Context(), "local", f.repo); err != nil {
		t.Fatal(err)
	}
	f.eventually(4, running, "bulk")
	begun := time.Now()
	f.end(m, false)
	t.Logf("stopped in %v", time.Since(begun).Round(time.Millisecond))
	f.zero("jobs are left running", `SELECT count(*) FROM river_job WHERE state = 'running'`)
	f.zero("jobs of files have spent an attempt or cannot be taken at once",
		`SELECT count(*) FROM river_job WHERE kind = 'file' AND (state <> 'available' OR attempt > 0 OR errors IS NOT NULL OR scheduled_at > now())`)
	if n := f.count(`SELECT count(*) FROM river_job WHERE kind = 'file'`); n != 40 {
		t.Errorf("%d jobs of files, want 40", n)
	}
	f.zero("shares of GitHub's limits are left", `SELECT count(*) FROM kgsync.replicas`)
	arrive()
	f.start(m)
	f.eventually(0, `SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL`)
	if n := f.count(`SELECT count(*) FROM kg.pages`); n != 40 {
		t.Errorf("%d pages, want 40", n)
	}
	f.zero("files failed", `SELECT count(*) FROM kgsync.files WHERE failed`)
}

// TestTheSweepGoesOnWhenTheLeaderIsKilled: River's leader inserts the periodic jobs.
func TestTheSweepGoesOnWhenTheLeaderIsKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t, committed(t, bulky(1)).Dir, 1, "all", "worker")
	leader, other := f.members[0], f.members[1]
	f.start(leader)
	f.eventually(1, `SELECT count(*) FROM river_leader`)
	var first string
	if err := f.store.Pool().QueryRow(t.Context(), `SELECT leader_id FROM river_leader`).Scan(&first); err != nil {
		t.Fatal(err)
	}
	f.start(other)
	f.end(leader, true)
	var died time.Time
	if err := f.store.Pool().QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&died); err != nil {
		t.Fatal(err)
	}
	const swept = `SELECT count(*) FROM (SELECT 1 FROM river_job WHERE kind = 'sweep' AND state = 'completed' AND created_at > $1 LIMIT 2) x`
	f.eventually(2, swept, died)
	f.zero("leaders are still the killed one", `SELECT count(*) FROM river_leader WHERE leader_id = $1`, first)
}

// TestJobsThatAreDoneLongAgoAreDeleted holds River's cleaner to its setting.
func TestJobsThatAreDoneLongAgoAreDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) {
		conn, err := pgx.Connect(t.Context(), string(c.DatabaseURL))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), `INSERT INTO river_job (kind, args, max_attempts, state, finalized_at, queue)
			SELECT 'file', '{}', 1, 'completed', now() - age * interval '1 minute', 'files' FROM unnest(ARRAY[5, 50, 65, 600]) age`)
		if err != nil {
			t.Fatal(err)
		}
	})
	const old = `SELECT count(*) FROM river_job WHERE args = '{}' AND kind = 'file'`
	w.eventually(2, old)
	w.want(2, old+` AND finalized_at > now() - interval '1 hour'`)
}
