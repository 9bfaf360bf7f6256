package jobs

import (
	"context"
	"errors"
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
// turns to reconcile. What may take long comes last.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error {
	settle := func(ctx context.Context) error {
		_, err := w.runner.store.SettleLost(ctx)
		return err
	}
	return inTurn(ctx, settle, w.endAbandoned, w.planNeeded, w.runner.dealTurns, w.finishRuns)
}

func (w *sweepWorker) finishRuns(ctx context.Context) error {
	runs, err := w.runner.store.UnfinishedRuns(ctx)
	if err != nil {
		return err
	}
	return each(ctx, runs, func(id int64) error { return w.runner.sync.FinishRun(ctx, id) })
}

func (w *sweepWorker) endAbandoned(ctx context.Context) error {
	runs, err := w.runner.store.AbandonedPlans(ctx)
	if err != nil {
		return err
	}
	return each(ctx, runs, func(id int64) error { return w.runner.store.EndRun(ctx, id, "failed", "its plan ended without it") })
}

func (w *sweepWorker) planNeeded(ctx context.Context) error {
	repositories, err := w.runner.store.NeedPlan(ctx)
	if err != nil {
		return err
	}
	return each(ctx, repositories, func(id int64) error {
		_, err := w.runner.sync.Resync(ctx, id, "reconcile", false)
		return wrap(err, "plan repository %d", id)
	})
}

// inTurn does all the steps, whatever one of them says, and gives what they said.
// Each has its share of the time that is left: one that waits for a lock or for
// GitHub leaves the others theirs.
func inTurn(ctx context.Context, steps ...func(context.Context) error) error {
	var said []error
	for i, step := range steps {
		said = append(said, inShare(ctx, len(steps)-i, step))
	}
	return errors.Join(append(said, ctx.Err())...)
}

func inShare(ctx context.Context, among int, step func(context.Context) error) error {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(among))
		defer cancel()
	}
	return step(ctx)
}

// each does the same to all, whatever it says of one, until the context ends.
func each(ctx context.Context, ids []int64, do func(int64) error) error {
	var said []error
	for _, id := range ids {
		if ctx.Err() != nil {
			said = append(said, ctx.Err())
			break
		}
		said = append(said, do(id))
	}
	return errors.Join(said...)
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

// Work asks GitHub where the App is installed and what it tried to deliver in vain.
// The first is short and a truth, the second may be long and is a hint.
func (w *healWorker) Work(ctx context.Context, _ *river.Job[HealArgs]) error {
	return inTurn(ctx, w.runner.sync.SyncInstallations, w.runner.sync.ScanDeliveries)
}

type housekeepingWorker struct {
	river.WorkerDefaults[HousekeepingArgs]
	runner *Runner
}

// Work deletes lost repositories after their grace period and prunes the past. What
// there is no time for is left to the next turn.
func (w *housekeepingWorker) Work(ctx context.Context, _ *river.Job[HousekeepingArgs]) error {
	prune := func(ctx context.Context) error {
		_, err := w.runner.store.Prune(ctx, w.runner.config.Retention)
		return err
	}
	return inTurn(ctx, w.runner.sync.DeleteLost, prune)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
