package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Delivery is a webhook delivery as it is recorded.
type Delivery struct {
	GUID, Event, Action string
	RepositoryID        int64 // 0 for none
}

// NewDeliveries records webhook deliveries in the transaction that does their work
// and gives the GUIDs of those that are new: a duplicate GUID was committed with its
// work before, and a failed transaction leaves nothing that would swallow a
// redelivery [2].
func NewDeliveries(ctx context.Context, tx pgx.Tx, list ...Delivery) (map[string]bool, error) {
	n := len(list)
	guids, events, actions, repositories := make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
	for i, d := range list {
		guids[i], events[i], actions[i], repositories[i] = d.GUID, d.Event, d.Action, d.RepositoryID
	}
	rows, err := tx.Query(ctx, `INSERT INTO kgsync.deliveries (guid, event, action, repository_id)
		SELECT guid, event, action, nullif(id, 0) FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS v (guid, event, action, id)
		ORDER BY guid ON CONFLICT DO NOTHING RETURNING guid`, guids, events, actions, repositories)
	if err != nil {
		return nil, fmt.Errorf("record %d deliveries: %w", n, err)
	}
	fresh := make(map[string]bool, n)
	var guid string
	if _, err := pgx.ForEachRow(rows, []any{&guid}, func() error {
		fresh[guid] = true
		return nil
	}); err != nil {
		return nil, fmt.Errorf("record %d deliveries: %w", n, err)
	}
	return fresh, nil
}
