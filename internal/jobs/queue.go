package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/kgsync/kgsync/internal/store"
)

// FileArgs names one file of one run. What to do with it stands in the files
// table, not here: a job that comes late finds that it is superseded.
type FileArgs struct {
	RunID        int64  `json:"run_id"`
	RepositoryID int64  `json:"repository_id"`
	Path         string `json:"path"`
}

// Kind implements [river.JobArgs].
func (FileArgs) Kind() string { return "file" }

// PlanArgs names a repository to plan or settle.
type PlanArgs struct {
	RepositoryID int64 `json:"repository_id"`
	Settle       bool  `json:"settle,omitempty"`
}

// Kind implements [river.JobArgs].
func (PlanArgs) Kind() string { return "plan" }

// queue writes the algorithm's jobs; it implements sync.Queue.
type queue Runner

// EnqueueFiles implements sync.Queue.
func (q *queue) EnqueueFiles(ctx context.Context, tx pgx.Tx, tasks []store.Task, live bool) ([]int64, error) {
	priority := priorityBulk
	if live {
		priority = priorityLive
	}
	params := make([]river.InsertManyParams, len(tasks))
	for i, t := range tasks {
		params[i] = river.InsertManyParams{Args: FileArgs(t), InsertOpts: &river.InsertOpts{Queue: queueFiles, Priority: priority}}
	}
	results, err := q.client.InsertManyTx(ctx, tx, params)
	if err != nil {
		return nil, fmt.Errorf("write %d file jobs: %w", len(tasks), err)
	}
	ids := make([]int64, len(results))
	for i, r := range results {
		ids[i] = r.Job.ID
	}
	return ids, nil
}

// EnqueuePlan implements sync.Queue.
func (q *queue) EnqueuePlan(ctx context.Context, tx pgx.Tx, repositoryID int64, settle bool, at time.Time) (int64, error) {
	r, err := q.client.InsertTx(ctx, tx, PlanArgs{RepositoryID: repositoryID, Settle: settle}, &river.InsertOpts{Queue: queuePlans, ScheduledAt: at})
	if err != nil {
		return 0, fmt.Errorf("write plan job of repository %d: %w", repositoryID, err)
	}
	return r.Job.ID, nil
}

// EnqueueListing implements sync.Queue.
func (q *queue) EnqueueListing(ctx context.Context, tx pgx.Tx, installation int64) error {
	return (*Runner)(q).enqueueListing(ctx, tx, ListingArgs{InstallationID: installation, Plan: true})
}
