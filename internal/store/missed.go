package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// MissedDelivery is a delivery that GitHub lists without a success.
type MissedDelivery struct {
	GUID        string
	ID          int64 // of the attempt; what a redelivery is ordered by
	DeliveredAt time.Time
}

// DeliveryScan is how far GitHub's record of deliveries was read.
type DeliveryScan struct {
	Until time.Time // when the newest complete scan began; zero before the first
	Page  string    // where the scan under way goes on; "" if none is
	Begun time.Time // when it began
}

// DeliveryScan reads how far the deliveries were scanned.
func (s *Store) DeliveryScan(ctx context.Context) (DeliveryScan, error) {
	var d DeliveryScan
	err := s.pool.QueryRow(ctx, `SELECT scanned_until, page, begun_at FROM kgsync.delivery_scan`).Scan(&d.Until, &d.Page, &d.Begun)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("read the newest scan of deliveries: %w", err)
	}
	return d, nil
}

// SetDeliveryScan records how far the deliveries were scanned. A late scan takes
// nothing back of a complete one.
func (s *Store) SetDeliveryScan(ctx context.Context, d DeliveryScan) error {
	return s.run(ctx, "record the scan of deliveries", `INSERT INTO kgsync.delivery_scan (scanned_until, page, begun_at) VALUES ($1, $2, $3)
		ON CONFLICT (singleton) DO UPDATE SET scanned_until = greatest(kgsync.delivery_scan.scanned_until, excluded.scanned_until),
			page = excluded.page, begun_at = excluded.begun_at`, d.Until, d.Page, d.Begun)
}

// PutMissed remembers deliveries that we do not have.
func (s *Store) PutMissed(ctx context.Context, list []MissedDelivery) error {
	n := len(list)
	if n == 0 {
		return nil
	}
	guids, ids, at := make([]string, n), make([]int64, n), make([]time.Time, n)
	for i, m := range list {
		guids[i], ids[i], at[i] = m.GUID, m.ID, m.DeliveredAt
	}
	return s.run(ctx, "remember missed deliveries", `
		INSERT INTO kgsync.missed_deliveries (guid, delivery_id, delivered_at, due_at)
		SELECT DISTINCT ON (m.guid) m.guid, m.id, m.at, now() FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS m (guid, id, at)
		WHERE NOT EXISTS (SELECT 1 FROM kgsync.deliveries d WHERE d.guid = m.guid)
		ORDER BY m.guid, m.at
		ON CONFLICT DO NOTHING`, guids, ids, at)
}

// MissedDue forgets what has arrived meanwhile or is older than GitHub keeps it,
// and gives the deliveries to ask for now.
func (s *Store) MissedDue(ctx context.Context, oldest time.Time) ([]MissedDelivery, error) {
	if err := s.run(ctx, "forget deliveries that arrived", `DELETE FROM kgsync.missed_deliveries m
		WHERE m.delivered_at < $1 OR EXISTS (SELECT 1 FROM kgsync.deliveries d WHERE d.guid = m.guid)`, oldest); err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT guid, delivery_id, delivered_at FROM kgsync.missed_deliveries WHERE due_at <= now() ORDER BY delivered_at LIMIT 200`)
	if err != nil {
		return nil, fmt.Errorf("list missed deliveries: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[MissedDelivery])
}

// MissedAgain counts a redelivery; the next is due after 2 minutes, doubling to 4 hours.
func (s *Store) MissedAgain(ctx context.Context, guid string) error {
	return s.run(ctx, "count a redelivery", `UPDATE kgsync.missed_deliveries SET redeliveries = redeliveries + 1,
		due_at = now() + least(interval '2 minutes' * 2 ^ least(redeliveries, 10), interval '4 hours') WHERE guid = $1`, guid)
}

// ForgetMissed gives a delivery up.
func (s *Store) ForgetMissed(ctx context.Context, guid string) error {
	return s.run(ctx, "forget a delivery", `DELETE FROM kgsync.missed_deliveries WHERE guid = $1`, guid)
}

// run executes one statement outside of a transaction.
func (s *Store) run(ctx context.Context, what, sql string, args ...any) error {
	if _, err := s.pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
