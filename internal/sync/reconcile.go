package sync

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// Reconcile looks at the head of a quiet repository: one conditional request, and
// an answer 304 costs no quota. It ends there if the head is the verified commit, no
// generation was accepted after it and this process would read it the same way;
// everything else gets a plan (docs/architecture.md, healing).
func (s *Syncer) Reconcile(ctx context.Context, repositoryID int64) error {
	repo, err := s.store.Repository(ctx, repositoryID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !repo.Readable() {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.store.UnfinishedRunOf(ctx, repositoryID); !errors.Is(err, store.ErrNotFound) {
		return err // it is being looked at
	}
	current, err := s.current(ctx, repo)
	switch {
	case errors.Is(err, github.ErrSuspended) || errors.Is(err, github.ErrUninstalled):
		s.metrics.reconciles.WithLabelValues("lost_access").Inc()
		return s.installationLost(ctx, repo.InstallationID, err)
	case errors.Is(err, github.ErrNotFound) || errors.Is(err, github.ErrEmptyRepository):
		current = false // renamed, deleted, or another branch: a plan finds out
	case err != nil:
		s.metrics.reconciles.WithLabelValues("error").Inc()
		return err
	}
	if current {
		s.metrics.reconciles.WithLabelValues("current").Inc()
		return nil
	}
	s.metrics.reconciles.WithLabelValues("planned").Inc()
	trigger := "reconcile"
	if !s.opts.derives(repo.DerivationKey) {
		trigger = "derive"
	}
	_, err = s.Resync(ctx, repo.ID, trigger, false)
	return err
}

func (s *Syncer) current(ctx context.Context, repo *store.Repository) (bool, error) {
	if repo.VerifiedGeneration != repo.Generation || repo.VerifiedSHA == "" || repo.Branch == "" || !s.opts.derives(repo.DerivationKey) {
		return false, nil
	}
	if repo.Branch != repo.DefaultBranch && repo.ConfigSHA == "" { // nobody has looked yet whether it still is to be followed
		return false, nil
	}
	var usage github.Usage
	src := s.source(repo.InstallationID, &usage)
	head, err := src.Head(ctx, repo.FullName, repo.Branch, repo.VerifiedSHA)
	if err != nil || head.SHA != repo.VerifiedSHA || repo.ConfigSHA == "" {
		return err == nil && head.SHA == repo.VerifiedSHA, err
	}
	// .kgsync.yml is read on the default branch, which is another one.
	head, err = src.Head(ctx, repo.FullName, repo.DefaultBranch, repo.ConfigSHA)
	return err == nil && head.SHA == repo.ConfigSHA, err
}

// ReconcileDue gives the repositories whose turn to reconcile has come, at most
// limit, and moves their next turn: half an interval of jitter keeps a large
// installation's requests apart.
func (s *Syncer) ReconcileDue(ctx context.Context, tx pgx.Tx, limit int) ([]int64, error) {
	return store.ReconcileDue(ctx, tx, s.opts.ReconcileEvery, limit)
}

// ListingsDue gives the installations whose repositories shall be listed again.
func (s *Syncer) ListingsDue(ctx context.Context, tx pgx.Tx, limit int) ([]int64, error) {
	return store.ListingsDue(ctx, tx, s.opts.ListingEvery, limit)
}
