package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// NewDelivery records a webhook delivery in the transaction that does its work
// and reports whether it is new: a duplicate GUID was committed with its work
// before, and a failed transaction leaves nothing that would swallow a
// redelivery [2].
func NewDelivery(ctx context.Context, tx pgx.Tx, guid, event, action string, repositoryID int64) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO kgsync.deliveries (guid, event, action, repository_id) VALUES ($1, $2, $3, nullif($4, 0)) ON CONFLICT DO NOTHING`,
		guid, event, action, repositoryID)
	if err != nil {
		return false, fmt.Errorf("record delivery %s: %w", guid, err)
	}
	return tag.RowsAffected() == 1, nil
}
