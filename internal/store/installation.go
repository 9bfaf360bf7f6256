package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// PutInstallation records an installation and its state: active, suspended or
// deleted, and gives what it was, "" if it was unknown. With a deleted one its
// repositories are lost: their names.
func PutInstallation(ctx context.Context, tx pgx.Tx, id int64, account, state string) (was string, lost []string, err error) {
	err = tx.QueryRow(ctx, `
		WITH old AS (SELECT state FROM kgsync.installations WHERE id = $1 FOR NO KEY UPDATE), put AS (
			INSERT INTO kgsync.installations AS i (id, account, state) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET account = coalesce(nullif(excluded.account, ''), i.account), state = excluded.state, updated_at = now())
		SELECT coalesce((SELECT state FROM old), '')`,
		id, account, state).Scan(&was)
	if err != nil {
		return "", nil, fmt.Errorf("record installation %d: %w", id, err)
	}
	if state == "deleted" {
		lost, err = lose(ctx, tx, `installation_id = $1`, id)
	}
	return was, lost, err
}

// lose marks the repositories that the condition chooses as lost and gives the names
// of those that were not.
func lose(ctx context.Context, tx pgx.Tx, condition string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, `UPDATE kgsync.repositories SET lost_access_at = now() WHERE lost_access_at IS NULL AND `+condition+` RETURNING full_name`, args...)
	if err != nil {
		return nil, fmt.Errorf("mark repositories as lost: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("mark repositories as lost: %w", err)
	}
	return names, nil
}

// ListLater puts off the next listing of an installation.
func ListLater(ctx context.Context, tx pgx.Tx, installation int64, pause time.Duration) error {
	return exec(ctx, tx, "put off the next listing", `UPDATE kgsync.installations SET listing_due_at = now() + $2::interval WHERE id = $1`, installation, pause)
}

// ListingWaits reports whether a listing of the installation, with plans if they are
// asked for, is to begin anyway: a River job that has not begun, or was put off, and
// has not failed. The job does not begin before the transaction ends, as River passes
// by rows that are locked: it sees what the transaction writes, and at GitHub what
// the transaction was begun for. One that goes on with a listing does not count, as it
// has left pages behind; nor does one that was written for later.
func ListingWaits(ctx context.Context, tx pgx.Tx, installation int64, plan bool) (bool, error) {
	tag, err := tx.Exec(ctx, `SELECT 1 FROM river_job WHERE kind = 'listing' AND (state = 'available' OR state = 'scheduled' AND attempted_at IS NOT NULL) AND coalesce(cardinality(errors), 0) = 0
		AND (args ->> 'installation_id')::bigint = $1 AND NOT args ? 'page' AND (NOT $2 OR coalesce((args ->> 'plan')::bool, false)) LIMIT 1 FOR SHARE SKIP LOCKED`, installation, plan)
	if err != nil {
		return false, fmt.Errorf("look for a listing of installation %d: %w", installation, err)
	}
	return tag.RowsAffected() > 0, nil
}

// LaterListingWaits reports whether a listing of the installation was written for about
// as much later as the pause.
func LaterListingWaits(ctx context.Context, tx pgx.Tx, installation int64, pause time.Duration) (bool, error) {
	tag, err := tx.Exec(ctx, `SELECT 1 FROM river_job WHERE kind = 'listing' AND state = 'scheduled' AND attempted_at IS NULL AND (args ->> 'installation_id')::bigint = $1
		AND NOT args ? 'page' AND scheduled_at BETWEEN now() + $2::interval * 0.5 AND now() + $2::interval * 1.5 LIMIT 1`, installation, pause)
	if err != nil {
		return false, fmt.Errorf("look for a later listing of installation %d: %w", installation, err)
	}
	return tag.RowsAffected() > 0, nil
}

// InstallationDeleted reports whether the installation was deleted. Its id never
// comes back: GitHub gives a new installation another one. The answer holds until
// the transaction ends; change locks the row for a change, so that two events that
// both mean one do not wait for each other.
func InstallationDeleted(ctx context.Context, tx pgx.Tx, id int64, change bool) (bool, error) {
	lock := "SHARE"
	if change {
		lock = "NO KEY UPDATE"
	}
	rows, err := tx.Query(ctx, `SELECT state = 'deleted' FROM kgsync.installations WHERE id = $1 FOR `+lock, id)
	if err != nil {
		return false, fmt.Errorf("read installation %d: %w", id, err)
	}
	deleted, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return false, fmt.Errorf("read installation %d: %w", id, err)
	}
	return len(deleted) == 1 && deleted[0], nil
}

// OtherHolder gives the active installation, other than the named one, that the
// repository belongs to as far as we know; 0 if there is none.
func OtherHolder(ctx context.Context, tx pgx.Tx, installation, repositoryID int64) (int64, error) {
	rows, err := tx.Query(ctx, `SELECT i.id FROM kgsync.repositories r JOIN kgsync.installations i ON i.id = r.installation_id
		WHERE r.id = $2 AND i.id <> $1 AND i.state = 'active' AND r.lost_access_at IS NULL`, installation, repositoryID)
	if err != nil {
		return 0, fmt.Errorf("look who holds repository %d: %w", repositoryID, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// Revive makes an installation active that was recorded as suspended or deleted
// before the database's time since. It reports whether the record was another one,
// and whether it still is.
func Revive(ctx context.Context, tx pgx.Tx, id int64, since time.Time) (was, is bool, err error) {
	rows, err := tx.Query(ctx, `UPDATE kgsync.installations SET state = CASE WHEN updated_at < $2 THEN 'active' ELSE state END,
		updated_at = CASE WHEN updated_at < $2 THEN now() ELSE updated_at END WHERE id = $1 AND state <> 'active' RETURNING state <> 'active'`, id, since)
	if err != nil {
		return false, false, fmt.Errorf("make installation %d active: %w", id, err)
	}
	still, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return false, false, fmt.Errorf("make installation %d active: %w", id, err)
	}
	return len(still) == 1, len(still) == 1 && still[0], nil
}

// Listed is what GitHub says of a repository. Empty strings are not known.
type Listed struct {
	ID                int64
	FullName          string
	DefaultBranch     string
	Private, Archived bool
}

// PutRepository records what GitHub says about a repository: ids stay, names
// change. It reports whether a plan must look at it: it is new, was lost, or has
// another installation or default branch.
func PutRepository(ctx context.Context, tx pgx.Tx, installation int64, r Listed) (bool, error) {
	_, err := tx.Exec(ctx, `INSERT INTO kgsync.installations (id) VALUES ($1) ON CONFLICT DO NOTHING`, installation)
	if err != nil {
		return false, fmt.Errorf("record installation %d: %w", installation, err)
	}
	var news bool
	err = tx.QueryRow(ctx, `
		WITH old AS (
			SELECT lost_access_at IS NOT NULL OR installation_id <> $2 OR ($4 <> '' AND default_branch NOT IN ('', $4)) AS differs
			FROM kgsync.repositories WHERE id = $1 FOR UPDATE
		), put AS (
			INSERT INTO kgsync.repositories AS r (id, installation_id, full_name, default_branch, private, archived) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET installation_id = excluded.installation_id, full_name = excluded.full_name,
				default_branch = coalesce(nullif(excluded.default_branch, ''), r.default_branch), private = excluded.private,
				archived = excluded.archived, lost_access_at = NULL, listed_at = now()
		)
		SELECT coalesce((SELECT differs FROM old), true)`,
		r.ID, installation, r.FullName, r.DefaultBranch, r.Private, r.Archived).Scan(&news)
	if err != nil {
		return false, fmt.Errorf("record repository %s: %w", r.FullName, err)
	}
	return news, nil
}

// LoseAccess marks a repository whose content can no longer be read, and gives its
// name if it was not lost. Its data stays until [Store.DeleteLost].
func LoseAccess(ctx context.Context, tx pgx.Tx, repositoryID int64) ([]string, error) {
	return lose(ctx, tx, `id = $1`, repositoryID)
}

// LoseAccessOf is LoseAccess unless the repository belongs to another installation. It
// gives the name of one that was not lost.
func LoseAccessOf(ctx context.Context, tx pgx.Tx, installation, repositoryID int64) ([]string, error) {
	return lose(ctx, tx, `id = $2 AND installation_id = $1`, installation, repositoryID)
}

// LoseUnlisted marks the installation's repositories that a complete listing,
// begun at the database's time since, did not name, and gives their names [7].
func LoseUnlisted(ctx context.Context, tx pgx.Tx, installation int64, since time.Time) ([]string, error) {
	return lose(ctx, tx, `installation_id = $1 AND listed_at < $2`, installation, since)
}

// Listed sets an installation's next turn to be listed, now that it was.
func (s *Store) Listed(ctx context.Context, installation int64, every time.Duration) error {
	return s.run(ctx, "set the next listing", `UPDATE kgsync.installations SET listing_due_at = now() + $2::interval * (0.75 + random() / 2) WHERE id = $1`,
		installation, every)
}

// Installations gives the state of each installation that is not deleted.
func (s *Store) Installations(ctx context.Context) (map[int64]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, state FROM kgsync.installations WHERE state <> 'deleted'`)
	if err != nil {
		return nil, fmt.Errorf("list installations: %w", err)
	}
	states := map[int64]string{}
	var id int64
	var state string
	_, err = pgx.ForEachRow(rows, []any{&id, &state}, func() error {
		states[id] = state
		return nil
	})
	return states, err
}

// Now is the database's clock: times that are compared with its own come from it.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := s.pool.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return now, fmt.Errorf("read the database's clock: %w", err)
	}
	return now, nil
}

// lostBatch is how many files of a lost repository, with all that they say, or how
// many of its contents go in one transaction.
const lostBatch = 500

// DeleteLost deletes what repositories said whose access was lost longer ago than
// the grace period, in batches, and gives their names. One that is readable again
// meanwhile is left as it is: the next plan restores it. Trouble with one leaves the
// others their turn, and what is deleted stays so when the context ends.
func (s *Store) DeleteLost(ctx context.Context, grace time.Duration) ([]string, error) {
	ids, err := queryColumn[int64](ctx, s, "list lost repositories",
		`SELECT id FROM kgsync.repositories WHERE lost_access_at < now() - $1::interval ORDER BY id`, grace)
	if err != nil {
		return nil, err
	}
	var deleted []string
	var failed []error
	for _, id := range ids {
		name, err := s.deleteRepository(ctx, id, grace)
		if err != nil {
			failed = append(failed, err)
		}
		if name != "" {
			deleted = append(deleted, name)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return deleted, errors.Join(failed...)
}

// deleteRepository deletes the repository batch by batch and gives its name when
// nothing is left. Each batch looks first, under the row's lock, whether the
// repository still is lost [7].
func (s *Store) deleteRepository(ctx context.Context, id int64, grace time.Duration) (string, error) {
	var name string
	for more := true; more; {
		err := s.InTx(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, `SELECT full_name FROM kgsync.repositories WHERE id = $1 AND lost_access_at < now() - $2::interval FOR UPDATE`, id, grace)
			if err != nil {
				return err
			}
			names, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil || len(names) == 0 {
				more = false
				return err
			}
			if more, err = deleteBatch(ctx, tx, id); err != nil || more {
				return err
			}
			name = names[0]
			_, err = tx.Exec(ctx, `DELETE FROM kgsync.repositories WHERE id = $1`, id)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("delete lost repository %d: %w", id, err)
		}
	}
	return name, nil
}

// deleteBatch deletes a batch of what a repository has and reports whether there was
// any. Its row takes the rest along, so that what may be much must go before: a
// statement over all of it may last longer than the job. Runs that a plan or a job
// may still name stay till then.
func deleteBatch(ctx context.Context, tx pgx.Tx, repositoryID int64) (bool, error) {
	for _, b := range []struct {
		rows int
		sql  string
	}{
		{lostBatch, `DELETE FROM kgsync.files WHERE id IN (SELECT id FROM kgsync.files WHERE repository_id = $1 LIMIT $2)`},
		{lostBatch, `DELETE FROM kgsync.blobs WHERE repository_id = $1 AND sha IN (SELECT sha FROM kgsync.blobs WHERE repository_id = $1 LIMIT $2)`},
		{pruneBatch, `DELETE FROM kgsync.run_files WHERE (run_id, path) IN (
			SELECT rf.run_id, rf.path FROM kgsync.run_files rf JOIN kgsync.runs u ON u.id = rf.run_id
			WHERE u.repository_id = $1 AND u.finished_at IS NOT NULL LIMIT $2)`},
		{pruneBatch, `DELETE FROM kgsync.runs WHERE id IN (
			SELECT u.id FROM kgsync.runs u JOIN kgsync.repositories r ON r.id = u.repository_id
			WHERE r.id = $1 AND u.finished_at IS NOT NULL AND u.id IS DISTINCT FROM r.plan_run_id AND u.id IS DISTINCT FROM r.lease_run_id LIMIT $2)`},
	} {
		tag, err := tx.Exec(ctx, b.sql, repositoryID, b.rows)
		if err != nil {
			return false, err
		}
		if tag.RowsAffected() > 0 {
			return true, forgetSynced(ctx, tx, repositoryID)
		}
	}
	return false, nil
}

// forgetSynced takes back what was said of rows that are deleted: the repository may
// be readable again before the last of them is [4].
func forgetSynced(ctx context.Context, tx pgx.Tx, repositoryID int64) error {
	return exec(ctx, tx, "forget what was synced", `
		WITH g AS (UPDATE kgsync.generations SET planned = false WHERE repository_id = $1 AND planned)
		UPDATE kgsync.repositories SET verified_sha = '', verified_generation = 0, verified_at = NULL WHERE id = $1 AND verified_generation > 0`, repositoryID)
}

// queryColumn runs a query of one column.
func queryColumn[T any](ctx context.Context, s *Store, what, sql string, args ...any) ([]T, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}
