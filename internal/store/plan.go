package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The statements in this file expect the repository's row lock ([LockRepository])
// unless they say otherwise.

// DropHint forgets the hint if its number is still the one that the plan noted
// and reports whether it is gone.
func DropHint(ctx context.Context, tx pgx.Tx, repositoryID, number int64) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE kgsync.repositories SET hint_sha = '' WHERE id = $1 AND hint_number = $2`, repositoryID, number)
	if err != nil {
		return false, fmt.Errorf("drop hint of repository %d: %w", repositoryID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// DoubtHint keeps the hint that a plan noted by its number for one more look, if the plan
// found another commit, and reports whether it does: not a second time.
func DoubtHint(ctx context.Context, tx pgx.Tx, repositoryID, number int64, found string) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE kgsync.repositories SET hint_doubted = true
		WHERE id = $1 AND hint_number = $2 AND hint_sha NOT IN ('', $3) AND NOT hint_doubted`, repositoryID, number, found)
	if err != nil {
		return false, fmt.Errorf("doubt hint of repository %d: %w", repositoryID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// AcceptGeneration gives the commit the repository's next generation.
func AcceptGeneration(ctx context.Context, tx pgx.Tx, repositoryID int64, commit string) (int64, error) {
	var generation int64
	err := tx.QueryRow(ctx, `
		WITH next AS (UPDATE kgsync.repositories SET generation = generation + 1, commit_sha = $2 WHERE id = $1 RETURNING generation)
		INSERT INTO kgsync.generations (repository_id, generation, commit_sha) SELECT $1, generation, $2 FROM next RETURNING generation`,
		repositoryID, commit).Scan(&generation)
	if err != nil {
		return 0, fmt.Errorf("accept %s as the next generation of repository %d: %w", commit, repositoryID, err)
	}
	return generation, nil
}

// MarkPlanned says that a plan's transaction has written the wanted state of
// the generation, and records the derivation key it used [4][9].
func MarkPlanned(ctx context.Context, tx pgx.Tx, repositoryID, generation int64, key string) error {
	return exec(ctx, tx, "mark generation as planned", `
		WITH g AS (UPDATE kgsync.generations SET planned = true WHERE repository_id = $1 AND generation = $2)
		UPDATE kgsync.repositories SET derivation_key = $3, plan_failures = 0, plan_after = NULL WHERE id = $1`, repositoryID, generation, key)
}

// DelayPlans counts a plan that failed: the sweeper lets the repository rest
// before it plans again, from 15 seconds doubling to 15 minutes, and gives that time.
func DelayPlans(ctx context.Context, tx pgx.Tx, repositoryID int64) (pause time.Duration, err error) {
	err = tx.QueryRow(ctx, `UPDATE kgsync.repositories SET plan_failures = plan_failures + 1,
		plan_after = now() + least(interval '15 seconds' * 2 ^ least(plan_failures, 10), interval '15 minutes') WHERE id = $1
		RETURNING plan_after - now()`, repositoryID).Scan(&pause)
	if err != nil {
		return 0, fmt.Errorf("delay the next plan: %w", err)
	}
	return pause, nil
}

// MarkRetries marks the repository's failed files, or those of them that are
// named, for the next plan, and counts them.
func MarkRetries(ctx context.Context, tx pgx.Tx, repositoryID int64, paths []string) (int, error) {
	tag, err := tx.Exec(ctx, `UPDATE kgsync.files SET retry = true WHERE repository_id = $1 AND failed AND (cardinality($2::text[]) = 0 OR path = ANY($2))`,
		repositoryID, append([]string{}, paths...))
	if err != nil {
		return 0, fmt.Errorf("mark files to retry: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// SetConfigSHA records where .kgsync.yml is known, "" when the followed branch is the
// default one, and forgets the hint that led there. What pushes have said since the
// repository was read stays.
func SetConfigSHA(ctx context.Context, tx pgx.Tx, read *Repository, sha string) error {
	return exec(ctx, tx, "record the configuration's commit", `UPDATE kgsync.repositories SET
		config_sha = $2, default_hint_sha = CASE WHEN default_hint_sha = $3 THEN '' ELSE default_hint_sha END WHERE id = $1`,
		read.ID, sha, read.DefaultHint)
}

// SetDefaultHint leaves where a push moved the default branch while another one is
// followed, "" when it does not say.
func SetDefaultHint(ctx context.Context, tx pgx.Tx, repositoryID int64, sha string) error {
	return exec(ctx, tx, "record a push to the default branch", `UPDATE kgsync.repositories SET default_hint_sha = $2 WHERE id = $1`, repositoryID, sha)
}

// SetSettle schedules a settle without a push of the followed branch. A whole one asks
// for more than the head that pushes have named.
func SetSettle(ctx context.Context, tx pgx.Tx, repositoryID int64, s Settle, whole bool) error {
	return exec(ctx, tx, "schedule settle", `UPDATE kgsync.repositories SET settle_job_id = $2, settle_due_at = $3, settle_since = $4,
		settle_whole = settle_whole OR $5 WHERE id = $1`, repositoryID, s.JobID, s.Due, s.Since, whole)
}

// MarkVerified records that the whole tree of the generation was compared and equal.
// A generation whose wanted state is not written yet is left alone: the rows may be
// those of the commit before, and its own plan compares them. Who was just compared
// need not reconcile soon: the next turn comes after the interval, as in [ReconcileDue].
func MarkVerified(ctx context.Context, tx pgx.Tx, repositoryID, generation int64, commit string, every time.Duration) error {
	return exec(ctx, tx, "mark generation as verified", `
		UPDATE kgsync.repositories SET verified_sha = $3, verified_generation = $2, verified_at = now(),
			reconcile_due_at = now() + $4::interval * (0.75 + random() / 2)
		WHERE id = $1 AND verified_generation <= $2
		  AND EXISTS (SELECT 1 FROM kgsync.generations WHERE repository_id = $1 AND generation = $2 AND planned)`,
		repositoryID, generation, commit, every)
}

// SetQueuedPlan records the River job that will plan, and its run.
func SetQueuedPlan(ctx context.Context, tx pgx.Tx, repositoryID, jobID, runID int64) error {
	return exec(ctx, tx, "record queued plan", `UPDATE kgsync.repositories SET plan_job_id = $2, plan_run_id = $3 WHERE id = $1`, repositoryID, jobID, runID)
}

// ClearQueuedPlan forgets the queued plan.
func ClearQueuedPlan(ctx context.Context, tx pgx.Tx, repositoryID int64) error {
	return exec(ctx, tx, "clear queued plan", `UPDATE kgsync.repositories SET plan_job_id = NULL, plan_run_id = NULL WHERE id = $1`, repositoryID)
}

// ClearSettle forgets the scheduled settle.
func ClearSettle(ctx context.Context, tx pgx.Tx, repositoryID int64) error {
	return exec(ctx, tx, "clear settle", `UPDATE kgsync.repositories SET settle_job_id = NULL, settle_due_at = NULL, settle_since = NULL, settle_whole = false WHERE id = $1`, repositoryID)
}

// TakeLease gives the repository to the plan of a River job until then. It ends
// the run of a plan whose lease ran out; if that one was to read everything again,
// this one is, and TakeLease reports it.
func TakeLease(ctx context.Context, tx pgx.Tx, repositoryID, jobID, runID int64, until time.Time) (full bool, err error) {
	rows, err := tx.Query(ctx, `SELECT u.id, u.full_resync AND NOT u.sealed AND u.finished_at IS NULL FROM kgsync.repositories r JOIN kgsync.runs u ON u.id = r.lease_run_id
		WHERE r.id = $1 AND r.lease_job_id <> $2 AND r.lease_run_id <> $3`, repositoryID, jobID, runID)
	if err != nil {
		return false, fmt.Errorf("read the lease before: %w", err)
	}
	var before int64
	if _, err := pgx.ForEachRow(rows, []any{&before, &full}, func() error { return nil }); err != nil {
		return false, fmt.Errorf("read the lease before: %w", err)
	}
	if full {
		if err := exec(ctx, tx, "take over a full resync", `UPDATE kgsync.runs SET full_resync = true WHERE id = $1`, runID); err != nil {
			return false, err
		}
	}
	if before != 0 {
		if err := endUnsealed(ctx, tx, before, "superseded", "its plan lost the lease to another one"); err != nil {
			return false, err
		}
	}
	return full, exec(ctx, tx, "take lease", `UPDATE kgsync.repositories SET lease_job_id = $2, lease_run_id = $3, lease_until = $4 WHERE id = $1`,
		repositoryID, jobID, runID, until)
}

// RenewLease moves the end of the job's lease and reports whether it still held
// it. It needs no lock.
func (s *Store) RenewLease(ctx context.Context, repositoryID, jobID int64, until time.Time) (bool, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE kgsync.repositories SET lease_until = $3 WHERE id = $1 AND lease_job_id = $2`, repositoryID, jobID, until)
	if err != nil {
		return false, fmt.Errorf("renew lease of repository %d: %w", repositoryID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// DropLease ends the lease if it is still the job's.
func DropLease(ctx context.Context, tx pgx.Tx, repositoryID, jobID int64) error {
	return exec(ctx, tx, "drop lease", `UPDATE kgsync.repositories SET lease_job_id = NULL, lease_run_id = NULL, lease_until = NULL WHERE id = $1 AND lease_job_id = $2`, repositoryID, jobID)
}

func exec(ctx context.Context, tx pgx.Tx, what, sql string, args ...any) error {
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
