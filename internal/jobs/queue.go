package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// FileArgs names one file of one run. What to do with it stands in the files
// table, not here: a job that comes late finds that it is superseded.
type FileArgs struct {
	RunID        int64         `json:"run_id"`
	RepositoryID int64         `json:"repository_id"`
	Path         string        `json:"path"`
	Lane         reposync.Lane `json:"lane,omitempty"`
}

// Kind implements [river.JobArgs].
func (FileArgs) Kind() string { return "file" }

// GroupArgs names small files of one run.
type GroupArgs struct {
	RunID        int64         `json:"run_id"`
	RepositoryID int64         `json:"repository_id"`
	Paths        []string      `json:"paths"`
	Lane         reposync.Lane `json:"lane,omitempty"`
}

// Kind implements [river.JobArgs].
func (GroupArgs) Kind() string { return "group" }

// ArchiveArgs names a run whose files come from an archive.
type ArchiveArgs struct {
	RunID        int64         `json:"run_id"`
	RepositoryID int64         `json:"repository_id"`
	Lane         reposync.Lane `json:"lane,omitempty"`
}

// Kind implements [river.JobArgs].
func (ArchiveArgs) Kind() string { return "archive" }

// PlanArgs names a repository to plan or settle.
type PlanArgs struct {
	RepositoryID int64 `json:"repository_id"`
	Settle       bool  `json:"settle,omitempty"`
}

// Kind implements [river.JobArgs].
func (PlanArgs) Kind() string { return "plan" }

// queue writes the algorithm's jobs; it implements sync.Queue.
type queue Runner

// priorityLast is the last of River's priorities: 1 to 4, one for each lane.
const priorityLast = 4

// optionsOf says where the jobs of a lane wait.
func optionsOf(lane reposync.Lane) *river.InsertOpts {
	o := &river.InsertOpts{Queue: queueBulk, Priority: min(int(lane)+1, priorityLast)}
	if lane == reposync.Live {
		o.Queue = queueFiles
	}
	return o
}

// EnqueueFiles implements sync.Queue.
func (q *queue) EnqueueFiles(ctx context.Context, tx pgx.Tx, tasks []store.Task, lane reposync.Lane) ([]int64, error) {
	params := make([]river.InsertManyParams, len(tasks))
	for i, t := range tasks {
		params[i] = river.InsertManyParams{Args: FileArgs{t.RunID, t.RepositoryID, t.Path, lane}, InsertOpts: optionsOf(lane)}
	}
	return q.insert(ctx, tx, params, "file")
}

// EnqueueGroups implements sync.Queue.
func (q *queue) EnqueueGroups(ctx context.Context, tx pgx.Tx, groups []store.Group, lane reposync.Lane) ([]int64, error) {
	params := make([]river.InsertManyParams, len(groups))
	for i, g := range groups {
		params[i] = river.InsertManyParams{Args: GroupArgs{g.RunID, g.RepositoryID, g.Paths, lane}, InsertOpts: optionsOf(lane)}
	}
	return q.insert(ctx, tx, params, "group")
}

// EnqueueArchive implements sync.Queue.
func (q *queue) EnqueueArchive(ctx context.Context, tx pgx.Tx, t reposync.ArchiveTask) (int64, error) {
	o := optionsOf(t.Lane)
	o.Queue = queueArchives
	ids, err := q.insert(ctx, tx, []river.InsertManyParams{{Args: ArchiveArgs(t), InsertOpts: o}}, "archive")
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

func (q *queue) insert(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams, what string) ([]int64, error) {
	results, err := q.client.InsertManyTx(ctx, tx, params)
	if err != nil {
		return nil, fmt.Errorf("write %d %s jobs: %w", len(params), what, err)
	}
	ids := make([]int64, len(results))
	for i, r := range results {
		ids[i] = r.Job.ID
	}
	return ids, nil
}

// EnqueuePlan implements sync.Queue.
func (q *queue) EnqueuePlan(ctx context.Context, tx pgx.Tx, repositoryID int64, lane reposync.Lane) (int64, error) {
	o := &river.InsertOpts{Queue: queueBacklog}
	if lane == reposync.Live {
		o.Queue = queuePlans
	}
	r, err := q.client.InsertTx(ctx, tx, PlanArgs{RepositoryID: repositoryID}, o)
	if err != nil {
		return 0, fmt.Errorf("write plan job of repository %d: %w", repositoryID, err)
	}
	return r.Job.ID, nil
}

// EnqueueSettles implements sync.Queue.
func (q *queue) EnqueueSettles(ctx context.Context, tx pgx.Tx, repositories []int64, at time.Time) ([]int64, error) {
	params := make([]river.InsertManyParams, len(repositories))
	for i, id := range repositories {
		params[i] = river.InsertManyParams{Args: PlanArgs{RepositoryID: id, Settle: true}, InsertOpts: &river.InsertOpts{Queue: queuePlans, ScheduledAt: at}}
	}
	return q.insert(ctx, tx, params, "settle")
}

// lookAgainAttempts take a second look past a quarter of an hour of trouble: no turn
// repeats it.
const lookAgainAttempts = 12

// EnqueueListing implements sync.Queue. Later listings at about the same time are one.
func (q *queue) EnqueueListing(ctx context.Context, tx pgx.Tx, installation int64, plan bool, after time.Duration) error {
	args := ListingArgs{InstallationID: installation, Plan: plan}
	if after == 0 {
		return (*Runner)(q).enqueueListing(ctx, tx, args)
	}
	if waits, err := store.LaterListingWaits(ctx, tx, installation, after); err != nil || waits {
		return err
	}
	o := healing
	o.ScheduledAt, o.MaxAttempts = time.Now().Add(after), lookAgainAttempts
	_, err := q.client.InsertTx(ctx, tx, args, &o)
	return wrap(err, "write a later listing job of installation %d", installation)
}
