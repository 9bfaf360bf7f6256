package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
	"github.com/kgsync/kgsync/internal/webhook"
)

// Accept makes a delivery durable: its GUID, what it changes in the wanted state
// and the jobs that follow are one transaction (invariant 2). It implements
// webhook.Acceptor.
func (r *Runner) Accept(ctx context.Context, d *webhook.Delivery) error {
	return r.inTx(ctx, func(tx pgx.Tx) error {
		var repositoryID int64
		if d.Repository != nil {
			repositoryID = d.Repository.ID
		}
		fresh, err := store.NewDelivery(ctx, tx, d.GUID, d.Event, d.Action, repositoryID)
		if err != nil || !fresh {
			return err
		}
		switch d.Event {
		case "push":
			return r.acceptPush(ctx, tx, d)
		case "installation":
			return r.acceptInstallation(ctx, tx, d)
		case "installation_repositories":
			return r.acceptSelection(ctx, tx, d)
		case "repository":
			return r.acceptRepository(ctx, tx, d)
		default:
			return nil
		}
	})
}

func (r *Runner) acceptPush(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	if err := put(ctx, tx, d.InstallationID, *d.Repository); err != nil {
		return err
	}
	repo, err := store.LockRepository(ctx, tx, d.Repository.ID)
	if err != nil {
		return err
	}
	branch := repo.Branch
	if branch == "" {
		branch = d.Repository.DefaultBranch
	}
	if d.Push.Branch() == "" || (branch != "" && d.Push.Branch() != branch) {
		return nil
	}
	p := d.Push
	return r.sync.AcceptPush(ctx, tx, repo, reposync.Push{Before: p.Before, After: p.After, Forced: p.Forced, Created: p.Created,
		Deleted: p.Deleted, Commits: p.Commits, MaxFiles: p.MaxFiles, Paths: p.Paths, PathsTruncated: p.PathsTruncated})
}

func (r *Runner) acceptInstallation(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	state := map[string]string{"suspend": "suspended", "deleted": "deleted"}[d.Action]
	if state == "" {
		state = "active"
	}
	if err := store.PutInstallation(ctx, tx, d.InstallationID, d.Account, state); err != nil {
		return err
	}
	if err := r.planEach(ctx, tx, d.InstallationID, d.Added); err != nil || d.Action != "unsuspend" && d.Action != "new_permissions_accepted" {
		return err
	}
	ids, err := store.RepositoriesOf(ctx, tx, d.InstallationID)
	if err != nil {
		return err
	}
	for _, id := range ids { // nothing was delivered meanwhile
		if err := r.plan(ctx, tx, id, "install"); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) acceptSelection(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	if err := r.planEach(ctx, tx, d.InstallationID, d.Added); err != nil {
		return err
	}
	for _, repo := range d.Removed {
		if err := store.LoseAccess(ctx, tx, repo.ID); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) acceptRepository(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	if d.Action == "deleted" {
		return store.LoseAccess(ctx, tx, d.Repository.ID)
	}
	if err := put(ctx, tx, d.InstallationID, *d.Repository); err != nil {
		return err
	}
	return r.plan(ctx, tx, d.Repository.ID, "reconcile")
}

func (r *Runner) planEach(ctx context.Context, tx pgx.Tx, installation int64, list []webhook.Repository) error {
	for _, repo := range list {
		if err := put(ctx, tx, installation, repo); err != nil {
			return err
		}
		if err := r.plan(ctx, tx, repo.ID, "install"); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) plan(ctx context.Context, tx pgx.Tx, repositoryID int64, trigger string) error {
	repo, err := store.LockRepository(ctx, tx, repositoryID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := r.sync.RequestPlan(ctx, tx, repo, trigger, false); err != nil {
		return fmt.Errorf("queue plan of %s: %w", repo.FullName, err)
	}
	return nil
}

func put(ctx context.Context, tx pgx.Tx, installation int64, repo webhook.Repository) error {
	return store.PutRepository(ctx, tx, repo.ID, installation, repo.FullName, repo.DefaultBranch, repo.Private)
}
