package jobs

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

type groupWorker struct {
	river.WorkerDefaults[GroupArgs]
	runner *Runner
}

// Work settles a group's files; when its attempts are used up, each becomes a job
// of its own.
func (w *groupWorker) Work(ctx context.Context, job *river.Job[GroupArgs]) error {
	r, args := w.runner, job.Args
	group := store.Group{RunID: args.RunID, RepositoryID: args.RepositoryID, Paths: args.Paths}
	err := r.sync.ProcessGroup(ctx, group, args.Lane, job.ID, job.Attempt)
	if err == nil {
		return nil
	}
	if r.metrics.decided(job.Kind, decide(ctx, err, job.Attempt, job.MaxAttempts)) == giveUp {
		ctx, cancel := settling(ctx)
		defer cancel()
		r.config.Logger.WarnContext(ctx, "group failed", "run_id", args.RunID, "repo_id", args.RepositoryID, "job_id", job.ID, "attempt", job.Attempt, "err", err)
		return r.sync.SplitGroup(ctx, group, args.Lane, job.ID, args.Paths)
	}
	return err
}

type archiveWorker struct {
	river.WorkerDefaults[ArchiveArgs]
	runner *Runner
}

// Work reads an archive for the time of one attempt.
func (w *archiveWorker) Work(ctx context.Context, job *river.Job[ArchiveArgs]) error {
	r, task := w.runner, reposync.ArchiveTask(job.Args)
	err := r.sync.Archive(ctx, task, job.ID, job.Attempt, snoozed(job.Metadata))
	if err == nil {
		return nil
	}
	decision := r.metrics.decided(job.Kind, decide(ctx, err, job.Attempt, job.MaxAttempts))
	if decision != snooze {
		r.config.Logger.WarnContext(ctx, "reading an archive stopped", "run_id", task.RunID, "repo_id", task.RepositoryID, "job_id", job.ID, "attempt", job.Attempt, "err", err)
	}
	ctx, cancel := settling(ctx)
	defer cancel()
	switch decision {
	case snooze:
		return river.JobSnooze(waitOf(err))
	case vanished:
		return r.sync.ArchiveVanished(ctx, task, job.ID)
	case lostAccess:
		return r.sync.AccessLost(ctx, task.RepositoryID, task.RunID, err)
	case giveUp:
		return r.sync.FetchRest(ctx, task, job.ID)
	default:
		return err
	}
}

// snoozed reports whether a job asked to come again before: River counts it in the
// job's metadata.
func snoozed(metadata []byte) bool {
	var m struct {
		Snoozes int `json:"snoozes"`
	}
	return json.Unmarshal(metadata, &m) == nil && m.Snoozes > 0
}
