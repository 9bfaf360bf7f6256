package sync

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
)

// comparisons is how often a verification compares: a push that comes meanwhile
// changes the tables, and what differs says nothing.
const comparisons = 2

// Verify reads the head, stages its whole tree and compares it with the tables.
// It changes nothing; a caller that wants the differences healed queues a plan. What
// differs while pushes keep coming is pending.
func (s *Syncer) Verify(ctx context.Context, repositoryID int64) (*store.Comparison, error) {
	for n := 1; ; n++ {
		c, moved, err := s.compare(ctx, repositoryID)
		if err != nil {
			return nil, err
		}
		if moved && !c.Equal() {
			if n < comparisons {
				continue
			}
			c.Postpone()
		}
		s.metrics.verified(&c.Verification)
		return c, nil
	}
}

// compare also reports whether the wanted state moved meanwhile.
func (s *Syncer) compare(ctx context.Context, repositoryID int64) (*store.Comparison, bool, error) {
	repo, err := s.store.Repository(ctx, repositoryID)
	if err != nil {
		return nil, false, err
	}
	p := &plan{Syncer: s, repo: repo, started: time.Now(), leaseless: true}
	p.src = s.source(repo.InstallationID, &p.usage)
	head, err := p.readHead(ctx)
	if err != nil {
		return nil, false, err
	}
	// The staging table is keyed by run; a verification borrows a key that no run has.
	stage := -time.Now().UnixNano()
	p.run = &store.Run{ID: stage, RepositoryID: repo.ID, Commit: head}
	defer s.store.ClearTree(context.WithoutCancel(ctx), stage) //nolint:errcheck // the sweeper drops what is left
	if err := p.stageTree(ctx); err != nil {
		return nil, false, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, err)
	}
	key, config, err := p.loadConfig(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := s.store.KeepStaged(ctx, stage, config.Selects); err != nil {
		return nil, false, err
	}
	v, err := s.store.CompareTree(ctx, stage, repo.ID, key)
	if err != nil {
		return nil, false, err
	}
	if staged, err := s.store.TreeStaged(ctx, stage); err != nil || !staged {
		return nil, false, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, cmp.Or(err, store.ErrUnstaged))
	}
	now, err := s.store.Repository(ctx, repositoryID)
	if err != nil {
		return nil, false, err
	}
	return &store.Comparison{Commit: head, Verification: *v}, now.Generation != repo.Generation, nil
}

// lookBack compares the staged tree of a run that ended with the tables and records
// equality. A difference is none of this run's if the wanted state has moved on: the
// next look judges it.
func (s *Syncer) lookBack(ctx context.Context, run *store.Run) error {
	v, err := s.store.CompareTree(ctx, run.ID, run.RepositoryID, run.DerivationKey)
	if err != nil {
		return err
	}
	if v.Equal() {
		s.metrics.verified(v)
		return s.markVerified(ctx, run)
	}
	repo, err := s.store.Repository(ctx, run.RepositoryID)
	if err != nil {
		return err
	}
	if run.Generation == nil || repo.Generation != *run.Generation {
		v.Postpone()
	}
	s.metrics.verified(v)
	if v.Drift() > 0 {
		s.log.WarnContext(ctx, "tables and tree differ after a run: 'kgsync verify --heal' mends it; please report it",
			"repo_id", repo.ID, "repository", repo.FullName, "run_id", run.ID, "commit", run.Commit,
			"missing", v.Missing, "extra", v.Extra, "stale", v.Stale, "paths", v.Paths[:min(len(v.Paths), 10)])
	}
	return nil
}

// markVerified records the equality unless another commit was accepted meanwhile. A
// newer generation of the same commit has the same tree.
func (s *Syncer) markVerified(ctx context.Context, run *store.Run) error {
	return s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, run.RepositoryID)
		if err != nil {
			return err
		}
		equal, err := store.AllApplied(ctx, tx, repo.ID)
		if err != nil || !equal || repo.Commit != run.Commit {
			return err
		}
		return store.MarkVerified(ctx, tx, repo.ID, repo.Generation, run.Commit, s.opts.ReconcileEvery)
	})
}
