package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
	"github.com/kgsync/kgsync/internal/webhook"
)

// acceptKnown accepts those of the pushes, each of another repository, that say
// nothing new of their repositories, and gives the outcomes in order: "" for a push
// that it has left alone. Without wait it also leaves alone those whose repository
// is locked.
func (r *Runner) acceptKnown(ctx context.Context, tx pgx.Tx, list []*webhook.Delivery, wait bool) ([]webhook.Outcome, error) {
	outcomes := make([]webhook.Outcome, len(list))
	said := make([]store.Said, len(list))
	for i, d := range list {
		said[i] = store.Said{Listed: listed(*d.Repository), InstallationID: d.InstallationID}
	}
	known, err := store.LockKnown(ctx, tx, said, wait)
	if err != nil || len(known) == 0 {
		return outcomes, err
	}
	var rows []store.Delivery
	for _, d := range list {
		if known[d.Repository.ID] != nil {
			rows = append(rows, rowOf(d))
		}
	}
	fresh, err := store.NewDeliveries(ctx, tx, rows...)
	if err != nil {
		return outcomes, err
	}
	var moved []reposync.Push
	for i, d := range list {
		repo := known[d.Repository.ID]
		switch {
		case repo == nil:
			continue
		case !fresh[d.GUID]:
			outcomes[i] = webhook.Duplicate
			continue
		}
		p, concerns := pushOf(d, repo)
		outcomes[i] = webhook.Accepted
		switch concerns {
		case followed:
			moved = append(moved, p)
		case defaultBranch:
			if err := r.sync.AcceptDefaultPush(ctx, tx, p); err != nil {
				return outcomes, err
			}
		default:
			outcomes[i] = webhook.Ignored
		}
	}
	if len(moved) == 0 {
		return outcomes, nil
	}
	return outcomes, r.sync.AcceptPushes(ctx, tx, moved)
}

// acceptNews accepts a push that says more of its repository than that it moved.
func (r *Runner) acceptNews(ctx context.Context, tx pgx.Tx, d *webhook.Delivery) (webhook.Outcome, error) {
	if put, err := r.put(ctx, tx, d.InstallationID, *d.Repository, false); err != nil || !put {
		return webhook.Ignored, err
	}
	repo, err := store.LockRepository(ctx, tx, d.Repository.ID)
	if err != nil {
		return "", err
	}
	switch p, concerns := pushOf(d, repo); concerns {
	case followed:
		return webhook.Accepted, r.sync.AcceptPushes(ctx, tx, []reposync.Push{p})
	case defaultBranch:
		return webhook.Accepted, r.sync.AcceptDefaultPush(ctx, tx, p)
	default:
		return webhook.Ignored, nil
	}
}

// concern is what a push is to us.
type concern int

const (
	nothing       concern = iota // a tag, or another branch
	followed                     // the branch that is followed
	defaultBranch                // not followed, but its .kgsync.yml counts
)

func pushOf(d *webhook.Delivery, repo *store.Repository) (reposync.Push, concern) {
	p := reposync.Push{Repository: repo, Before: d.Push.Before, After: d.Push.After, Forced: d.Push.Forced, Created: d.Push.Created,
		Deleted: d.Push.Deleted, Commits: d.Push.Commits, MaxFiles: d.Push.MaxFiles, Paths: d.Push.Paths, PathsTruncated: d.Push.PathsTruncated}
	follows := repo.Branch
	if follows == "" {
		follows = repo.DefaultBranch
	}
	switch branch := d.Push.Branch(); {
	case branch == "":
		return p, nothing
	case branch == follows || follows == "":
		return p, followed
	case branch == repo.DefaultBranch:
		return p, defaultBranch
	}
	return p, nothing
}

// listed is what an event says of a repository.
func listed(r webhook.Repository) store.Listed {
	return store.Listed{ID: r.ID, FullName: r.FullName, DefaultBranch: r.DefaultBranch, Private: r.Private, Archived: r.Archived}
}
