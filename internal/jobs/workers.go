package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

type fileWorker struct {
	river.WorkerDefaults[FileArgs]
	runner *Runner
}

// Work settles one file, or says when to try again.
func (w *fileWorker) Work(ctx context.Context, job *river.Job[FileArgs]) error {
	r, args := w.runner, job.Args
	task := store.Task{RunID: args.RunID, RepositoryID: args.RepositoryID, Path: args.Path}
	err := r.sync.Process(ctx, task, args.Lane, job.Attempt)
	if err == nil {
		return nil
	}
	decision := r.metrics.decided(job.Kind, decide(ctx, err, job.Attempt, job.MaxAttempts))
	ctx, cancel := settling(ctx)
	defer cancel()
	log := r.config.Logger.With("run_id", task.RunID, "repo_id", task.RepositoryID, "path", task.Path, "job_id", job.ID, "attempt", job.Attempt)
	switch decision {
	case snooze:
		log.InfoContext(ctx, "file waits", "err", err)
		return river.JobSnooze(waitOf(err))
	case vanished:
		return r.sync.Vanished(ctx, task, job.Attempt, job.MaxAttempts, err)
	case lostAccess:
		return r.sync.AccessLost(ctx, task.RepositoryID, task.RunID, err)
	case giveUp, panicked:
		log.WarnContext(ctx, "file failed", "err", err)
		return r.sync.Fail(ctx, task, job.Attempt, err)
	default:
		return err
	}
}

type planWorker struct {
	river.WorkerDefaults[PlanArgs]
	runner *Runner
}

// Work runs one attempt of a plan.
func (w *planWorker) Work(ctx context.Context, job *river.Job[PlanArgs]) error {
	r := w.runner
	plan := reposync.PlanJob{ID: job.ID, RepositoryID: job.Args.RepositoryID, Settle: job.Args.Settle}
	err := r.sync.Plan(ctx, plan)
	if err == nil {
		return nil
	}
	decision := r.metrics.decided(job.Kind, decide(ctx, err, job.Attempt, job.MaxAttempts))
	ctx, cancel := settling(ctx)
	defer cancel()
	switch decision {
	case snooze:
		return river.JobSnooze(waitOf(err))
	case lostAccess:
		return r.sync.LeavePlan(ctx, plan, err)
	case giveUp, vanished:
		r.config.Logger.ErrorContext(ctx, "plan failed", "repo_id", plan.RepositoryID, "job_id", job.ID, "attempt", job.Attempt, "err", err)
		return r.sync.FailPlan(ctx, plan, err)
	default:
		return err
	}
}

// settleTime is what settling a job may take beyond the time of its attempt; a killed
// process's jobs are taken over 15 s after that.
const settleTime = 10 * time.Second

// settling is for what follows from an attempt that failed, perhaps because its time
// is over.
func settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}

// ReclaimKilled gives back the jobs of a killed predecessor. For the one-process
// `dev` only.
func (r *Runner) ReclaimKilled(ctx context.Context) (int64, error) { return r.store.ReclaimKilled(ctx) }

// inTx is short for the store's.
func (r *Runner) inTx(ctx context.Context, f func(pgx.Tx) error) error { return r.store.InTx(ctx, f) }

// errAsWait finds a Wait of the algorithm.
func errAsWait(err error) (*reposync.Wait, bool) {
	var w *reposync.Wait
	ok := errors.As(err, &w)
	return w, ok
}
