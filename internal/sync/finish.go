package sync

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"log/slog"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// Parts are what a Syncer works with. All are needed.
type Parts struct {
	Store *store.Store
	// Source gives an installation's reader whose requests and bytes are added to usage.
	Source     func(installation int64, usage *github.Usage) Source
	Directory  Directory
	Queue      Queue
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// New makes a Syncer.
func New(p Parts, opts Options) *Syncer {
	opts = opts.withDefaults()
	return &Syncer{
		store: p.Store, source: p.Source, directory: p.Directory, queue: p.Queue, log: p.Logger, opts: opts,
		contents: newContents(p.Store, opts), archives: newParked(),
		metrics: newMetrics(p.Registerer, p.Store), configs: &configCache{store: p.Store, known: map[configKey]*repoconfig.Config{}},
	}
}

// FinishRun ends the run if nothing of it is pending and, once, looks back: the
// staged tree of a plan is compared with the tables, which costs no request, and
// an equal one is recorded as verified.
func (s *Syncer) FinishRun(ctx context.Context, runID int64) error {
	finished, err := s.store.FinishRun(ctx, runID)
	if err != nil || !finished {
		return err
	}
	run, err := s.store.Run(ctx, runID)
	if err != nil {
		return err
	}
	s.metrics.run(run)
	if s.opts.DropBlobs {
		if err := s.store.DropBlobs(ctx, run.RepositoryID); err != nil {
			return err
		}
	}
	s.log.InfoContext(ctx, "run finished", "run_id", run.ID, "repo_id", run.RepositoryID, "commit", run.Commit, "trigger", run.Trigger, "state", run.State)
	walked, err := s.store.TreeStaged(ctx, runID)
	if err != nil || !walked {
		return err
	}
	v, err := s.store.CompareTree(ctx, runID, run.RepositoryID, run.DerivationKey)
	if err != nil {
		return err
	}
	s.metrics.verified(v)
	if v.Equal() {
		if err := s.markVerified(ctx, run); err != nil {
			return err
		}
	}
	return s.store.ClearTree(ctx, runID)
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

// Verify reads the head, stages its whole tree and compares it with the tables.
// It changes nothing; a caller that wants the differences healed queues a plan.
func (s *Syncer) Verify(ctx context.Context, repositoryID int64) (*store.Verification, error) {
	repo, err := s.store.Repository(ctx, repositoryID)
	if err != nil {
		return nil, err
	}
	p := &plan{Syncer: s, repo: repo, started: time.Now(), leaseless: true}
	p.src = s.source(repo.InstallationID, &p.usage)
	head, err := p.readHead(ctx)
	if err != nil {
		return nil, err
	}
	// The staging table is keyed by run; a verification borrows a key that no run has.
	stage := -time.Now().UnixNano()
	p.run = &store.Run{ID: stage, RepositoryID: repo.ID, Commit: head}
	defer s.store.ClearTree(context.WithoutCancel(ctx), stage) //nolint:errcheck // the sweeper drops what is left
	if err := p.stageTree(ctx); err != nil {
		return nil, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, err)
	}
	key, config, err := p.loadConfig(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.store.KeepStaged(ctx, stage, config.Selects); err != nil {
		return nil, err
	}
	v, err := s.store.CompareTree(ctx, stage, repo.ID, key)
	if err != nil {
		return nil, err
	}
	if staged, err := s.store.TreeStaged(ctx, stage); err != nil || !staged {
		return nil, fmt.Errorf("verify %s at %s: %w", repo.FullName, head, cmp.Or(err, store.ErrUnstaged))
	}
	s.metrics.verified(v)
	return v, nil
}
