package jobs

import (
	"context"
	"iter"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/kgsync/kgsync/internal/github"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// ReconcileArgs names a repository whose head is looked at.
type ReconcileArgs struct {
	RepositoryID int64 `json:"repository_id"`
}

// Kind implements [river.JobArgs].
func (ReconcileArgs) Kind() string { return "reconcile" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ReconcileArgs) InsertOpts() river.InsertOpts { return healing }

// ListingArgs names an installation whose repositories are compared with ours;
// with Plan all of them are planned too. A large one is compared by several jobs, of
// which each but the first names the page where it goes on, and the time of the
// database when the first began.
type ListingArgs struct {
	InstallationID int64     `json:"installation_id"`
	Plan           bool      `json:"plan,omitempty"`
	Page           string    `json:"page,omitempty"`
	Begun          time.Time `json:"begun,omitzero"`
}

// Kind implements [river.JobArgs].
func (ListingArgs) Kind() string { return "listing" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ListingArgs) InsertOpts() river.InsertOpts { return healing }

// healing jobs wait behind first syncs; the next turn does what a failed one did not.
var healing = river.InsertOpts{Queue: queueBacklog, Priority: priorityLast, MaxAttempts: 4}

type reconcileWorker struct {
	river.WorkerDefaults[ReconcileArgs]
	runner *Runner
}

// Work looks at one repository's head.
func (w *reconcileWorker) Work(ctx context.Context, job *river.Job[ReconcileArgs]) error {
	return w.runner.snoozeOr(ctx, job.JobRow, w.runner.sync.Reconcile(ctx, job.Args.RepositoryID))
}

// snoozeOr gives the error back to River, or a snooze where it only means to wait. What
// else could be decided is the same to these jobs: they come again.
func (r *Runner) snoozeOr(ctx context.Context, job *rivertype.JobRow, err error) error {
	if err == nil || decide(ctx, err, job.Attempt, job.MaxAttempts) != snooze {
		return err
	}
	r.metrics.decided(job.Kind, snooze)
	return river.JobSnooze(waitOf(err))
}

type listingWorker struct {
	river.WorkerDefaults[ListingArgs]
	runner *Runner
}

// Work compares one installation's repositories with ours, as many as there is time
// for; another job goes on. An attempt that is repeated after that only asks twice.
func (w *listingWorker) Work(ctx context.Context, job *river.Job[ListingArgs]) error {
	rest, err := w.runner.sync.SyncInstallation(ctx, reposync.Listing(job.Args))
	if err != nil || rest == nil {
		return w.runner.snoozeOr(ctx, job.JobRow, err)
	}
	_, err = w.runner.client.Insert(ctx, ListingArgs(*rest), nil)
	return wrap(err, "write the next listing job of installation %d", rest.InstallationID)
}

// directory shows the App as a sync.Directory.
type directory struct{ *github.App }

// Repositories implements sync.Directory.
func (d directory) Repositories(ctx context.Context, installation int64, page string) iter.Seq2[github.Repository, error] {
	return d.Installation(installation).Repositories(ctx, page)
}
