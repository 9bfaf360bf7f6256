package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// Lifecycle events may be lost or come out of order, so they are hints as pushes
// are: what GitHub lists is the truth, and only a complete listing takes a
// repository away [7].

// SyncInstallations makes our installations those that GitHub lists. The
// repositories of new ones, and of those that are readable again, are listed and
// planned.
func (s *Syncer) SyncInstallations(ctx context.Context) error {
	known, err := s.store.Installations(ctx)
	if err != nil {
		return err
	}
	for info, err := range s.directory.Installations(ctx) {
		if err != nil {
			return fmt.Errorf("list the App's installations: %w", err)
		}
		state := "active"
		if info.Suspended {
			state = "suspended"
		}
		if known[info.ID] != state {
			if err := s.setInstallation(ctx, info.ID, info.Account, state); err != nil {
				return err
			}
		}
		delete(known, info.ID)
	}
	for id := range known {
		if err := s.setInstallation(ctx, id, "", "deleted"); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain is how long after an installation or a repository was taken away, or went
// over, GitHub is asked once more: events and answers may be old, and a 404 may pass.
const lookAgain = time.Minute

// LookAgain has an installation listed once more after a while.
func (s *Syncer) LookAgain(ctx context.Context, tx pgx.Tx, installation int64) error {
	return s.queue.EnqueueListing(ctx, tx, installation, false, lookAgain)
}

func (s *Syncer) setInstallation(ctx context.Context, id int64, account, state string) error {
	var was string
	var lost []string
	err := s.store.InTx(ctx, func(tx pgx.Tx) (err error) {
		if was, lost, err = store.PutInstallation(ctx, tx, id, account, state); err != nil {
			return err
		}
		switch {
		case state == "active":
			return s.queue.EnqueueListing(ctx, tx, id, true, 0)
		case was != state:
			return s.LookAgain(ctx, tx, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.SayInstallation(ctx, id, was, state)
	s.SayLost(ctx, id, lost)
	return nil
}

// SayInstallation logs what has become of an installation.
func (s *Syncer) SayInstallation(ctx context.Context, id int64, was, state string) {
	if was != state {
		s.log.InfoContext(ctx, "installation changed", "installation_id", id, "state", state)
	}
}

// SayLost logs that repositories of an installation have become unreadable.
func (s *Syncer) SayLost(ctx context.Context, id int64, names []string) {
	for _, name := range names {
		s.log.WarnContext(ctx, "access to a repository is lost; its data is deleted after the grace period",
			"installation_id", id, "repository", name, "grace", s.opts.Grace)
	}
}

// Listing is a comparison of an installation's repositories with what GitHub lists.
type Listing struct {
	InstallationID int64
	Plan           bool      // all of them, not only new and returned ones
	Page           string    // where it goes on; "" at the beginning
	Begun          time.Time // the database's time then; zero at the beginning
}

// SyncInstallation makes an installation's repositories those that GitHub lists:
// new and returned ones are planned, those that a complete listing lacks are lost.
// After the checkpoint time it gives what is left to do.
func (s *Syncer) SyncInstallation(ctx context.Context, l Listing) (rest *Listing, err error) {
	now, id, start := time.Now(), l.InstallationID, l.Page
	if l.Begun.IsZero() {
		if l.Begun, err = s.store.Now(ctx); err != nil {
			return nil, err
		}
	}
	for repo, err := range s.directory.Repositories(ctx, id, l.Page) {
		if err != nil {
			return nil, s.listingFailed(ctx, id, err)
		}
		if l.Page = repo.Page; l.Page != start && time.Since(now) > s.opts.CheckpointTime {
			return &l, nil
		}
		if err := s.putListed(ctx, id, repo, l.Plan); err != nil {
			return nil, err
		}
	}
	return nil, s.listed(ctx, id, l.Begun)
}

// listed ends a complete listing that began at the database's time begun.
func (s *Syncer) listed(ctx context.Context, id int64, begun time.Time) error {
	var lost []string
	err := s.store.InTx(ctx, func(tx pgx.Tx) (err error) {
		if lost, err = store.LoseUnlisted(ctx, tx, id, begun); err != nil || len(lost) == 0 {
			return err
		}
		return s.LookAgain(ctx, tx, id)
	})
	if err != nil {
		return err
	}
	s.SayLost(ctx, id, lost)
	if err := s.revive(ctx, id, begun); err != nil {
		return err
	}
	return s.store.Listed(ctx, id, s.opts.ListingEvery)
}

// revive corrects an installation that was recorded as unreadable before GitHub
// listed it completely: a late event said so, or an error that passed. Where it was
// recorded so meanwhile, one of the two is out of date.
func (s *Syncer) revive(ctx context.Context, id int64, begun time.Time) error {
	revived := false
	err := s.store.InTx(ctx, func(tx pgx.Tx) error {
		was, is, err := store.Revive(ctx, tx, id, begun)
		revived = was && !is
		switch {
		case err != nil || !was:
			return err
		case is:
			return s.LookAgain(ctx, tx, id)
		}
		return s.queue.EnqueueListing(ctx, tx, id, true, 0)
	})
	if err == nil && revived {
		s.log.InfoContext(ctx, "installation is readable after all", "installation_id", id)
	}
	return err
}

func (s *Syncer) listingFailed(ctx context.Context, id int64, err error) error {
	if errors.Is(err, github.ErrSuspended) || errors.Is(err, github.ErrUninstalled) {
		return s.installationLost(ctx, id, err)
	}
	return fmt.Errorf("list repositories of installation %d: %w", id, err)
}

// installationLost records what an answer said of the installation.
func (s *Syncer) installationLost(ctx context.Context, id int64, cause error) error {
	state := "suspended"
	if errors.Is(cause, github.ErrUninstalled) {
		state = "deleted"
	}
	s.log.WarnContext(ctx, "installation can no longer be read", "installation_id", id, "state", state, "err", cause)
	return s.setInstallation(ctx, id, "", state)
}

// putListed records a repository; plan says that nothing is known of what happened
// since the last time, as after a suspension. One that another installation had goes
// over; as this list may be the older one, both are listed again.
func (s *Syncer) putListed(ctx context.Context, installation int64, r github.Repository, plan bool) error {
	err := s.store.InTx(ctx, func(tx pgx.Tx) error {
		holder, err := store.OtherHolder(ctx, tx, installation, r.ID)
		if err != nil {
			return err
		}
		if holder != 0 {
			for _, id := range []int64{holder, installation} {
				if err := s.LookAgain(ctx, tx, id); err != nil {
					return err
				}
			}
		}
		return s.PutRepository(ctx, tx, installation, store.Listed{ID: r.ID, FullName: r.FullName, DefaultBranch: r.DefaultBranch,
			Private: r.Private, Archived: r.Archived}, false)
	})
	if err == nil && plan {
		_, err = s.Resync(ctx, r.ID, "install", false)
	}
	return err
}

// PutRepository records what GitHub says of a repository and plans it if that is
// news, or in any case when asked to. What the plan reads may be older than what was
// said, another default branch above all: a settle looks again. A repository that no
// plan has been asked for has no past that a read could show.
func (s *Syncer) PutRepository(ctx context.Context, tx pgx.Tx, installation int64, r store.Listed, plan bool) error {
	news, err := store.PutRepository(ctx, tx, installation, r)
	if err != nil || !news && !plan {
		return err
	}
	repo, err := store.LockRepository(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if begun := repo.Branch != "" || repo.PlanJobID != nil || repo.LeaseJobID != nil; begun {
		if err := s.settleLater(ctx, tx, repo, true); err != nil {
			return err
		}
	}
	_, err = s.RequestPlan(ctx, tx, repo, "install", false)
	return err
}

// AccessLost ends the run of a task or plan whose installation can no longer be
// read. The rows stay open: the plan that follows a return of access serves them.
func (s *Syncer) AccessLost(ctx context.Context, repositoryID, runID int64, cause error) error {
	repo, err := s.store.Repository(ctx, repositoryID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.installationLost(ctx, repo.InstallationID, cause); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := store.LockRepository(ctx, tx, repositoryID); err != nil {
			return err
		}
		return store.EndRun(ctx, tx, runID, "superseded", cause.Error())
	})
}

// DeleteLost deletes what repositories said whose access was lost longer ago than
// the grace period, and says so.
func (s *Syncer) DeleteLost(ctx context.Context) error {
	names, err := s.store.DeleteLost(ctx, s.opts.Grace)
	for _, name := range names {
		s.metrics.deleted.Inc()
		s.log.WarnContext(ctx, "deleted the data of a repository: its access was lost and the grace period is over", "repository", name, "grace", s.opts.Grace)
	}
	return err
}
