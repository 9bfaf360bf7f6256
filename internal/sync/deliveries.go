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
)

// ScanDeliveries reads what GitHub tried to deliver since the last scan and asks
// it to redeliver every GUID that never arrived, again and again with growing
// distance until one arrives or GitHub has forgotten it. It asks for the
// accepted ones too: an attempt that succeeded for another reason is no work.
func (s *Syncer) ScanDeliveries(ctx context.Context) error {
	begun := time.Now()
	until, err := s.store.DeliveriesScanned(ctx)
	if err != nil {
		return err
	}
	if oldest := begun.Add(-deliveryWindow); until.Before(oldest) {
		until = oldest
	}
	if err := s.collectMissed(ctx, until.Add(-deliveryOverlap)); err != nil {
		return err
	}
	if err := s.store.SetDeliveriesScanned(ctx, begun); err != nil {
		return err
	}
	return s.redeliver(ctx, begun.Add(-deliveryWindow))
}

// collectMissed remembers the deliveries since then that we do not have.
func (s *Syncer) collectMissed(ctx context.Context, since time.Time) error {
	var page []store.MissedDelivery
	flush := func() error {
		err := s.store.PutMissed(ctx, page)
		page = page[:0]
		return err
	}
	for d, err := range s.directory.Deliveries(ctx) {
		if err != nil {
			return fmt.Errorf("list the App's deliveries: %w", err)
		}
		if d.DeliveredAt.Before(since) {
			break
		}
		if !relevant(d.Event) || d.OK() {
			continue
		}
		if page = append(page, store.MissedDelivery{GUID: d.GUID, ID: d.ID, DeliveredAt: d.DeliveredAt}); len(page) == deliveryPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
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
// and reconcile do not need it.
func (s *Syncer) redeliver(ctx context.Context, oldest time.Time) error {
	due, err := s.store.MissedDue(ctx, oldest)
	if err != nil {
		return err
	}
	for _, m := range due {
		err := s.directory.Redeliver(ctx, m.ID)
		var gh *github.Error
		switch {
		case err == nil:
			s.metrics.redelivered.Inc()
			s.log.InfoContext(ctx, "asked for a redelivery", "delivery_id", m.GUID)
			err = s.store.MissedAgain(ctx, m.GUID)
		case errors.As(err, &gh) && (gh.Class == github.Gone || gh.Class == github.Broken):
			s.log.WarnContext(ctx, "a delivery cannot be had again", "delivery_id", m.GUID, "err", err)
			err = s.store.ForgetMissed(ctx, m.GUID)
		}
		if err != nil {
			return fmt.Errorf("redeliver %s: %w", m.GUID, err)
		}
	}
	return nil
}
