package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Periodic work runs on the maintenance queue, one job of a kind at a time over
// all replicas: River's leader inserts it, and an attempt that is late does what
// the next would.

// SweepArgs is the periodic look for what fell through.
type SweepArgs struct{}

// Kind implements [river.JobArgs].
func (SweepArgs) Kind() string { return "sweep" }

// HealArgs is the periodic comparison with GitHub: installations, deliveries.
type HealArgs struct{}

// Kind implements [river.JobArgs].
func (HealArgs) Kind() string { return "heal" }

// HousekeepingArgs is the periodic deletion of what is not needed any more.
type HousekeepingArgs struct{}

// Kind implements [river.JobArgs].
func (HousekeepingArgs) Kind() string { return "housekeeping" }

// periodic lists what River's leader inserts, and when.
func (c *Config) periodic() []*river.PeriodicJob {
	every := func(d time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{Queue: queueMaintenance, MaxAttempts: 1}
		}, &river.PeriodicJobOpts{RunOnStart: true})
	}
	return []*river.PeriodicJob{every(c.SweepEvery, SweepArgs{}), every(c.HealEvery, HealArgs{}), every(c.HousekeepingEvery, HousekeepingArgs{})}
}

type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	runner *Runner
}

// Work settles what fell through: files and plans whose job is dead, runs that
// nobody finished, hints that nobody looks at (invariant 6). It also deals out the
// turns to reconcile.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	s := w.runner.store
	if _, err := s.SettleLost(ctx); err != nil {
		return err
	}
	if err := w.finishRuns(ctx); err != nil {
		return err
	}
	repositories, err := s.NeedPlan(ctx)
	if err != nil {
		return err
	}
	for _, id := range repositories {
		if _, err := w.runner.sync.Resync(ctx, id, "reconcile", false); err != nil {
			return err
		}
	}
	return w.runner.dealTurns(ctx)
}

func (w *sweepWorker) finishRuns(ctx context.Context) error {
	runs, err := w.runner.store.UnfinishedRuns(ctx)
	if err != nil {
		return err
	}
	for _, id := range runs {
		if err := w.runner.sync.FinishRun(ctx, id); err != nil {
			return err
		}
	}
	abandoned, err := w.runner.store.AbandonedPlans(ctx)
	if err != nil {
		return err
	}
	for _, id := range abandoned {
		if err := w.runner.store.EndRun(ctx, id, "failed", "its plan ended without it"); err != nil {
			return err
		}
	}
	return nil
}

// turnsPerSweep bounds the jobs that one sweep inserts.
const turnsPerSweep = 500

// dealTurns inserts a job for each repository to reconcile and each installation
// to list whose turn has come.
func (r *Runner) dealTurns(ctx context.Context) error {
	return r.inTx(ctx, func(tx pgx.Tx) error {
		repositories, err := r.sync.ReconcileDue(ctx, tx, turnsPerSweep)
		if err != nil {
			return err
		}
		var params []river.InsertManyParams
		for _, id := range repositories {
			params = append(params, river.InsertManyParams{Args: ReconcileArgs{RepositoryID: id}})
		}
		installations, err := r.sync.ListingsDue(ctx, tx, turnsPerSweep)
		if err != nil {
			return err
		}
		for _, id := range installations {
			params = append(params, river.InsertManyParams{Args: ListingArgs{InstallationID: id}})
		}
		if len(params) == 0 {
			return nil
		}
		_, err = r.client.InsertManyTx(ctx, tx, params)
		return wrap(err, "write %d reconcile and listing jobs", len(params))
	})
}

type healWorker struct {
	river.WorkerDefaults[HealArgs]
	runner *Runner
}

// Work asks GitHub what it tried to deliver in vain and where the App is installed.
func (w *healWorker) Work(ctx context.Context, _ *river.Job[HealArgs]) error {
	if err := w.runner.sync.ScanDeliveries(ctx); err != nil {
		w.runner.config.Logger.WarnContext(ctx, "scan of deliveries failed", "err", err)
	}
	return w.runner.sync.SyncInstallations(ctx)
}

type housekeepingWorker struct {
	river.WorkerDefaults[HousekeepingArgs]
	runner *Runner
}

// Work deletes lost repositories after their grace period and prunes the past.
func (w *housekeepingWorker) Work(ctx context.Context, _ *river.Job[HousekeepingArgs]) error {
	if err := w.runner.sync.DeleteLost(ctx); err != nil {
		return err
	}
	_, err := w.runner.store.Prune(ctx, w.runner.config.Retention)
	return err
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
