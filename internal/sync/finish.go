package sync

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

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
	if err := s.lookBack(ctx, run); err != nil {
		return err
	}
	return s.store.ClearTree(ctx, runID)
}
