package jobs

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store/storetest"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// upkeep gives a Runner for periodic work, after these statements.
func upkeep(t *testing.T, statements ...string) *Runner {
	t.Helper()
	st := storetest.Open(t)
	for _, sql := range append([]string{`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`}, statements...) {
		if _, err := st.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	r, err := New(st, nil, Config{}, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Runner) want(t *testing.T, n int, sql string) {
	t.Helper()
	var got int
	if err := r.store.Pool().QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != n {
		t.Errorf("%s: %d, want %d", sql, got, n)
	}
}

// TestAStepOfTheSweepThatFailsHoldsUpNoOther lets lost files not be settled: what
// needs a plan gets one, and turns are dealt.
func TestAStepOfTheSweepThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	r := upkeep(t,
		`INSERT INTO kgsync.installations (id) VALUES (7)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name, hint_sha, reconcile_due_at) VALUES (1, 7, 'o/r', 'c1', now())`,
		`INSERT INTO kgsync.runs (repository_id, trigger, state, sealed) VALUES (1, 'push', 'running', true), (1, 'push', 'running', true)`,
		`INSERT INTO kgsync.run_files (run_id, path, job_id) SELECT min(id), 'a.md', 99 FROM kgsync.runs`,
		`CREATE TRIGGER refuse BEFORE UPDATE ON kgsync.run_files FOR EACH ROW EXECUTE FUNCTION refuse()`)
	w := &sweepWorker{runner: r}
	if err := w.Work(t.Context(), nil); err == nil {
		t.Error("the step's error is hidden")
	}
	r.want(t, 1, `SELECT count(*) FROM river_job WHERE kind = 'plan'`)
	r.want(t, 1, `SELECT count(*) FROM river_job WHERE kind = 'reconcile'`)
	r.want(t, 1, `SELECT count(*) FROM kgsync.runs WHERE state = 'completed'`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Work(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context is hidden: %v", err)
	}
}

// TestATurnThatHasNotBegunIsNotDealtAgain deals turns while the jobs of the last ones
// wait, run and are done.
func TestATurnThatHasNotBegunIsNotDealtAgain(t *testing.T) {
	t.Parallel()
	r := upkeep(t, `INSERT INTO kgsync.installations (id) VALUES (7)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name) VALUES (1, 7, 'o/r')`)
	for i, c := range []struct {
		state string // of the jobs before
		jobs  int    // after
	}{{"available", 1}, {"available", 1}, {"scheduled", 1}, {"retryable", 1}, {"running", 2}, {"completed", 3}} {
		for _, sql := range []string{
			`UPDATE river_job SET state = '` + c.state + `', finalized_at = CASE WHEN '` + c.state + `' = 'completed' THEN now() END`,
			`UPDATE kgsync.repositories SET reconcile_due_at = now()`, `UPDATE kgsync.installations SET listing_due_at = now()`,
		} {
			if _, err := r.store.Pool().Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.dealTurns(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("turn %d: the jobs are %s", i, c.state)
		r.want(t, c.jobs, `SELECT count(*) FROM river_job WHERE kind = 'reconcile'`)
		r.want(t, c.jobs, `SELECT count(*) FROM river_job WHERE kind = 'listing'`)
		r.want(t, 1, `SELECT count(*) FROM kgsync.repositories WHERE reconcile_due_at > now()`)
	}
}

// TestHousekeepingPrunesThoughALostRepositoryStays refuses the deletion of a repository.
func TestHousekeepingPrunesThoughALostRepositoryStays(t *testing.T) {
	t.Parallel()
	r := upkeep(t,
		`INSERT INTO kgsync.installations (id) VALUES (7)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name, lost_access_at) VALUES (1, 7, 'o/r', now() - interval '1 year')`,
		`INSERT INTO kgsync.deliveries (guid, event, received_at) VALUES ('old', 'push', now() - interval '1 year')`,
		`CREATE TRIGGER refuse BEFORE DELETE ON kgsync.repositories FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err := (&housekeepingWorker{runner: r}).Work(t.Context(), nil); err == nil {
		t.Error("the error is hidden")
	}
	r.want(t, 1, `SELECT count(*) FROM kgsync.repositories`)
	r.want(t, 0, `SELECT count(*) FROM kgsync.deliveries`)
}

// endless is a GitHub whose record of deliveries does not end.
type endless struct{ reposync.Directory }

func (endless) Installations(context.Context) iter.Seq2[github.InstallationInfo, error] {
	return func(yield func(github.InstallationInfo, error) bool) {
		yield(github.InstallationInfo{ID: 7, Account: "o"}, nil)
	}
}

func (endless) Deliveries(ctx context.Context, _ string) iter.Seq2[github.Delivery, error] {
	return func(yield func(github.Delivery, error) bool) {
		now := time.Now()
		for ctx.Err() == nil {
			if !yield(github.Delivery{GUID: "one", ID: 1, Event: "push", DeliveredAt: now, Page: "2"}, nil) {
				return
			}
			time.Sleep(time.Millisecond)
		}
		yield(github.Delivery{}, ctx.Err())
	}
}

func (endless) Redeliver(context.Context, int64) error { return nil }

// TestAnEndlessRecordOfDeliveriesHoldsUpNothing gives the healing job less time than
// the record needs: installations are compared all the same, and what was found is
// asked for.
func TestAnEndlessRecordOfDeliveriesHoldsUpNothing(t *testing.T) {
	t.Parallel()
	r := upkeep(t)
	r.sync = reposync.New(reposync.Parts{Store: r.store, Directory: endless{}, Queue: (*queue)(r), Logger: slog.New(slog.DiscardHandler),
		Registerer: prometheus.NewRegistry()}, reposync.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	if err := (&healWorker{runner: r}).Work(ctx, nil); err != nil {
		t.Error(err)
	}
	r.want(t, 1, `SELECT count(*) FROM kgsync.installations WHERE state = 'active'`)
	r.want(t, 1, `SELECT count(*) FROM kgsync.missed_deliveries WHERE redeliveries = 1`)
	r.want(t, 1, `SELECT count(*) FROM kgsync.delivery_scan WHERE page = '2'`)
}
