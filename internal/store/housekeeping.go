package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Retention says how long what only explains the past is kept.
type Retention struct {
	Deliveries   time.Duration // never below 3 days: GitHub redelivers for so long
	RunFiles     time.Duration // outcomes of the newest RunFilesRuns runs are kept anyway
	RunFilesRuns int
	Runs         int // per repository
}

// DefaultRetention is a week of deliveries, 30 days or 20 runs of outcomes.
func DefaultRetention() Retention {
	return Retention{Deliveries: 7 * 24 * time.Hour, RunFiles: 30 * 24 * time.Hour, RunFilesRuns: 20, Runs: 1000}
}

// pruneBatch bounds one transaction of the housekeeping.
const pruneBatch = 5000

// Prune deletes, in batches, what is older than the retention, contents that no file
// has any more, and what ended plans and broken-off verifications left in the staging
// tables. It gives the number of rows deleted. Trouble with one table leaves the others
// their turn.
func (s *Store) Prune(ctx context.Context, r Retention) (int64, error) {
	r.Deliveries = max(r.Deliveries, 3*24*time.Hour)
	var total int64
	var failed []error
	for _, p := range []struct {
		what, sql string
		args      []any
	}{
		{"deliveries", `DELETE FROM kgsync.deliveries WHERE guid IN (
			SELECT guid FROM kgsync.deliveries WHERE received_at < now() - $2::interval LIMIT $1)`, []any{r.Deliveries}},
		{"outcomes", `DELETE FROM kgsync.run_files WHERE (run_id, path) IN (
			SELECT rf.run_id, rf.path FROM kgsync.run_files rf JOIN (
				SELECT id, finished_at, row_number() OVER (PARTITION BY repository_id ORDER BY id DESC) AS nth FROM kgsync.runs
			) u ON u.id = rf.run_id
			WHERE u.nth > $3 AND u.finished_at < now() - $2::interval LIMIT $1)`, []any{r.RunFiles, r.RunFilesRuns}},
		{"runs", `DELETE FROM kgsync.runs WHERE id IN (
			SELECT u.id FROM (SELECT id, finished_at, row_number() OVER (PARTITION BY repository_id ORDER BY id DESC) AS nth FROM kgsync.runs) u
			WHERE u.nth > $2 AND u.finished_at < now() - interval '1 day' AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.wanted_run_id = u.id AND f.open_since IS NOT NULL)
			LIMIT $1)`, []any{r.Runs}},
		{"generations", `DELETE FROM kgsync.generations WHERE (repository_id, generation) IN (
			SELECT g.repository_id, g.generation FROM kgsync.generations g
			JOIN kgsync.repositories r ON r.id = g.repository_id
			WHERE g.created_at < now() - interval '1 day' AND g.generation < r.generation
			  AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = g.repository_id AND f.open_since IS NOT NULL)
			  AND NOT EXISTS (SELECT 1 FROM kgsync.runs u WHERE u.repository_id = g.repository_id AND u.finished_at IS NULL)
			  AND EXISTS (SELECT 1 FROM kgsync.generations n WHERE n.repository_id = g.repository_id AND n.generation > g.generation AND n.planned)
			LIMIT $1)`, nil},
		{"configurations", `DELETE FROM kgsync.derivations WHERE (repository_id, key) IN (
			SELECT d.repository_id, d.key FROM kgsync.derivations d JOIN kgsync.repositories r ON r.id = d.repository_id
			WHERE d.key <> r.derivation_key AND d.created_at < now() - interval '1 day'
			  AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = d.repository_id AND f.open_since IS NOT NULL AND f.wanted_key = d.key)
			LIMIT $1)`, nil},
		// A file that changes back within the day finds its content still here.
		{"contents", `DELETE FROM kgsync.blobs WHERE (repository_id, sha) IN (
			SELECT b.repository_id, b.sha FROM kgsync.blobs b WHERE b.stored_at < now() - interval '1 day'
			  AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = b.repository_id AND f.wanted_blob = b.sha)
			  AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = b.repository_id AND f.applied_blob = b.sha)
			LIMIT $1)`, nil},
		{"standings", `DELETE FROM kgsync.github_standings WHERE installation_id IN (
			SELECT installation_id FROM kgsync.github_standings WHERE greatest(reset_here_at, quiet_until) < now() - interval '1 day' LIMIT $1)`, nil},
		{"staged paths", `DELETE FROM kgsync.tree_entries WHERE (run_id, path) IN (
			SELECT t.run_id, t.path FROM kgsync.tree_entries t WHERE ` + leftStaged + ` LIMIT $1)`, nil},
		{"staged directories", `DELETE FROM kgsync.tree_walks WHERE (run_id, path) IN (
			SELECT t.run_id, t.path FROM kgsync.tree_walks t WHERE ` + leftStaged + ` LIMIT $1)`, nil},
	} {
		for {
			tag, err := s.pool.Exec(ctx, p.sql, append([]any{pruneBatch}, p.args...)...)
			if err != nil {
				failed = append(failed, fmt.Errorf("prune %s: %w", p.what, err))
				break
			}
			total += tag.RowsAffected()
			if tag.RowsAffected() < pruneBatch {
				break
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return total, errors.Join(failed...)
}

// leftStaged finds staged rows t that nobody reads any more. A verification's key
// is minus the time it began, in nanoseconds; it takes less than an hour.
const leftStaged = `CASE WHEN t.run_id < 0
	THEN -t.run_id < (extract(epoch FROM now()) - 3600) * 1e9
	ELSE NOT EXISTS (SELECT 1 FROM kgsync.runs u WHERE u.id = t.run_id AND (u.finished_at IS NULL OR u.finished_at > now() - interval '10 minutes')) END`
