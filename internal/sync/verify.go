package sync

import (
	"cmp"
	"context"
	"errors"
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
	_, err := s.store.UnfinishedRunOf(ctx, repositoryID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	working := err == nil
	for n := 1; ; n++ {
		c, before, after, err := s.compare(ctx, repositoryID)
		if err != nil {
			return nil, err
		}
		moved := after.Generation != before.Generation
		if moved && !c.Equal() && n < comparisons {
			continue
		}
		if (moved || working) && !c.Equal() {
			c.Postpone()
		}
		// Another head than the accepted one is a push on its way, or a lost one: the
		// operator is told what differs, but no row is wrong.
		s.judge(ctx, after, c, 0, c.Commit == after.Commit)
		return c, nil
	}
}

// judge counts what a comparison has found, and says so if what differs is a fault of
// ours.
func (s *Syncer) judge(ctx context.Context, repo *store.Repository, c *store.Comparison, run int64, ours bool) {
	s.metrics.verified(&c.Verification, ours)
	if ours && c.Drift() > 0 {
		s.log.WarnContext(ctx, "tables and tree differ: 'kgsync verify --heal' mends it; please report it",
			"repo_id", repo.ID, "repository", repo.FullName, "run_id", run, "commit", c.Commit,
			"missing", c.Missing, "extra", c.Extra, "stale", c.Stale, "paths", c.Paths[:min(len(c.Paths), 10)])
	}
}

// compare also gives the repository as it was before and after.
func (s *Syncer) compare(ctx context.Context, repositoryID int64) (c *store.Comparison, repo, after *store.Repository, err error) {
	if repo, err = s.store.Repository(ctx, repositoryID); err != nil {
		return nil, nil, nil, err
	}
	p := &plan{Syncer: s, repo: repo, started: time.Now(), leaseless: true}
	p.src = s.source(repo.InstallationID, &p.usage)
	head, err := p.readHead(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	// The staging table is keyed by run; a verification borrows a key that no run has.
	stage := -time.Now().UnixNano()
	p.run = &store.Run{ID: stage, RepositoryID: repo.ID, Commit: head}
	defer s.store.ClearTree(context.WithoutCancel(ctx), stage) //nolint:errcheck // the sweeper drops what is left
	if err := p.stageTree(ctx); err != nil {
		return nil, nil, nil, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, err)
	}
	key, config, err := p.loadConfig(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := s.store.KeepStaged(ctx, stage, config.Selects); err != nil {
		return nil, nil, nil, err
	}
	v, err := s.store.CompareTree(ctx, stage, repo.ID, key)
	if err != nil {
		return nil, nil, nil, err
	}
	if staged, err := s.store.TreeStaged(ctx, stage); err != nil || !staged {
		return nil, nil, nil, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, cmp.Or(err, store.ErrUnstaged))
	}
	after, err = s.store.Repository(ctx, repositoryID)
	return &store.Comparison{Commit: head, Verification: *v}, repo, after, err
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
		s.metrics.verified(v, true)
		return s.markVerified(ctx, run)
	}
	repo, err := s.store.Repository(ctx, run.RepositoryID)
	if err != nil {
		return err
	}
	if run.Generation == nil || repo.Generation != *run.Generation {
		v.Postpone()
	}
	s.judge(ctx, repo, &store.Comparison{Commit: run.Commit, Verification: *v}, run.ID, true)
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
