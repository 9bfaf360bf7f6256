package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
	"github.com/kgsync/kgsync/internal/webhook"
)

// Accept makes a delivery durable: its GUID, what it changes in the wanted state
// and the jobs that follow are one transaction (invariant 2). It implements
// webhook.Acceptor.
func (r *Runner) Accept(ctx context.Context, d *webhook.Delivery) (outcome webhook.Outcome, err error) {
	err = r.inTx(ctx, func(tx pgx.Tx) error {
		outcome = webhook.Accepted
		var repositoryID int64
		if d.Repository != nil {
			repositoryID = d.Repository.ID
		}
		fresh, err := store.NewDelivery(ctx, tx, d.GUID, d.Event, d.Action, repositoryID)
		if err != nil {
			return err
		}
		if !fresh {
			outcome = webhook.Duplicate
			return nil
		}
		// An event may come after the end of its installation: redelivered, or late.
		// What was recorded as the end may be wrong too, so GitHub is asked.
		gone, err := store.InstallationDeleted(ctx, tx, d.InstallationID, d.Event == "installation")
		if err != nil {
			return err
		}
		if gone {
			outcome = webhook.Ignored
			return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
		}
		switch d.Event {
		case "push":
			followed, err := r.acceptPush(ctx, tx, d)
			if !followed {
				outcome = webhook.Ignored
			}
			return err
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
	return outcome, err
}

// acceptPush reports whether the push concerns a branch that is followed.
func (r *Runner) acceptPush(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) (bool, error) {
	if put, err := r.put(ctx, tx, d.InstallationID, *d.Repository, false); err != nil || !put {
		return false, err
	}
	repo, err := store.LockRepository(ctx, tx, d.Repository.ID)
	if err != nil {
		return false, err
	}
	p := reposync.Push{Before: d.Push.Before, After: d.Push.After, Forced: d.Push.Forced, Created: d.Push.Created,
		Deleted: d.Push.Deleted, Commits: d.Push.Commits, MaxFiles: d.Push.MaxFiles, Paths: d.Push.Paths, PathsTruncated: d.Push.PathsTruncated}
	followed := repo.Branch
	if followed == "" {
		followed = repo.DefaultBranch
	}
	switch branch := d.Push.Branch(); {
	case branch == "":
		return false, nil // a tag
	case branch == followed || followed == "":
		return true, r.sync.AcceptPush(ctx, tx, repo, p)
	case branch == repo.DefaultBranch:
		return true, r.sync.AcceptDefaultPush(ctx, tx, repo, p)
	}
	return false, nil
}

// acceptInstallation believes the event for the moment and has the truth listed.
func (r *Runner) acceptInstallation(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	state := map[string]string{"suspend": "suspended", "deleted": "deleted"}[d.Action]
	if state == "" {
		state = "active"
	}
	if err := store.PutInstallation(ctx, tx, d.InstallationID, d.Account, state); err != nil {
		return err
	}
	for _, repo := range d.Added {
		if state != "active" {
			break // a deleted one lists what it had
		}
		if _, err := r.put(ctx, tx, d.InstallationID, repo, true); err != nil {
			return err
		}
	}
	if d.Action == "unsuspend" || d.Action == "new_permissions_accepted" {
		return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID, Plan: true})
	}
	return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
}

func (r *Runner) acceptSelection(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	for _, repo := range d.Added {
		if _, err := r.put(ctx, tx, d.InstallationID, repo, true); err != nil {
			return err
		}
	}
	for _, repo := range d.Removed {
		if err := store.LoseAccessOf(ctx, tx, d.InstallationID, repo.ID); err != nil {
			return err
		}
	}
	// From all to selected comes with an empty list; events come out of order.
	return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
}

func (r *Runner) acceptRepository(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) error {
	if d.Action == "deleted" {
		if err := store.LoseAccessOf(ctx, tx, d.InstallationID, d.Repository.ID); err != nil {
			return err
		}
		return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
	}
	_, err := r.put(ctx, tx, d.InstallationID, *d.Repository, true)
	return err
}

// put records a repository and reports whether it did; events of installations
// name no default branch. Where another installation holds it, one of the two is
// out of date: both are listed, and what GitHub lists decides.
func (r *Runner) put(ctx context.Context, tx pgx.Tx, installation int64, repo webhook.Repository, plan bool) (bool, error) {
	holder, err := store.OtherHolder(ctx, tx, installation, repo.ID)
	if err != nil {
		return false, err
	}
	if holder != 0 {
		if err := r.enqueueListing(ctx, tx, ListingArgs{InstallationID: holder}); err != nil {
			return false, err
		}
		return false, r.enqueueListing(ctx, tx, ListingArgs{InstallationID: installation})
	}
	return true, r.sync.PutRepository(ctx, tx, installation, store.Listed{ID: repo.ID, FullName: repo.FullName, DefaultBranch: repo.DefaultBranch,
		Private: repo.Private, Archived: repo.Archived}, plan)
}

func (r *Runner) enqueueListing(ctx context.Context, tx pgx.Tx, args ListingArgs) error {
	_, err := r.client.InsertTx(ctx, tx, args, nil)
	return wrap(err, "write listing job of installation %d", args.InstallationID)
}
