package sync

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// Push is what a push webhook says of the followed branch.
type Push struct {
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

// AcceptPush records that the head may have moved: every push leaves its `after`
// as the hint and schedules the settle. An ordinary push also gets the next
// generation and one live job per path it names, in the same transaction: that
// buys latency and proves nothing. Everything else queues a plan. The repository
// must be locked.
func (s *Syncer) AcceptPush(ctx context.Context, tx pgx.Tx, repo *store.Repository, p Push) error {
	if err := store.SetHint(ctx, tx, repo.ID, p.After); err != nil {
		return err
	}
	if err := s.requestSettle(ctx, tx, repo); err != nil {
		return err
	}
	paths, fast, err := s.fastPaths(ctx, repo, p)
	if err != nil {
		return err
	}
	if !fast {
		_, err := s.RequestPlan(ctx, tx, repo, "push", false)
		return err
	}
	return s.acceptFast(ctx, tx, repo, p.After, paths)
}

// AcceptDefaultPush looks at a push to the default branch of a repository that
// follows another one: only .kgsync.yml matters there. A push that may have
// changed it queues a plan; reconcile finds out about one that was lost. The
// repository must be locked.
func (s *Syncer) AcceptDefaultPush(ctx context.Context, tx pgx.Tx, repo *store.Repository, p Push) error {
	complete := !p.Forced && !p.Created && !p.Deleted && !p.PathsTruncated && p.Before == repo.ConfigSHA &&
		p.Commits > 0 && p.Commits < maxFastCommits && p.MaxFiles < maxFastFiles
	if complete && !slices.Contains(p.Paths, repoconfig.Path) {
		return nil
	}
	_, err := s.RequestPlan(ctx, tx, repo, "config", false)
	return err
}

// fastPaths decides on the fast path and gives the Markdown paths to re-read.
func (s *Syncer) fastPaths(ctx context.Context, repo *store.Repository, p Push) ([]string, bool, error) {
	leased := repo.LeaseJobID != nil && repo.LeaseUntil != nil && repo.LeaseUntil.After(time.Now())
	if leased || repo.DerivationKey == "" || repo.Commit == "" || repo.Commit != p.Before ||
		p.Forced || p.Created || p.Deleted || p.PathsTruncated ||
		p.Commits == 0 || p.Commits >= maxFastCommits || p.MaxFiles >= maxFastFiles || len(p.Paths) > maxFastPaths {
		return nil, false, nil
	}
	config, err := s.configs.get(ctx, repo.ID, repo.DerivationKey)
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

func (s *Syncer) acceptFast(ctx context.Context, tx pgx.Tx, repo *store.Repository, commit string, paths []string) error {
	generation, err := store.AcceptGeneration(ctx, tx, repo.ID, commit)
	if err != nil {
		return err
	}
	runID, err := store.NewRun(ctx, tx, repo.ID, "push", false)
	if err != nil {
		return err
	}
	if err := store.PinRun(ctx, tx, runID, generation, commit, 0); err != nil {
		return err
	}
	run := &store.Run{ID: runID, RepositoryID: repo.ID, Generation: &generation}
	if err := store.SetWantedPaths(ctx, tx, run, repo.DerivationKey, paths); err != nil {
		return err
	}
	if err := s.enqueueLive(ctx, tx, run, paths); err != nil {
		return err
	}
	if err := store.SealRun(ctx, tx, runID, repo.DerivationKey, len(paths), 0); err != nil {
		return err
	}
	if len(paths) == 0 {
		return store.EndRun(ctx, tx, runID, "completed", "")
	}
	return nil
}

// enqueueLive writes a job and a pending outcome for each path.
func (s *Syncer) enqueueLive(ctx context.Context, tx pgx.Tx, run *store.Run, paths []string) error {
	files := newPacker(run.ID, run.RepositoryID, 1)
	for _, path := range paths {
		files.alone(path)
	}
	paths, jobs, err := s.enqueue(ctx, tx, files.take(), Live)
	if err != nil || len(paths) == 0 {
		return err
	}
	return store.AddPending(ctx, tx, run.ID, paths, jobs)
}
