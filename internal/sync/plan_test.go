package sync_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

const head = "1111111111111111111111111111111111111111"

// oneFile is a repository of one page and one configuration file. What comes between
// two statements of a plan comes while it asks.
type oneFile struct {
	reposync.Source
	config           string
	atHead, atConfig func()
}

func (s *oneFile) Repository(context.Context, int64) (github.Repository, error) {
	return github.Repository{ID: 1, FullName: "o/r", DefaultBranch: "main"}, nil
}

func (s *oneFile) Head(context.Context, string, string, string) (github.Head, error) {
	take(&s.atHead)
	return github.Head{SHA: head}, nil
}

func (s *oneFile) Tree(_ context.Context, _, _ string, _ bool, yield func(github.TreeEntry) error) (github.TreeInfo, error) {
	for _, e := range []github.TreeEntry{
		{Path: ".kgsync.yml", Type: "blob", Mode: "100644", SHA: github.BlobSHA([]byte(s.config))},
		{Path: "a.md", Type: "blob", Mode: "100644", SHA: github.BlobSHA([]byte("a")), Size: 1},
	} {
		if err := yield(e); err != nil {
			return github.TreeInfo{}, err
		}
	}
	return github.TreeInfo{}, nil
}

func (s *oneFile) Blob(context.Context, string, string, int64) ([]byte, error) {
	take(&s.atConfig)
	return []byte(s.config), nil
}

// take calls a function once.
func take(f *func()) {
	if *f != nil {
		g := *f
		*f = nil
		g()
	}
}

// numbers is a queue that gives jobs their numbers and does not work them.
type numbers struct {
	reposync.Queue
	n int64
}

func (q *numbers) EnqueueFiles(_ context.Context, _ pgx.Tx, tasks []store.Task, _ reposync.Lane) ([]int64, error) {
	var ids []int64
	for range tasks {
		q.n++
		ids = append(ids, q.n)
	}
	return ids, nil
}

func (q *numbers) EnqueuePlan(context.Context, pgx.Tx, int64, reposync.Lane) (int64, error) {
	q.n++
	return q.n, nil
}

// planning gives a repository whose plan is queued, the plan's job and its run.
func planning(t *testing.T) (*reposync.Syncer, *store.Store, *oneFile, reposync.PlanJob, int64) {
	t.Helper()
	st, source := storetest.Open(t), &oneFile{}
	s := reposync.New(reposync.Parts{Store: st, Queue: &numbers{}, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Source: func(int64, *github.Usage) reposync.Source { return source }}, reposync.Options{SettleDelay: time.Hour})
	err := st.InTx(t.Context(), func(tx pgx.Tx) error {
		return s.PutRepository(t.Context(), tx, 7, store.Listed{ID: 1, FullName: "o/r", DefaultBranch: "main"}, true)
	})
	if err != nil {
		t.Fatal(err)
	}
	repo, err := st.Repository(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return s, st, source, reposync.PlanJob{ID: *repo.PlanJobID, RepositoryID: 1}, *repo.PlanRunID
}

// TestALateAttemptLeavesTheRunToTheOneThatWroteIt lets a second attempt of a plan do
// everything while the first waits for GitHub, as after a rescue: the first neither
// ends the run nor writes it again.
func TestALateAttemptLeavesTheRunToTheOneThatWroteIt(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(*oneFile) *func(){
		"before the pin":   func(s *oneFile) *func() { return &s.atHead },
		"before the write": func(s *oneFile) *func() { return &s.atConfig },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, source, job, run := planning(t)
			*wait(source) = func() {
				if err := s.Plan(t.Context(), job); err != nil {
					t.Errorf("the second attempt: %v", err)
				}
				if _, err := st.Apply(t.Context(), run, 1, []store.Change{{Path: "a.md", Outcome: store.Failed}}, false); err != nil {
					t.Error(err)
				}
				if _, err := st.Pool().Exec(t.Context(), `INSERT INTO kgsync.run_files (run_id, path, job_id) VALUES ($1, 'b.md', 99)`, run); err != nil {
					t.Error(err)
				}
			}
			if err := s.Plan(t.Context(), job); err != nil {
				t.Fatalf("the first attempt: %v", err)
			}
			var state, outcomes string
			err := st.Pool().QueryRow(t.Context(), `SELECT state, (SELECT string_agg(path || ' ' || coalesce(outcome, 'pending'), ', ' ORDER BY path)
				FROM kgsync.run_files WHERE run_id = u.id) FROM kgsync.runs u WHERE id = $1`, run).Scan(&state, &outcomes)
			if err != nil {
				t.Fatal(err)
			}
			if state != "running" || outcomes != "a.md failed, b.md pending" {
				t.Errorf("the run is %s with %s; want it running, a.md failed and b.md pending", state, outcomes)
			}
		})
	}
}

// TestACancelledPlanWritesNothing cancels a run after the last checkpoint of its plan.
func TestACancelledPlanWritesNothing(t *testing.T) {
	t.Parallel()
	s, st, source, job, run := planning(t)
	source.atConfig = func() {
		if state, err := s.Cancel(t.Context(), run); err != nil || state != "cancelled" {
			t.Errorf("cancel: %s, %v", state, err)
		}
	}
	if err := s.Plan(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	var state string
	var open int
	if err := st.Pool().QueryRow(t.Context(), `SELECT state, (SELECT count(*) FROM kgsync.files WHERE open_since IS NOT NULL)
		FROM kgsync.runs WHERE id = $1`, run).Scan(&state, &open); err != nil {
		t.Fatal(err)
	}
	if state != "cancelled" || open != 0 {
		t.Errorf("the run is %s and %d files wait for it; want cancelled and 0", state, open)
	}
}

// TestAConfigurationThatChangesBetweenTwoAttempts lets an attempt die after it has
// dropped what the configuration of another branch excludes. The next attempt reads a
// configuration that excludes nothing.
func TestAConfigurationThatChangesBetweenTwoAttempts(t *testing.T) {
	t.Parallel()
	s, st, source, job, run := planning(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := st.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`UPDATE kgsync.repositories SET branch = 'drafts'`)
	exec(`ALTER TABLE kgsync.generations ADD CONSTRAINT refused CHECK (NOT planned)`)
	source.config = "branch: drafts\nexclude: [a.md]\n"
	if err := s.Plan(t.Context(), job); err == nil {
		t.Fatal("the first attempt wrote its plan")
	}
	exec(`ALTER TABLE kgsync.generations DROP CONSTRAINT refused`)
	source.config = "branch: drafts\n"
	for {
		if err := s.Plan(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		repo, err := st.Repository(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if repo.PlanJobID == nil {
			break
		}
		job.ID = *repo.PlanJobID
	}
	var state string
	var wanted int
	if err := st.Pool().QueryRow(t.Context(), `SELECT state, (SELECT count(*) FROM kgsync.files WHERE path = 'a.md') FROM kgsync.runs WHERE id = $1`, run).
		Scan(&state, &wanted); err != nil {
		t.Fatal(err)
	}
	if state != "superseded" || wanted != 1 {
		t.Errorf("the first run is %s, a.md is there %d times; want superseded and 1", state, wanted)
	}
}
