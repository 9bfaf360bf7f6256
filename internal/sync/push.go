package sync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// Push is what a push webhook says of a branch of a locked repository.
type Push struct {
	Repository               *store.Repository
	Before, After            string
	Forced, Created, Deleted bool
	Commits                  int      // in the payload
	MaxFiles                 int      // the most files that one commit lists
	Paths                    []string // distinct paths added, removed or modified
	PathsTruncated           bool     // Paths is not complete
}

// The limits of the fast path: GitHub cuts commits at 2048 and files of a commit
// at 3000 without saying so (OpenAPI, webhook-push); beyond 200 paths a plan is cheaper.
const (
	maxFastCommits = 2048
	maxFastFiles   = 3000
	maxFastPaths   = 200
)

// AcceptPushes records of different repositories that their heads may have moved:
// every push leaves its `after` as the hint and schedules the settle. An ordinary
// push also gets the next generation and one live job per path it names, in the same
// transaction: that buys latency and proves nothing. Everything else queues a plan.
func (s *Syncer) AcceptPushes(ctx context.Context, tx pgx.Tx, pushes []Push) error {
	settles, err := s.settles(ctx, tx, pushes)
	if err != nil {
		return err
	}
	var accepted []store.FastPush
	for i, p := range pushes {
		paths, fast, err := s.fastPaths(ctx, p)
		switch {
		case err != nil:
			return err
		case fast:
			accepted = append(accepted, store.FastPush{RepositoryID: p.Repository.ID, Generation: p.Repository.Generation + 1, Commit: p.After,
				Key: p.Repository.DerivationKey, Paths: paths, Settle: settles[i]})
			continue
		}
		if err := store.RecordPush(ctx, tx, p.Repository.ID, p.After, settles[i]); err != nil {
			return err
		}
		if _, err := s.RequestPlan(ctx, tx, p.Repository, "push", false); err != nil {
			return err
		}
	}
	if len(accepted) == 0 {
		return nil
	}
	return s.acceptFast(ctx, tx, accepted)
}

// AcceptDefaultPush looks at a push to the default branch of a repository that
// follows another one: only .kgsync.yml matters there. A push that may have
// changed it queues a plan, which waits for its commit. Paths prove nothing, so a
// settle looks in any case; reconcile finds out about a push that was lost.
func (s *Syncer) AcceptDefaultPush(ctx context.Context, tx pgx.Tx, p Push) error {
	repo := p.Repository
	complete := !p.Forced && !p.Created && !p.Deleted && !p.PathsTruncated && p.Before == cmp.Or(repo.DefaultHint, repo.ConfigSHA) &&
		p.Commits > 0 && p.Commits < maxFastCommits && p.MaxFiles < maxFastFiles
	if err := s.settleLater(ctx, tx, repo, true); err != nil {
		return err
	}
	hint := p.After
	if p.Deleted {
		hint = ""
	}
	if err := store.SetDefaultHint(ctx, tx, repo.ID, hint); err != nil {
		return err
	}
	if complete && !slices.Contains(p.Paths, repoconfig.Path) {
		return nil
	}
	_, err := s.RequestPlan(ctx, tx, repo, "config", false)
	return err
}

// fastPaths decides on the fast path and gives the Markdown paths to re-read.
func (s *Syncer) fastPaths(ctx context.Context, p Push) ([]string, bool, error) {
	repo := p.Repository
	leased := repo.LeaseJobID != nil && repo.LeaseUntil != nil && repo.LeaseUntil.After(time.Now())
	if leased || repo.DerivationKey == "" || repo.Commit == "" || repo.Commit != p.Before ||
		p.Forced || p.Created || p.Deleted || p.PathsTruncated ||
		p.Commits == 0 || p.Commits >= maxFastCommits || p.MaxFiles >= maxFastFiles || len(p.Paths) > maxFastPaths {
		return nil, false, nil
	}
	config, err := s.configs.get(ctx, repo.ID, repo.DerivationKey)
	if errors.Is(err, store.ErrNotFound) { // a plan gets it again
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	var selected []string
	for _, path := range p.Paths {
		if repoconfig.IsConfigPath(path) {
			return nil, false, nil
		}
		if config.Selects(path) {
			selected = append(selected, path)
		}
	}
	return selected, true, nil
}

// acceptFast makes the paths wanted and writes a job and a pending outcome for each.
func (s *Syncer) acceptFast(ctx context.Context, tx pgx.Tx, pushes []store.FastPush) error {
	runs, err := store.AcceptFast(ctx, tx, pushes)
	if err != nil {
		return err
	}
	var tasks []store.Task
	for _, p := range pushes {
		run := runs[p.RepositoryID]
		if len(p.Paths) == 0 {
			if err := store.EndRun(ctx, tx, run, "completed", ""); err != nil {
				return err
			}
		}
		for _, path := range p.Paths {
			tasks = append(tasks, store.Task{RunID: run, RepositoryID: p.RepositoryID, Path: path})
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	jobs, err := s.queue.EnqueueFiles(ctx, tx, tasks, Live)
	if err != nil {
		return err
	}
	return store.AddPending(ctx, tx, tasks, jobs)
}
