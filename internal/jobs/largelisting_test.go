package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// pages is a GitHub that lists two repositories a page, 1 and up.
type pages struct {
	reposync.Directory
	last int
	read int
}

func (p *pages) Repositories(_ context.Context, _ int64, page string) iter.Seq2[github.Repository, error] {
	return func(yield func(github.Repository, error) bool) {
		first := 1
		if page != "" {
			if _, err := fmt.Sscan(page, &first); err != nil {
				yield(github.Repository{}, err)
				return
			}
		}
		for id := first; id <= p.last; id++ {
			if (id-first)%2 == 0 && id > first {
				page = fmt.Sprint(id)
			}
			p.read++
			if !yield(github.Repository{ID: int64(id), FullName: fmt.Sprint("o/r", id), DefaultBranch: "main", Page: page}, nil) {
				return
			}
		}
	}
}

// TestALargeInstallationIsListedByManyJobs gives each job the time of one page: all
// repositories are planned, and only those that no page has are lost.
func TestALargeInstallationIsListedByManyJobs(t *testing.T) {
	t.Parallel()
	r := upkeep(t,
		`INSERT INTO kgsync.installations (id, listing_due_at) VALUES (7, now() + interval '1 day')`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name, listed_at) VALUES (1, 7, 'o/r1', now()), (99, 7, 'o/r99', now())`)
	github := &pages{last: 5}
	r.sync = reposync.New(reposync.Parts{Store: r.store, Directory: github, Queue: (*queue)(r), Logger: slog.New(slog.DiscardHandler),
		Registerer: prometheus.NewRegistry()}, reposync.Options{CheckpointTime: time.Nanosecond})
	err := r.inTx(t.Context(), func(tx pgx.Tx) error {
		return r.enqueueListing(t.Context(), tx, ListingArgs{InstallationID: 7, Plan: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	for jobs := 1; ; jobs++ {
		job := nextListing(t, r)
		if job == nil {
			if jobs != 4 || github.read > 8 { // one of the next page is read to see that it is one
				t.Errorf("%d jobs have read %d repositories, want 3 and at most 8", jobs-1, github.read)
			}
			break
		}
		if err := (&listingWorker{runner: r}).Work(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if _, err := r.store.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`, job.ID); err != nil {
			t.Fatal(err)
		}
		waits := false
		if err := r.inTx(t.Context(), func(tx pgx.Tx) (err error) {
			waits, err = store.ListingWaits(t.Context(), tx, 7, false)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if waits {
			t.Error("a listing that has left pages behind counts as one that is to begin")
		}
	}
	r.want(t, 5, `SELECT count(*) FROM kgsync.repositories WHERE lost_access_at IS NULL AND plan_run_id IS NOT NULL`)
	r.want(t, 1, `SELECT count(*) FROM kgsync.repositories WHERE lost_access_at IS NOT NULL AND id = 99`)
	r.want(t, 1, `SELECT count(*) FROM kgsync.installations WHERE listing_due_at < now() + interval '2 hours'`)
}

// nextListing begins the next listing as River does, nil if there is none.
func nextListing(t *testing.T, r *Runner) *river.Job[ListingArgs] {
	t.Helper()
	list, err := r.client.JobList(t.Context(), river.NewJobListParams().Kinds("listing").States(rivertype.JobStateAvailable))
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Jobs) == 0 {
		return nil
	}
	job := &river.Job[ListingArgs]{JobRow: list.Jobs[0]}
	if _, err := r.store.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() WHERE id = $1`, job.ID); err != nil {
		t.Fatal(err)
	}
	job.State = rivertype.JobStateRunning
	if err := json.Unmarshal(job.EncodedArgs, &job.Args); err != nil {
		t.Fatal(err)
	}
	return job
}
