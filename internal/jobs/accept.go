package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/webhook"
)

// Accept makes a delivery durable: its GUID, what it changes in the wanted state
// and the jobs that follow are one transaction (invariant 2), which pushes of other
// repositories may share. It implements webhook.Acceptor.
func (r *Runner) Accept(ctx context.Context, d *webhook.Delivery) (webhook.Outcome, error) {
	if d.Event == "push" {
		return r.pushes.accept(ctx, d)
	}
	return r.acceptAlone(ctx, d)
}

// acceptAlone accepts a delivery in a transaction of its own.
func (r *Runner) acceptAlone(ctx context.Context, d *webhook.Delivery) (outcome webhook.Outcome, err error) {
	var c change
	err = r.inTx(ctx, func(tx pgx.Tx) error {
		c = change{}
		outcome, err = r.accept(ctx, tx, d, &c)
		return err
	})
	if err == nil {
		r.sync.SayInstallation(ctx, d.InstallationID, c.was, c.state)
		r.sync.SayLost(ctx, d.InstallationID, c.lost)
	}
	return outcome, err
}

// change is what an event did to its installation, to be said once it is written.
type change struct {
	was, state string
	lost       []string // repositories that were readable before
}

func (r *Runner) accept(ctx context.Context, tx pgx.Tx, d *webhook.Delivery, c *change) (webhook.Outcome, error) {
	if d.Event == "push" {
		outcomes, err := r.acceptKnown(ctx, tx, []*webhook.Delivery{d}, true)
		if err != nil || outcomes[0] != "" {
			return outcomes[0], err
		}
	}
	fresh, err := store.NewDeliveries(ctx, tx, rowOf(d))
	if err != nil {
		return "", err
	}
	if !fresh[d.GUID] {
		return webhook.Duplicate, nil
	}
	// An event may come after the end of its installation: redelivered, or late.
	// What was recorded as the end may be wrong too, so GitHub is asked.
	gone, err := store.InstallationDeleted(ctx, tx, d.InstallationID, d.Event == "installation")
	if err != nil {
		return "", err
	}
	if gone {
		return webhook.Ignored, r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
	}
	switch d.Event {
	case "push":
		return r.acceptNews(ctx, tx, d)
	case "installation":
		err = r.acceptInstallation(ctx, tx, d, c)
	case "installation_repositories":
		err = r.acceptSelection(ctx, tx, d, c)
	case "repository":
		err = r.acceptRepository(ctx, tx, d, c)
	}
	return webhook.Accepted, err
}

func rowOf(d *webhook.Delivery) store.Delivery {
	row := store.Delivery{GUID: d.GUID, Event: d.Event, Action: d.Action}
	if d.Repository != nil {
		row.RepositoryID = d.Repository.ID
	}
	return row
}

// putAtOnce is how many repositories an event may name to have them recorded and
// planned in its transaction. GitHub waits 10 seconds for the answer (docs:
// webhooks/using-webhooks/best-practices-for-using-webhooks); a listing has all the time.
const putAtOnce = 200

// listingPause is how long an installation that names its repositories is believed
// before GitHub lists them: their plans do not wait for it.
const listingPause = time.Minute

// acceptInstallation believes the event for the moment and has the truth listed: at
// once where the event may be late or names many, after a pause for a new installation,
// whose list may only be too short.
func (r *Runner) acceptInstallation(ctx context.Context, tx pgx.Tx, d *webhook.Delivery, c *change) (err error) {
	state := map[string]string{"suspend": "suspended", "deleted": "deleted"}[d.Action]
	if state == "" {
		state = "active"
	}
	if c.was, c.lost, err = store.PutInstallation(ctx, tx, d.InstallationID, d.Account, state); err != nil {
		return err
	}
	c.state = state
	named := d.Added
	if state != "active" || len(named) > putAtOnce {
		named = nil // a deleted one lists what it had
	}
	for _, repo := range named {
		if _, err := r.put(ctx, tx, d.InstallationID, repo, true); err != nil {
			return err
		}
	}
	if d.Action == "unsuspend" || d.Action == "new_permissions_accepted" {
		return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID, Plan: true})
	}
	if c.was == "" && d.Action == "created" && len(named) > 0 {
		return store.ListLater(ctx, tx, d.InstallationID, listingPause)
	}
	return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
}

func (r *Runner) acceptSelection(ctx context.Context, tx pgx.Tx, d *webhook.Delivery, c *change) error {
	for _, repo := range d.Added[:min(len(d.Added), putAtOnce)] { // the listing finds the others
		if _, err := r.put(ctx, tx, d.InstallationID, repo, true); err != nil {
			return err
		}
	}
	for _, repo := range d.Removed {
		lost, err := store.LoseAccessOf(ctx, tx, d.InstallationID, repo.ID)
		if err != nil {
			return err
		}
		c.lost = append(c.lost, lost...)
	}
	if err := r.doubt(ctx, tx, d.InstallationID, c.lost); err != nil {
		return err
	}
	// From all to selected comes with an empty list; events come out of order.
	return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
}

func (r *Runner) acceptRepository(ctx context.Context, tx pgx.Tx, d *webhook.Delivery, c *change) (err error) {
	if d.Action == "deleted" {
		if c.lost, err = store.LoseAccessOf(ctx, tx, d.InstallationID, d.Repository.ID); err != nil {
			return err
		}
		if err := r.doubt(ctx, tx, d.InstallationID, c.lost); err != nil {
			return err
		}
		return r.enqueueListing(ctx, tx, ListingArgs{InstallationID: d.InstallationID})
	}
	_, err = r.put(ctx, tx, d.InstallationID, *d.Repository, true)
	return err
}

// doubt has GitHub asked once more, later than by the listing that follows an event at
// once, if the event took repositories away: it may be late, and the list too.
func (r *Runner) doubt(ctx context.Context, tx pgx.Tx, installation int64, lost []string) error {
	if len(lost) == 0 {
		return nil
	}
	return r.sync.LookAgain(ctx, tx, installation)
}

// put records a repository and reports whether it did; events of installations
// name no default branch. Where another installation holds it, one of the two is
// out of date: both are listed, and what GitHub lists decides; the one that is to gain
// it once more later, as its list may not show it yet.
func (r *Runner) put(ctx context.Context, tx pgx.Tx, installation int64, repo webhook.Repository, plan bool) (bool, error) {
	holder, err := store.OtherHolder(ctx, tx, installation, repo.ID)
	if err != nil {
		return false, err
	}
	if holder != 0 {
		if err := r.enqueueListing(ctx, tx, ListingArgs{InstallationID: holder}); err != nil {
			return false, err
		}
		if err := r.enqueueListing(ctx, tx, ListingArgs{InstallationID: installation}); err != nil {
			return false, err
		}
		return false, r.sync.LookAgain(ctx, tx, installation)
	}
	return true, r.sync.PutRepository(ctx, tx, installation, listed(repo), plan)
}

// enqueueListing has an installation listed after the transaction. Many events of it
// in a row share a listing that has not begun.
func (r *Runner) enqueueListing(ctx context.Context, tx pgx.Tx, args ListingArgs) error {
	waits, err := store.ListingWaits(ctx, tx, args.InstallationID, args.Plan)
	if err != nil || waits {
		return err
	}
	_, err = r.client.InsertTx(ctx, tx, args, nil)
	return wrap(err, "write listing job of installation %d", args.InstallationID)
}
