package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ReconcileDue gives readable repositories whose turn has come and moves their
// next turn by the interval, more or less a quarter. It leaves out those whose last
// turn has not begun.
func ReconcileDue(ctx context.Context, tx pgx.Tx, every time.Duration, limit int) ([]int64, error) {
	return takeTurns(ctx, tx, "reconcile", "repository_id", `UPDATE kgsync.repositories SET reconcile_due_at = now() + $1::interval * (0.75 + random() / 2)
		WHERE id IN (SELECT r.id FROM kgsync.repositories r JOIN kgsync.installations i ON i.id = r.installation_id AND i.state = 'active'
			WHERE r.lost_access_at IS NULL AND r.reconcile_due_at <= now() ORDER BY r.reconcile_due_at LIMIT $2 FOR UPDATE OF r SKIP LOCKED)
		RETURNING id`, every, limit)
}

// ListingsDue gives active installations whose repositories shall be listed again,
// but those of which a listing is to begin anyway.
func ListingsDue(ctx context.Context, tx pgx.Tx, every time.Duration, limit int) ([]int64, error) {
	return takeTurns(ctx, tx, "listing", "installation_id", `UPDATE kgsync.installations SET listing_due_at = now() + $1::interval * (0.75 + random() / 2)
		WHERE id IN (SELECT id FROM kgsync.installations WHERE state = 'active' AND listing_due_at <= now()
			ORDER BY listing_due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
		RETURNING id`, every, limit)
}

// takeTurns moves turns and gives whose they were, but for those of whom a River job
// of the kind, which names them by an argument, has yet to begin. While GitHub asks us to
// wait such jobs would pile up turn by turn. One that is seen waiting here looks at
// GitHub later than the turn came, so that it is this turn too; one that runs may have
// looked before.
func takeTurns(ctx context.Context, tx pgx.Tx, kind, argument, sql string, every time.Duration, limit int) ([]int64, error) {
	rows, err := tx.Query(ctx, `WITH waiting AS MATERIALIZED (
			SELECT (args ->> $4::text)::bigint AS id FROM river_job WHERE kind = $3 AND state IN ('available', 'scheduled', 'retryable')
		), turns AS (`+sql+`)
		SELECT id FROM turns WHERE NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.id = turns.id)`, every, limit, kind, argument)
	if err != nil {
		return nil, fmt.Errorf("look whose turn it is: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look whose turn it is: %w", err)
	}
	return ids, nil
}
