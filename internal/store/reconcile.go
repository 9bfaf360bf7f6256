package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ReconcileDue gives readable repositories whose turn has come and moves their
// next turn by the interval, more or less a quarter.
func ReconcileDue(ctx context.Context, tx pgx.Tx, every time.Duration, limit int) ([]int64, error) {
	return takeTurns(ctx, tx, `UPDATE kgsync.repositories SET reconcile_due_at = now() + $1::interval * (0.75 + random() / 2)
		WHERE id IN (SELECT r.id FROM kgsync.repositories r JOIN kgsync.installations i ON i.id = r.installation_id AND i.state = 'active'
			WHERE r.lost_access_at IS NULL AND r.reconcile_due_at <= now() ORDER BY r.reconcile_due_at LIMIT $2 FOR UPDATE OF r SKIP LOCKED)
		RETURNING id`, every, limit)
}

// ListingsDue gives active installations whose repositories shall be listed again.
func ListingsDue(ctx context.Context, tx pgx.Tx, every time.Duration, limit int) ([]int64, error) {
	return takeTurns(ctx, tx, `UPDATE kgsync.installations SET listing_due_at = now() + $1::interval * (0.75 + random() / 2)
		WHERE id IN (SELECT id FROM kgsync.installations WHERE state = 'active' AND listing_due_at <= now()
			ORDER BY listing_due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING id`, every, limit)
}

func takeTurns(ctx context.Context, tx pgx.Tx, sql string, every time.Duration, limit int) ([]int64, error) {
	rows, err := tx.Query(ctx, sql, every, limit)
	if err != nil {
		return nil, fmt.Errorf("look whose turn it is: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look whose turn it is: %w", err)
	}
	return ids, nil
}
