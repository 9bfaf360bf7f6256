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
	lane := Background
	if trigger == "push" || trigger == "config" || trigger == "admin" { // somebody waits for it
		lane = Live
	}
	job, err := s.queue.EnqueuePlan(ctx, tx, repo.ID, lane)
	if err != nil {
		return 0, err
	}
	repo.PlanJobID, repo.PlanRunID = &job, &run
	return run, store.SetQueuedPlan(ctx, tx, repo.ID, job, run)
}

// settles gives the coalesced settle that each push schedules or moves: five seconds
// after the last push, never later than the limit after the first. New jobs are
// written; recording the push records the rest.
func (s *Syncer) settles(ctx context.Context, tx pgx.Tx, pushes []Push) ([]store.Settle, error) {
	now := time.Now()
	due := now.Add(s.opts.SettleDelay)
	var missing []int64
	for _, p := range pushes {
		if p.Repository.SettleJobID == nil {
			missing = append(missing, p.Repository.ID)
		}
	}
	var jobs []int64
	if len(missing) > 0 {
		var err error
		if jobs, err = s.queue.EnqueueSettles(ctx, tx, missing, due); err != nil {
			return nil, err
		}
	}
	list := make([]store.Settle, len(pushes))
	for i, p := range pushes {
		since := now
		if p.Repository.SettleJobID == nil {
			p.Repository.SettleJobID, jobs = &jobs[0], jobs[1:]
		} else if p.Repository.SettleSince != nil {
			since = *p.Repository.SettleSince
		}
		list[i] = store.Settle{JobID: *p.Repository.SettleJobID, Due: due, Since: since}
		if limit := since.Add(s.opts.SettleLimit); due.After(limit) {
			list[i].Due = limit
		}
	}
	return list, nil
}

// settleLater schedules or moves the repository's settle without a push of the
// followed branch; a whole one asks for more than the head that pushes have named. The
// repository must be locked.
func (s *Syncer) settleLater(ctx context.Context, tx pgx.Tx, repo *store.Repository, whole bool) error {
	settles, err := s.settles(ctx, tx, []Push{{Repository: repo}})
	if err != nil {
		return err
	}
	return store.SetSettle(ctx, tx, repo.ID, settles[0], whole)
}

// Resync queues a plan from outside a plan: an operator's request, a reconcile,
// the sweeper. It gives the run.
func (s *Syncer) Resync(ctx context.Context, repositoryID int64, trigger string, full bool) (int64, error) {
	var run int64
	err := s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := lockAlive(ctx, tx, repositoryID)
		if err != nil {
			return err
		}
		run, err = s.RequestPlan(ctx, tx, repo, trigger, full)
		return err
	})
	return run, err
}

// lockAlive locks the repository and gives it without jobs that are dead.
func lockAlive(ctx context.Context, tx pgx.Tx, repositoryID int64) (*store.Repository, error) {
	if _, err := store.LockRepository(ctx, tx, repositoryID); err != nil {
		return nil, err
	}
	if err := store.ForgetDeadJobs(ctx, tx, repositoryID); err != nil {
		return nil, err
	}
	return store.LockRepository(ctx, tx, repositoryID)
}
