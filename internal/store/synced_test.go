package store_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// synced gives a store with repository 1, verified at generation 1 of commit c1, and
// so many files.
func synced(t *testing.T, files int) *store.Store {
	t.Helper()
	st := storetest.Open(t)
	for _, sql := range []string{
		`INSERT INTO kgsync.installations (id) VALUES (7)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name, generation, commit_sha, verified_sha, verified_generation) VALUES (1, 7, 'o/r', 1, 'c1', 'c1', 1)`,
		`INSERT INTO kgsync.generations (repository_id, generation, commit_sha, planned) VALUES (1, 1, 'c1', true)`,
		`INSERT INTO kgsync.runs (repository_id, trigger) VALUES (1, 'install')`,
	} {
		must(t, st, sql)
	}
	must(t, st, `INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key)
		SELECT 1, n || '.md', 1, (SELECT max(id) FROM kgsync.runs), 'k' FROM generate_series(1, $1::int) n`, files)
	return st
}

func must(t *testing.T, st *store.Store, sql string, args ...any) {
	t.Helper()
	if _, err := st.Pool().Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// TestOnlyAWrittenGenerationIsVerified: what was seen equal at a commit says nothing
// of a generation of the same commit whose wanted state is not written yet.
func TestOnlyAWrittenGenerationIsVerified(t *testing.T) {
	t.Parallel()
	st := synced(t, 0)
	must(t, st, `INSERT INTO kgsync.generations (repository_id, generation, commit_sha) VALUES (1, 2, 'c1')`)
	verify := func() (generation int64) {
		t.Helper()
		err := st.InTx(t.Context(), func(tx pgx.Tx) error { return store.MarkVerified(t.Context(), tx, 1, 2, "c1", time.Minute) })
		if err == nil {
			err = st.Pool().QueryRow(t.Context(), `SELECT verified_generation FROM kgsync.repositories`).Scan(&generation)
		}
		if err != nil {
			t.Fatal(err)
		}
		return generation
	}
	if g := verify(); g != 1 {
		t.Errorf("generation %d is verified before its wanted state is written, want 1", g)
	}
	must(t, st, `UPDATE kgsync.generations SET planned = true`)
	if g := verify(); g != 2 {
		t.Errorf("generation %d is verified, want 2", g)
	}
	var soon bool
	if err := st.Pool().QueryRow(t.Context(), `SELECT reconcile_due_at <= now() + interval '75 seconds' FROM kgsync.repositories`).Scan(&soon); err != nil || !soon {
		t.Errorf("the next turn to reconcile comes after the interval: %t, %v", soon, err)
	}
}

// TestWhatIsDeletedIsNotSynced lets access return between two batches of a deletion:
// nothing may look synced before a plan has brought the files back.
func TestWhatIsDeletedIsNotSynced(t *testing.T) {
	t.Parallel()
	st := synced(t, 501) // more than a batch
	must(t, st, `UPDATE kgsync.repositories SET lost_access_at = now() - interval '2 hours'`)
	must(t, st, `CREATE FUNCTION returned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		UPDATE kgsync.repositories SET lost_access_at = NULL; RETURN NULL; END $$`)
	must(t, st, `CREATE TRIGGER returned AFTER DELETE ON kgsync.files FOR EACH STATEMENT EXECUTE FUNCTION returned()`)
	if names, err := st.DeleteLost(t.Context(), time.Hour); err != nil || len(names) != 0 {
		t.Fatalf("%v, %v: a repository that is readable again is left alone", names, err)
	}
	var files int
	var said string
	if err := st.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM kgsync.files),
		concat_ws(' ', synced_sha, verified_sha, state) FROM kg.repositories`).Scan(&files, &said); err != nil {
		t.Fatal(err)
	}
	if files != 1 || said != "syncing" {
		t.Errorf("%d files are left and the repository says %q; want 1 and only that it is syncing", files, said)
	}
}

// TestLostFilesAreLockedInTheOrderOfApply holds a file as Apply does: the sweeper
// waits for it without holding its outcome, which Apply writes next.
func TestLostFilesAreLockedInTheOrderOfApply(t *testing.T) {
	t.Parallel()
	st := synced(t, 3)
	must(t, st, `UPDATE kgsync.runs SET sealed = true, state = 'running'`)
	must(t, st, `UPDATE kgsync.files SET open_since = 1`)
	must(t, st, `INSERT INTO kgsync.run_files (run_id, path, job_id) SELECT wanted_run_id, path, 0 FROM kgsync.files`)
	settled := make(chan error, 1)
	err := st.InTx(t.Context(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT 1 FROM kgsync.files WHERE path = '2.md' FOR UPDATE`); err != nil {
			return err
		}
		go func() {
			_, err := st.SettleLost(t.Context())
			settled <- err
		}()
		waiting := false
		for !waiting {
			if err := st.Pool().QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
				AND wait_event_type = 'Lock')`).Scan(&waiting); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `UPDATE kgsync.run_files SET outcome = 'saved' WHERE path = '2.md'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-settled; err != nil {
		t.Fatal(err)
	}
	var failed, saved int
	if err := st.Pool().QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE outcome = 'failed'), count(*) FILTER (WHERE outcome = 'saved') FROM kgsync.run_files`).Scan(&failed, &saved); err != nil {
		t.Fatal(err)
	}
	if failed != 2 || saved != 1 {
		t.Errorf("%d failed, %d saved, want 2 and 1", failed, saved)
	}
}
