package sync

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
)

// Retry queues a plan that takes up the repository's failed files, or those of
// them that are named, and gives its run and how many they are. With none to
// retry nothing is queued and the run is 0.
func (s *Syncer) Retry(ctx context.Context, repositoryID int64, paths []string) (run int64, files int, err error) {
	err = s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := lockAlive(ctx, tx, repositoryID)
		if err != nil {
			return err
		}
		if files, err = store.MarkRetries(ctx, tx, repositoryID, paths); err != nil || files == 0 {
			return err
		}
		run, err = s.RequestPlan(ctx, tx, repo, "admin", false)
		return err
	})
	return run, files, err
}

// Cancel ends a run and gives its state, which is not "cancelled" if it had ended
// before (see [store.Store.CancelRun]).
func (s *Syncer) Cancel(ctx context.Context, runID int64) (string, error) {
	return s.store.CancelRun(ctx, runID)
}
