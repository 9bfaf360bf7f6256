package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SettleLost settles files of runs whose River job was discarded, cancelled or
// lost, marks their rows failed if they are still that run's, and gives the runs
// it touched [6]. It locks files before their outcomes, in the order of [Store.Apply].
func (s *Store) SettleLost(ctx context.Context) ([]int64, error) {
	rows, err := s.pool.Query(ctx, `
		WITH lost AS (
			SELECT rf.run_id, rf.path, u.repository_id, coalesce(j.attempt, 0) AS attempts
			FROM kgsync.run_files rf
			JOIN kgsync.runs u ON u.id = rf.run_id
			LEFT JOIN river_job j ON j.id = rf.job_id
			WHERE rf.outcome IS NULL AND u.sealed
			  AND (j.id IS NULL OR (j.state IN ('discarded', 'cancelled', 'completed') AND j.finalized_at < now() - interval '5 seconds'))
			ORDER BY rf.run_id, rf.path LIMIT 1000
		), held AS MATERIALIZED (
			SELECT f.id FROM lost JOIN kgsync.files f USING (repository_id, path) ORDER BY f.repository_id, f.path FOR UPDATE OF f
		), settled AS (
			UPDATE kgsync.run_files rf SET outcome = 'failed', error_code = 'job-lost', attempts = lost.attempts, finished_at = clock_timestamp(),
				error = 'its job was discarded, cancelled or lost; retry the file or resync the repository'
			FROM lost WHERE rf.run_id = lost.run_id AND rf.path = lost.path AND rf.outcome IS NULL AND (SELECT count(*) FROM held) >= 0
			RETURNING rf.run_id
		), marked AS (
			UPDATE kgsync.files f SET open_since = NULL, failed = true, error_code = 'job-lost',
				error = 'its job was discarded, cancelled or lost; retry the file or resync the repository'
			FROM lost WHERE f.repository_id = lost.repository_id AND f.path = lost.path AND f.wanted_run_id = lost.run_id AND f.open_since IS NOT NULL
		)
		SELECT DISTINCT run_id FROM settled`)
	if err != nil {
		return nil, fmt.Errorf("settle lost files: %w", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("settle lost files: %w", err)
	}
	return runs, nil
}

// UnfinishedRuns lists sealed runs that have not ended.
func (s *Store) UnfinishedRuns(ctx context.Context) ([]int64, error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM kgsync.runs WHERE sealed AND finished_at IS NULL ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list unfinished runs: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// deadJob says that the River job whose id stands in the column will never run again.
func deadJob(column string) string {
	return fmt.Sprintf(`(%[1]s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM river_job j WHERE j.id = %[1]s AND j.state NOT IN ('discarded', 'cancelled', 'completed')))`, column)
}

// NeedPlan lists readable repositories whose plan or settle is no longer alive in
// River, that have a hint, or whose last plan failed, and nothing that would look
// at them [6].
func (s *Store) NeedPlan(ctx context.Context) ([]int64, error) {
	return queryColumn[int64](ctx, s, "list repositories that need a plan", `SELECT r.id FROM kgsync.repositories r
		JOIN kgsync.installations i ON i.id = r.installation_id AND i.state = 'active'
		WHERE r.lost_access_at IS NULL AND (r.plan_after IS NULL OR r.plan_after < now()) AND (
			`+deadJob("r.plan_job_id")+` OR `+deadJob("r.settle_job_id")+` OR `+deadJob("r.lease_job_id")+`
			OR ((r.hint_sha <> '' OR r.default_hint_sha <> '' OR r.plan_failures > 0) AND r.plan_job_id IS NULL AND r.settle_job_id IS NULL AND r.lease_job_id IS NULL))
		ORDER BY r.id`)
}

// ForgetDeadJobs clears what a repository remembers of River jobs that are no
// longer alive, under its row lock, and ends the runs that they would have filled.
func ForgetDeadJobs(ctx context.Context, tx pgx.Tx, repositoryID int64) error {
	for _, job := range []struct{ id, run, set string }{
		{"plan_job_id", "plan_run_id", "plan_job_id = NULL, plan_run_id = NULL"},
		{"lease_job_id", "lease_run_id", "lease_job_id = NULL, lease_run_id = NULL, lease_until = NULL"},
		{"settle_job_id", "NULL::bigint", "settle_job_id = NULL, settle_due_at = NULL, settle_since = NULL"},
	} {
		var run *int64
		rows, err := tx.Query(ctx, `SELECT `+job.run+` FROM kgsync.repositories WHERE id = $1 AND `+deadJob(job.id), repositoryID)
		if err != nil {
			return fmt.Errorf("look for a dead %s: %w", job.id, err)
		}
		if run, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[*int64]); errors.Is(err, pgx.ErrNoRows) {
			continue
		} else if err != nil {
			return fmt.Errorf("look for a dead %s: %w", job.id, err)
		}
		if err := exec(ctx, tx, "forget dead "+job.id, `UPDATE kgsync.repositories SET `+job.set+` WHERE id = $1`, repositoryID); err != nil {
			return err
		}
		if run == nil {
			continue
		}
		if err := EndUnsealed(ctx, tx, *run, "its job was discarded, cancelled or lost"); err != nil {
			return err
		}
	}
	return nil
}

// EndUnsealed ends a run that no plan will fill any more; a sealed one goes on.
func EndUnsealed(ctx context.Context, tx pgx.Tx, runID int64, reason string) error {
	return endUnsealed(ctx, tx, runID, "failed", reason)
}

func endUnsealed(ctx context.Context, tx pgx.Tx, runID int64, state, reason string) error {
	run, err := readRun(ctx, tx, runID)
	if errors.Is(err, ErrNotFound) || err == nil && run.Sealed {
		return nil
	}
	if err != nil {
		return err
	}
	return EndRun(ctx, tx, runID, state, reason)
}

// AbandonedPlans lists runs in planning that no repository names as queued or
// leased: their job ended without them.
func (s *Store) AbandonedPlans(ctx context.Context) ([]int64, error) {
	return queryColumn[int64](ctx, s, "list abandoned plans", `SELECT u.id FROM kgsync.runs u JOIN kgsync.repositories r ON r.id = u.repository_id
		WHERE u.finished_at IS NULL AND NOT u.sealed AND u.created_at < now() - interval '1 minute'
		  AND u.id IS DISTINCT FROM r.plan_run_id AND u.id IS DISTINCT FROM r.lease_run_id ORDER BY u.id`)
}

// ReclaimKilled gives back the River jobs and the leadership of a process that
// was killed. It is for the one-process `dev` only: with several processes River's
// rescuer does it, because the others may be alive.
func (s *Store) ReclaimKilled(ctx context.Context) (int64, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'running'`)
	if err == nil {
		_, err = s.pool.Exec(ctx, `DELETE FROM river_leader`)
	}
	if err == nil {
		_, err = s.pool.Exec(ctx, `UPDATE kgsync.repositories SET lease_until = now() WHERE lease_job_id IS NOT NULL`)
	}
	if err != nil {
		return 0, fmt.Errorf("take back the jobs of a killed process: %w", err)
	}
	return tag.RowsAffected(), nil
}
