package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

const (
	// deliveryWindow is how long GitHub keeps deliveries and redelivers them (docs:
	// webhooks/using-webhooks/redelivering-webhooks).
	deliveryWindow = 3 * 24 * time.Hour
	// deliveryOverlap is read again by the next scan: the listing may change while
	// it is read, and an attempt may be listed before its outcome is.
	deliveryOverlap = 2 * time.Minute
	// deliveryPage is how many deliveries are looked up at a time.
	deliveryPage = 100
	// redeliveryTime must be left to order one more.
	redeliveryTime = time.Second
)

// ScanDeliveries reads what GitHub tried to deliver since the last scan and asks
// it to redeliver every GUID that never arrived, again and again with growing
// distance until one arrives or GitHub has forgotten it. It asks for the
// accepted ones too: an attempt that succeeded for another reason is no work.
// What was found is asked for whether or not all could be read.
func (s *Syncer) ScanDeliveries(ctx context.Context) error {
	now := time.Now()
	oldest := now.Add(-deliveryWindow)
	return errors.Join(s.scan(ctx, now, oldest), s.redeliver(ctx, oldest))
}

// scan begins to read GitHub's record or goes on with it. The record is read from
// the newest delivery back to the beginning of the last complete scan, and there may
// be more of it than there is time for. As the newest come first, no time tells what
// such a scan has left out; the page tells it at which it stopped. From there it goes
// on, and what came since it began is the next one's.
func (s *Syncer) scan(ctx context.Context, now, oldest time.Time) error {
	scan, err := s.store.DeliveryScan(ctx)
	if err != nil {
		return err
	}
	if scan.Until.Before(oldest) {
		scan.Until = oldest
	}
	if scan.Page == "" {
		scan.Begun = now
	}
	done, page, err := s.collectMissed(ctx, scan.Page, scan.Until.Add(-deliveryOverlap))
	if done {
		scan.Until = scan.Begun
	}
	scan.Page = page
	return errors.Join(err, s.store.SetDeliveryScan(ctx, scan))
}

// collectMissed remembers the deliveries since then that we do not have, reading
// from a page on for two thirds of the time. It reports whether it has read all, and
// else the page where to go on: "", the first, where it has read nothing, as the page
// may be what GitHub does not know any more.
func (s *Syncer) collectMissed(ctx context.Context, from string, since time.Time) (done bool, page string, err error) {
	reading := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		reading, cancel = context.WithTimeout(ctx, time.Until(end)*2/3)
		defer cancel()
	}
	var missed []store.MissedDelivery
	var failed error
	done = true
	for d, err := range s.directory.Deliveries(reading, from) {
		if err != nil {
			done = false
			if reading.Err() != nil && ctx.Err() == nil {
				s.log.InfoContext(ctx, "there are more deliveries than there is time to read; the next scan goes on")
				break
			}
			failed = fmt.Errorf("list the App's deliveries: %w", err)
			break
		}
		if d.DeliveredAt.Before(since) {
			break
		}
		page = d.Page
		if !relevant(d.Event) || d.OK() {
			continue
		}
		if missed = append(missed, store.MissedDelivery{GUID: d.GUID, ID: d.ID, DeliveredAt: d.DeliveredAt}); len(missed) == deliveryPage {
			if err := s.store.PutMissed(ctx, missed); err != nil {
				return false, from, err
			}
			missed = missed[:0]
		}
	}
	if err := s.store.PutMissed(ctx, missed); err != nil {
		return false, from, errors.Join(failed, err)
	}
	if done {
		page = ""
	}
	return done, page, failed
}

// relevant names the events whose deliveries are recorded.
func relevant(event string) bool {
	switch event {
	case "push", "installation", "installation_repositories", "repository":
		return true
	}
	return false
}

// redeliver orders what is due. One that GitHub no longer has is forgotten: settle
// and reconcile do not need it. One that it cannot send now is due again later, and
// the others have their turn. What is no matter of the one ends the turn.
func (s *Syncer) redeliver(ctx context.Context, oldest time.Time) error {
	due, err := s.store.MissedDue(ctx, oldest)
	if err != nil {
		return err
	}
	for _, m := range due {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < redeliveryTime {
			return nil // the others are due at the next turn
		}
		err := s.directory.Redeliver(ctx, m.ID)
		var gh *github.Error
		known := errors.As(err, &gh)
		switch {
		case err == nil:
			s.metrics.redelivered.Inc()
			s.log.InfoContext(ctx, "asked for a redelivery", "delivery_id", m.GUID)
			err = s.store.MissedAgain(ctx, m.GUID)
		case ctx.Err() != nil, known && gh.Class == github.Wait, errors.Is(err, github.ErrUnauthorized):
		case known && (gh.Class == github.Gone || gh.Class == github.Broken):
			s.log.WarnContext(ctx, "a delivery cannot be had again", "delivery_id", m.GUID, "err", err)
			err = s.store.ForgetMissed(ctx, m.GUID)
		default:
			s.log.WarnContext(ctx, "a redelivery failed", "delivery_id", m.GUID, "err", err)
			err = s.store.MissedAgain(ctx, m.GUID)
		}
		if err != nil {
			return fmt.Errorf("redeliver %s: %w", m.GUID, err)
		}
	}
	return nil
}
