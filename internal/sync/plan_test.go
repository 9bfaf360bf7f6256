package sync_test

import (
	"cmp"
	"context"
	"errors"
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
	config, defaultBranch    string
	head                     string // "": the usual one
	atHead, atTree, atConfig func() error
}

func (s *oneFile) Repository(context.Context, int64) (github.Repository, error) {
	return github.Repository{ID: 1, FullName: "o/r", DefaultBranch: s.defaultBranch}, nil
}

func (s *oneFile) Head(context.Context, string, string, string) (github.Head, error) {
	return github.Head{SHA: cmp.Or(s.head, head)}, take(&s.atHead)
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
	return github.TreeInfo{}, take(&s.atTree)
}

func (s *oneFile) Blob(context.Context, string, string, int64) ([]byte, error) {
	return []byte(s.config), take(&s.atConfig)
}

// take calls a function once.
func take(f *func() error) error {
	g := *f
	if *f = nil; g == nil {
		return nil
	}
	return g()
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

func (q *numbers) EnqueueSettles(_ context.Context, _ pgx.Tx, repositories []int64, _ time.Time) ([]int64, error) {
	q.n += int64(len(repositories))
	return []int64{q.n}, nil // of the one repository
}

// syncer gives a Syncer of a source whose jobs nobody works.
func syncer(st *store.Store, source reposync.Source, opts reposync.Options) *reposync.Syncer {
	return reposync.New(reposync.Parts{Store: st, Queue: &numbers{}, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Source: func(int64, *github.Usage) reposync.Source { return source }}, opts)
}

// planning gives a repository whose plan is queued, the plan's job and its run.
func planning(t *testing.T) (*reposync.Syncer, *store.Store, *oneFile, reposync.PlanJob, int64) {
	t.Helper()
	st, source := storetest.Open(t), &oneFile{defaultBranch: "main"}
	s := syncer(st, source, reposync.Options{SettleDelay: time.Hour})
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
	for name, wait := range map[string]func(*oneFile) *func() error{
		"before the pin":   func(s *oneFile) *func() error { return &s.atHead },
		"before the write": func(s *oneFile) *func() error { return &s.atConfig },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, source, job, run := planning(t)
			*wait(source) = func() error {
				if err := s.Plan(t.Context(), job); err != nil {
					t.Errorf("the second attempt: %v", err)
				}
				if _, err := st.Apply(t.Context(), run, 1, []store.Change{{Path: "a.md", Outcome: store.Failed}}, false); err != nil {
					t.Error(err)
				}
				_, err := st.Pool().Exec(t.Context(), `INSERT INTO kgsync.run_files (run_id, path, job_id) VALUES ($1, 'b.md', 99)`, run)
				return err
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
	source.atConfig = func() error {
		state, err := s.Cancel(t.Context(), run)
		if state != "cancelled" {
			t.Errorf("the run is %s", state)
		}
		return err
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
	must(t, st, `UPDATE kgsync.repositories SET branch = 'drafts'`)
	must(t, st, `ALTER TABLE kgsync.generations ADD CONSTRAINT refused CHECK (NOT planned)`)
	source.config = "branch: drafts\nexclude: [a.md]\n"
	if err := s.Plan(t.Context(), job); err == nil {
		t.Fatal("the first attempt wrote its plan")
	}
	must(t, st, `ALTER TABLE kgsync.generations DROP CONSTRAINT refused`)
	source.config = "branch: drafts\n"
	for job.ID != 0 {
		if err := s.Plan(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		job = queued(t, st)
	}
	want(t, st, 1, `SELECT count(*) FROM kgsync.runs WHERE id = $1 AND state = 'superseded'`, run)
	want(t, st, 1, `SELECT count(*) FROM kgsync.files WHERE path = 'a.md'`)
}

// TestACrashEmptiesTheStagedTree restarts Postgres while a plan waits for GitHub and has
// no statement under way: what it finds in the tables afterwards is not the tree.
func TestACrashEmptiesTheStagedTree(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(*oneFile) *func() error{
		"while it is listed": func(s *oneFile) *func() error { return &s.atTree },
		"after it":           func(s *oneFile) *func() error { return &s.atConfig },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, source, job, _ := planning(t)
			must(t, st, `INSERT INTO kgsync.generations (repository_id, generation, commit_sha) VALUES (1, 0, 'c0')`)
			must(t, st, `INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key) VALUES (1, 'a.md', 0, 0, 'k')`)
			*at(source) = func() error {
				_, err := st.Pool().Exec(t.Context(), `TRUNCATE kgsync.tree_entries, kgsync.tree_walks`)
				return err
			}
			var wait *reposync.Wait
			if err := s.Plan(t.Context(), job); !errors.As(err, &wait) {
				t.Errorf("the attempt ended with %v, want it to ask for another", err)
			}
			want(t, st, 0, `SELECT count(*) FROM kgsync.files WHERE wanted_gone`)
			if err := s.Plan(t.Context(), job); err != nil {
				t.Error(err)
			}
			want(t, st, 1, `SELECT count(*) FROM kgsync.files f JOIN kgsync.runs u ON u.id = f.wanted_run_id WHERE NOT f.wanted_gone AND u.sealed`)
		})
	}
}

// TestAFullResyncOutlivesItsLease lets a settle take over from a full plan that waits
// for a rate limit.
func TestAFullResyncOutlivesItsLease(t *testing.T) {
	t.Parallel()
	s, st, source, job, run := planning(t)
	must(t, st, `UPDATE kgsync.runs SET full_resync = true WHERE id = $1`, run)
	source.atHead = func() error { return github.ErrRateLimited }
	if err := s.Plan(t.Context(), job); !errors.Is(err, github.ErrRateLimited) {
		t.Fatal(err)
	}
	must(t, st, `UPDATE kgsync.repositories SET settle_job_id = 99`)
	if err := s.Plan(t.Context(), reposync.PlanJob{ID: 99, RepositoryID: 1, Settle: true}); err != nil {
		t.Fatal(err)
	}
	want(t, st, 1, `SELECT count(*) FROM kgsync.runs WHERE id = $1 AND state = 'superseded'`, run)
	want(t, st, 1, `SELECT count(*) FROM kgsync.runs WHERE trigger = 'settle' AND full_resync AND sealed`)
}

// TestAnotherDefaultBranchIsNotForgotten tells of a push and of another default branch.
// The plan reads the old one, and waits for a rate limit when the settle takes over.
func TestAnotherDefaultBranchIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]string{"of a known repository": "main", "while the first plan runs": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, source, job, _ := planning(t)
			must(t, st, `UPDATE kgsync.repositories SET branch = $1, hint_sha = $2, hint_number = 1`, known, head)
			err := st.InTx(t.Context(), func(tx pgx.Tx) error {
				return s.PutRepository(t.Context(), tx, 7, store.Listed{ID: 1, FullName: "o/r", DefaultBranch: "trunk"}, true)
			})
			if err != nil {
				t.Fatal(err)
			}
			source.atHead = func() error { return github.ErrRateLimited }
			if err := s.Plan(t.Context(), job); !errors.Is(err, github.ErrRateLimited) {
				t.Fatal(err)
			}
			want(t, st, 1, `SELECT count(*) FROM kgsync.repositories WHERE default_branch = 'main' AND settle_job_id IS NOT NULL`)
			source.defaultBranch = "trunk"
			must(t, st, `UPDATE kgsync.repositories SET settle_due_at = now(), settle_job_id = 99`)
			if err := s.Plan(t.Context(), reposync.PlanJob{ID: 99, RepositoryID: 1, Settle: true}); err != nil {
				t.Fatal(err)
			}
			want(t, st, 1, `SELECT count(*) FROM kgsync.repositories WHERE default_branch = 'trunk'`)
		})
	}
}

// TestAHeadThatIsBelievedIsLookedAtAgain lets reads of the head lag for longer than a
// settle asks again, or for ever, as after a push that came out of order.
func TestAHeadThatIsBelievedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"a lag that ends": true, "a hint that is old": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, source, job, _ := planning(t)
			must(t, st, `UPDATE kgsync.repositories SET hint_sha = 'pushed', hint_number = 1`)
			settle := func() reposync.PlanJob {
				t.Helper()
				want(t, st, 1, `SELECT count(*) FROM kgsync.repositories WHERE settle_job_id IS NOT NULL`)
				must(t, st, `UPDATE kgsync.repositories SET settle_due_at = now(), settle_job_id = 99`)
				return reposync.PlanJob{ID: 99, RepositoryID: 1, Settle: true}
			}
			patiently(t, s, job)
			if ends {
				source.head = "pushed"
			}
			patiently(t, s, settle())
			commit := cmp.Or(source.head, head)
			want(t, st, 1, `SELECT count(*) FROM kgsync.repositories WHERE commit_sha = $1 AND hint_sha = '' AND settle_job_id IS NULL`, commit)
		})
	}
}

// TestADefaultBranchThatIsBelievedIsLookedAtAgain reads .kgsync.yml of another branch
// where it was not known to be.
func TestADefaultBranchThatIsBelievedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	s, st, source, job, _ := planning(t)
	must(t, st, `UPDATE kgsync.repositories SET branch = 'drafts', config_sha = 'known'`)
	source.config = "branch: drafts\n"
	patiently(t, s, job)
	want(t, st, 1, `SELECT count(*) FROM kgsync.repositories WHERE config_sha = $1 AND settle_job_id IS NOT NULL`, head)
}

// patiently plans until the plan is done, as often as it asks to come again.
func patiently(t *testing.T, s *reposync.Syncer, job reposync.PlanJob) {
	t.Helper()
	var wait *reposync.Wait
	for n := 0; ; n++ {
		err := s.Plan(t.Context(), job)
		if err == nil {
			return
		}
		if !errors.As(err, &wait) || n == 4 {
			t.Fatalf("after %d attempts: %v", n, err)
		}
	}
}

// TestAFileThatIsSavedDoesNotFail fails an attempt after it, or another one, has saved.
func TestAFileThatIsSavedDoesNotFail(t *testing.T) {
	t.Parallel()
	s, st, _, job, run := planning(t)
	if err := s.Plan(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	must(t, st, `INSERT INTO kgsync.run_files (run_id, path, job_id) VALUES ($1, 'b.md', 99)`, run) // the run goes on
	task := store.Task{RunID: run, RepositoryID: 1, Path: "a.md"}
	if err := s.Process(t.Context(), task, reposync.Small, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Fail(t.Context(), task, 1, errors.New("the answer to the commit was lost")); err != nil {
		t.Fatal(err)
	}
	want(t, st, 1, `SELECT count(*) FROM kgsync.files WHERE path = 'a.md' AND NOT failed AND open_since IS NULL`)
	want(t, st, 1, `SELECT count(*) FROM kgsync.run_files WHERE path = 'a.md' AND outcome = 'saved'`)
}

// TestProcessesThatReadDifferently deploys another size limit, which decides what a file
// says as the parser does: a process of the old one takes jobs of the new one, and then
// nobody pushes.
func TestProcessesThatReadDifferently(t *testing.T) {
	t.Parallel()
	s, st, source, job, _ := planning(t)
	source.config = "exclude: [b.md]\n"
	finish := func(planner, worker *reposync.Syncer, job reposync.PlanJob) {
		t.Helper()
		var run int64
		if err := planner.Plan(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if err := st.Pool().QueryRow(t.Context(), `SELECT max(id) FROM kgsync.runs`).Scan(&run); err != nil {
			t.Fatal(err)
		}
		if err := worker.Process(t.Context(), store.Task{RunID: run, RepositoryID: 1, Path: "a.md"}, reposync.Small, 1); err != nil {
			t.Fatal(err)
		}
	}
	reconcile := func(planned int) {
		t.Helper()
		if err := other(st, source).Reconcile(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		want(t, st, planned, `SELECT count(*) FROM kgsync.runs`)
	}
	finish(s, s, job)
	reconcile(2)
	want(t, st, 1, `SELECT count(*) FROM kgsync.runs WHERE trigger = 'derive'`)
	finish(other(st, source), s, queued(t, st))
	reconcile(3)
	finish(other(st, source), other(st, source), queued(t, st))
	reconcile(3)
	want(t, st, 1, `SELECT count(*) FROM kgsync.files f JOIN kgsync.repositories r ON r.derivation_key = f.applied_key AND r.verified_generation = r.generation
		WHERE f.wanted_key = f.applied_key`)
}

// other is a process with another limit.
func other(st *store.Store, source reposync.Source) *reposync.Syncer {
	return syncer(st, source, reposync.Options{SettleDelay: time.Hour, MaxFileBytes: 1 << 20})
}

// queued gives the job of the queued plan, 0 if there is none.
func queued(t *testing.T, st *store.Store) reposync.PlanJob {
	t.Helper()
	repo, err := st.Repository(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	job := reposync.PlanJob{RepositoryID: 1}
	if repo.PlanJobID != nil {
		job.ID = *repo.PlanJobID
	}
	return job
}

func must(t *testing.T, st *store.Store, sql string, args ...any) {
	t.Helper()
	if _, err := st.Pool().Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func want(t *testing.T, st *store.Store, n int, sql string, args ...any) {
	t.Helper()
	var got int
	if err := st.Pool().QueryRow(t.Context(), sql, args...).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if got != n {
		t.Errorf("%s: %d, want %d", sql, got, n)
	}
}
