package jobs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/jobs"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
	"github.com/kgsync/kgsync/internal/webhook"
)

const installation = 7

// accepting gives a Runner that only accepts, with so many repositories, 1 and up,
// that were planned at commit "c0".
func accepting(t *testing.T, repositories int) (*jobs.Runner, *store.Store) {
	t.Helper()
	st := storetest.Open(t)
	for _, sql := range []string{
		`INSERT INTO kgsync.installations (id) VALUES (7)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name, default_branch, branch, generation, commit_sha, derivation_key)
		 SELECT r, 7, 'o/r' || r, 'main', 'main', 1, 'c0', 'k' FROM generate_series(1, ` + fmt.Sprint(repositories) + `) r`,
		`INSERT INTO kgsync.generations (repository_id, generation, commit_sha, planned) SELECT id, 1, 'c0', true FROM kgsync.repositories`,
		`INSERT INTO kgsync.derivations (repository_id, key, files) SELECT id, 'k', '{}' FROM kgsync.repositories`,
	} {
		if _, err := st.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	r, err := jobs.New(st, nil, jobs.Config{}, false)
	if err != nil {
		t.Fatal(err)
	}
	return r, st
}

func pushOf(repository int64, from, to string, paths ...string) *webhook.Delivery {
	return &webhook.Delivery{GUID: fmt.Sprintf("%d-%s-%s", repository, from, to), Event: "push", InstallationID: installation,
		Repository: &webhook.Repository{ID: repository, FullName: fmt.Sprintf("o/r%d", repository), DefaultBranch: "main"},
		Push:       &webhook.Push{Ref: "refs/heads/main", Before: from, After: to, Commits: 1, MaxFiles: len(paths), Paths: paths}}
}

func number(t *testing.T, st *store.Store, sql string, args ...any) (n int) {
	t.Helper()
	if err := st.Pool().QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// TestPushesThatComeTogether sends chains of pushes to many repositories at once,
// each delivery twice: each is accepted once, in the order of its repository, with
// all that belongs to it.
func TestPushesThatComeTogether(t *testing.T) {
	t.Parallel()
	const repositories, pushes = 24, 6
	r, st := accepting(t, repositories)
	var wg sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[webhook.Outcome]int{}
	for id := range int64(repositories) {
		wg.Go(func() {
			for i := range pushes {
				d := pushOf(id+1, fmt.Sprint("c", i), fmt.Sprint("c", i+1), "a.md", fmt.Sprintf("n%d.md", i), "no page.txt")
				var twice sync.WaitGroup
				for range 2 {
					twice.Go(func() {
						outcome, err := r.Accept(t.Context(), d)
						if err != nil {
							t.Errorf("repository %d, push %d: %v", id+1, i, err)
						}
						mu.Lock()
						outcomes[outcome]++
						mu.Unlock()
					})
				}
				twice.Wait()
			}
		})
	}
	wg.Wait()
	const all = repositories * pushes
	if outcomes[webhook.Accepted] != all || outcomes[webhook.Duplicate] != all {
		t.Errorf("outcomes %v, want %d accepted and as many duplicates", outcomes, all)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM kgsync.deliveries`: all,
		`SELECT count(*) FROM kgsync.repositories WHERE generation = 7 AND commit_sha = 'c6' AND hint_sha = 'c6' AND hint_number = 6 AND settle_job_id IS NOT NULL`: repositories,
		`SELECT count(*) FROM kgsync.runs u JOIN kgsync.generations USING (repository_id, generation, commit_sha) WHERE sealed AND total_files = 2`:                 all,
		`SELECT count(*) FROM kgsync.files f WHERE open_since IS NOT NULL AND EXISTS (SELECT 1 FROM kgsync.runs u WHERE u.id = f.wanted_run_id AND u.repository_id = f.repository_id
			AND u.generation = f.wanted_generation)`: repositories * (1 + pushes),
		`SELECT count(*) FROM kgsync.files WHERE path = 'a.md' AND wanted_generation = 7 AND open_since = 2`: repositories,
		`SELECT count(*) FROM kgsync.run_files rf JOIN river_job j ON j.id = rf.job_id AND j.kind = 'file' AND j.queue = 'files'
			AND (j.args ->> 'run_id')::bigint = rf.run_id AND j.args ->> 'path' = rf.path`: 2 * all,
		`SELECT count(*) FROM river_job WHERE kind = 'plan' AND state = 'scheduled' AND (args ->> 'settle')::bool`: repositories,
		`SELECT count(*) FROM river_job`: 2*all + repositories,
	} {
		if got := number(t, st, sql); got != want {
			t.Errorf("%d, want %d: %s", got, want, sql)
		}
	}
}

// TestALockedRepositoryDelaysNoOther holds one repository: pushes of others that
// come after one of it are accepted, and its own when the lock is gone.
func TestALockedRepositoryDelaysNoOther(t *testing.T) {
	t.Parallel()
	r, st := accepting(t, 5)
	tx, err := st.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context())) //nolint:errcheck // it is committed below
	if _, err := store.LockRepository(t.Context(), tx, 1); err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() {
		_, err := r.Accept(t.Context(), pushOf(1, "c0", "c1", "a.md"))
		held <- err
	}()
	for id := int64(2); id <= 5; id++ {
		if outcome, err := r.Accept(t.Context(), pushOf(id, "c0", "c1", "a.md")); err != nil || outcome != webhook.Accepted {
			t.Fatalf("repository %d: %s, %v", id, outcome, err)
		}
	}
	select {
	case err := <-held:
		t.Fatalf("the push was accepted without the lock: %v", err)
	default:
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	if n := number(t, st, `SELECT count(*) FROM kgsync.repositories WHERE commit_sha = 'c1' AND generation = 2`); n != 5 {
		t.Errorf("%d repositories moved, want 5", n)
	}
}

// TestAPushThatFailsFailsAlone lets the rows of one push be refused: the pushes that
// share its transaction are accepted all the same, and nothing of it stays that would
// swallow its redelivery.
func TestAPushThatFailsFailsAlone(t *testing.T) {
	t.Parallel()
	r, st := accepting(t, 8)
	if _, err := st.Pool().Exec(t.Context(), `ALTER TABLE kgsync.files ADD CONSTRAINT refused CHECK (path <> 'refused.md')`); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for id := range int64(8) {
		wg.Go(func() {
			path := "a.md"
			if id == 4 {
				path = "refused.md"
			}
			_, err := r.Accept(t.Context(), pushOf(id+1, "c0", "c1", path))
			if failed := err != nil; failed != (id == 4) {
				t.Errorf("repository %d: %v", id+1, err)
			}
		})
	}
	wg.Wait()
	if n := number(t, st, `SELECT count(*) FROM kgsync.deliveries`); n != 7 {
		t.Errorf("%d deliveries are recorded, want the 7 that were accepted", n)
	}
	if _, err := st.Pool().Exec(t.Context(), `ALTER TABLE kgsync.files DROP CONSTRAINT refused`); err != nil {
		t.Fatal(err)
	}
	if outcome, err := r.Accept(t.Context(), pushOf(5, "c0", "c1", "refused.md")); err != nil || outcome != webhook.Accepted {
		t.Errorf("the redelivery: %s, %v", outcome, err)
	}
}

// TestNewsGoAlone sends pushes of repositories that are unknown, renamed or of
// another branch among ordinary ones.
func TestNewsGoAlone(t *testing.T) {
	t.Parallel()
	r, st := accepting(t, 4)
	renamed, unknown, other, tag := pushOf(2, "c0", "c1", "a.md"), pushOf(99, "x", "y", "a.md"), pushOf(3, "c0", "c1", "a.md"), pushOf(4, "c0", "c1", "a.md")
	renamed.Repository.FullName = "o/renamed"
	other.Push.Ref, tag.Push.Ref = "refs/heads/draft", "refs/tags/v1"
	var wg sync.WaitGroup
	for _, c := range []struct {
		d    *webhook.Delivery
		want webhook.Outcome
	}{{pushOf(1, "c0", "c1", "a.md"), webhook.Accepted}, {renamed, webhook.Accepted}, {unknown, webhook.Accepted}, {other, webhook.Ignored}, {tag, webhook.Ignored}} {
		wg.Go(func() {
			if outcome, err := r.Accept(t.Context(), c.d); err != nil || outcome != c.want {
				t.Errorf("%s of %s: %s, %v; want %s", c.d.Push.Ref, c.d.Repository.FullName, outcome, err, c.want)
			}
		})
	}
	wg.Wait()
	rows, err := st.Pool().Query(t.Context(), `SELECT full_name || ' ' || generation || ' ' || (plan_job_id IS NOT NULL) FROM kgsync.repositories ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if want := "[o/r1 2 false o/r3 1 false o/r4 1 false o/r99 0 true o/renamed 2 false]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if n := number(t, st, `SELECT count(*) FROM kgsync.deliveries`); n != 5 {
		t.Errorf("%d deliveries are recorded, want 5", n)
	}
}
