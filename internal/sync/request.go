package sync

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
)

// RequestPlan makes sure that a plan of the repository is queued and gives its
// run. The repository must be locked. A queued plan serves every request made
// before it starts; full upgrades it.
func (s *Syncer) RequestPlan(ctx context.Context, tx pgx.Tx, repo *store.Repository, trigger string, full bool) (int64, error) {
	if repo.PlanJobID != nil && repo.PlanRunID != nil {
		if full {
			return *repo.PlanRunID, store.MakeFull(ctx, tx, *repo.PlanRunID, trigger)
		}
		return *repo.PlanRunID, nil
	}
	run, err := store.NewRun(ctx, tx, repo.ID, trigger, full)
	if err != nil {
		return 0, err
	}
	job, err := s.queue.EnqueuePlan(ctx, tx, repo.ID, false, time.Time{})
	if err != nil {
		return 0, err
	}
	repo.PlanJobID, repo.PlanRunID = &job, &run
	return run, store.SetQueuedPlan(ctx, tx, repo.ID, job, run)
}

// requestSettle schedules the coalesced settle of a repository or moves it: five
// seconds after the last push, never later than the limit after the first.
func (s *Syncer) requestSettle(ctx context.Context, tx pgx.Tx, repo *store.Repository) error {
	now := time.Now()
	since := now
	if repo.SettleJobID != nil && repo.SettleSince != nil {
		since = *repo.SettleSince
	}
	due := now.Add(s.opts.SettleDelay)
	if limit := since.Add(s.opts.SettleLimit); due.After(limit) {
		due = limit
	}
	if repo.SettleJobID == nil {
		job, err := s.queue.EnqueuePlan(ctx, tx, repo.ID, true, due)
		if err != nil {
			return err
		}
		repo.SettleJobID = &job
	}
	return store.SetSettle(ctx, tx, repo.ID, *repo.SettleJobID, due, since)
}

// Resync queues a plan from outside a plan: an operator's request, a reconcile,
// the sweeper. It gives the run.
func (s *Syncer) Resync(ctx context.Context, repositoryID int64, trigger string, full bool) (int64, error) {
	var run int64
	err := s.store.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := store.LockRepository(ctx, tx, repositoryID); err != nil {
			return err
		}
		if err := store.ForgetDeadJobs(ctx, tx, repositoryID); err != nil {
			return err
		}
		repo, err := store.LockRepository(ctx, tx, repositoryID) // as it is without them
		if err != nil {
			return err
		}
		run, err = s.RequestPlan(ctx, tx, repo, trigger, full)
		return err
	})
	return run, err
}
