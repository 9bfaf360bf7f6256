package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Run is one pass over a repository: a push's files, a plan's differences.
type Run struct {
	ID            int64
	RepositoryID  int64
	Trigger       string
	State         string
	FullResync    bool
	Whole         bool   // a settle that asks for more than the head that pushes have named
	Generation    *int64 // the pin; nil before
	Commit        string
	DerivationKey string
	HintNumber    int64
	HeadTries     int
	Sealed        bool
	FinishedAt    *time.Time
	CreatedAt     time.Time // of a push: when its webhook was accepted
}

// Ended reports whether the run is over: attempts of an ended run do nothing [3].
func (r *Run) Ended() bool { return r.FinishedAt != nil }

// NewRun records a run in state planning.
func NewRun(ctx context.Context, tx pgx.Tx, repositoryID int64, trigger string, full bool) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `INSERT INTO kgsync.runs (repository_id, trigger, full_resync) VALUES ($1, $2, $3) RETURNING id`,
		repositoryID, trigger, full).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("record %s run of repository %d: %w", trigger, repositoryID, err)
	}
	return id, nil
}

// NewSettle records the run of a repository's settle in state planning.
func NewSettle(ctx context.Context, tx pgx.Tx, r *Repository) (int64, error) {
	id, err := NewRun(ctx, tx, r.ID, "settle", false)
	if err != nil || !r.SettleWhole {
		return id, err
	}
	return id, exec(ctx, tx, "make settle whole", `UPDATE kgsync.runs SET whole = true WHERE id = $1`, id)
}

// Run reads a run. ErrNotFound if there is none.
func (s *Store) Run(ctx context.Context, id int64) (*Run, error) { return readRun(ctx, s.pool, id) }

// ReadRun reads a run inside a transaction.
func ReadRun(ctx context.Context, tx pgx.Tx, id int64) (*Run, error) { return readRun(ctx, tx, id) }

func readRun(ctx context.Context, q querier, id int64) (*Run, error) {
	rows, err := q.Query(ctx, `SELECT id, repository_id, trigger, state, full_resync, whole, generation, commit_sha, derivation_key,
		hint_number, head_tries, sealed, finished_at, created_at FROM kgsync.runs WHERE id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read run %d: %w", id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Run])
	return r, notFound(err, "run %d", id)
}

// PinRun writes the run's generation and commit; late attempts reuse them.
func PinRun(ctx context.Context, tx pgx.Tx, runID, generation int64, commit string, hintNumber int64) error {
	return exec(ctx, tx, "pin run", `UPDATE kgsync.runs SET generation = $2, commit_sha = $3, hint_number = $4,
		started_at = coalesce(started_at, now()) WHERE id = $1`, runID, generation, commit, hintNumber)
}

// ChooseKey records the derivation key of the configuration that chooses among the run's
// staged files, and reports whether it is the only one that does.
func (s *Store) ChooseKey(ctx context.Context, runID int64, key string) (bool, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE kgsync.runs SET derivation_key = $2 WHERE id = $1 AND NOT sealed AND derivation_key IN ('', $2)`, runID, key)
	if err != nil {
		return false, fmt.Errorf("record the derivation key of run %d: %w", runID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// MakeFull turns a queued run into one that ignores equality.
func MakeFull(ctx context.Context, tx pgx.Tx, runID int64, trigger string) error {
	return exec(ctx, tx, "make run full", `UPDATE kgsync.runs SET full_resync = true, trigger = $2 WHERE id = $1 AND generation IS NULL`, runID, trigger)
}

// CountHeadTry counts one read of the head that differed from the hint and
// gives the number of such reads so far.
func (s *Store) CountHeadTry(ctx context.Context, runID int64) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, `UPDATE kgsync.runs SET head_tries = head_tries + 1 WHERE id = $1 RETURNING head_tries`, runID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count head read of run %d: %w", runID, err)
	}
	return n, nil
}

// AddUsage adds requests and bytes that belong to the run, not to one of its files.
// It waits for nobody who writes the run's files.
func (s *Store) AddUsage(ctx context.Context, runID, requests, bytes int64) error {
	if requests == 0 && bytes == 0 {
		return nil
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO kgsync.run_usage (run_id, requests, bytes) VALUES ($1, $2, $3)`, runID, requests, bytes)
	if err != nil {
		return fmt.Errorf("count requests of run %d: %w", runID, err)
	}
	return nil
}

// SealRun says that the run's list of files is complete [6].
func SealRun(ctx context.Context, tx pgx.Tx, runID int64, key string, total, unchanged int) error {
	return exec(ctx, tx, "seal run", `UPDATE kgsync.runs SET sealed = true, state = 'running', derivation_key = $2,
		total_files = $3, unchanged_files = $4, started_at = coalesce(started_at, now()) WHERE id = $1`, runID, key, total, unchanged)
}

// EndRun ends a run that will not finish by itself: superseded, cancelled or
// failed. It does nothing to a run that has ended.
func (s *Store) EndRun(ctx context.Context, runID int64, state, reason string) error {
	return s.InTx(ctx, func(tx pgx.Tx) error { return EndRun(ctx, tx, runID, state, reason) })
}

// EndRun is [Store.EndRun] inside a transaction.
func EndRun(ctx context.Context, tx pgx.Tx, runID int64, state, reason string) error {
	tag, err := tx.Exec(ctx, `UPDATE kgsync.runs SET state = $2, error = $3, finished_at = now() WHERE id = $1 AND finished_at IS NULL`, runID, state, reason)
	if err != nil {
		return fmt.Errorf("end run %d as %s: %w", runID, state, err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	outcome := "superseded"
	if state == "cancelled" {
		outcome = state
	}
	if err := exec(ctx, tx, "settle what was pending", `UPDATE kgsync.run_files SET outcome = $2, finished_at = clock_timestamp()
		WHERE run_id = $1 AND outcome IS NULL`, runID, outcome); err != nil {
		return err
	}
	return writeStatistics(ctx, tx, runID)
}

// CancelRun ends a run on an operator's word. Its files that are still open keep
// their last good facts and count as failed with the code "cancelled", until they
// are retried or change: the progress ends, and nothing looks synced that is not.
// ErrNotFound if there is no such run; a run that has ended is left as it is and
// reported by its state.
func (s *Store) CancelRun(ctx context.Context, runID int64) (state string, err error) {
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		run, err := readRun(ctx, tx, runID)
		if err != nil {
			return err
		}
		if _, err := LockRepository(ctx, tx, run.RepositoryID); err != nil {
			return err
		}
		if err := EndRun(ctx, tx, runID, "cancelled", "an operator cancelled it"); err != nil {
			return err
		}
		if err := exec(ctx, tx, "close cancelled files", `UPDATE kgsync.files SET open_since = NULL, failed = true, error_code = 'cancelled',
			error = 'its run was cancelled; retry the file or resync the repository'
			WHERE repository_id = $1 AND wanted_run_id = $2 AND open_since IS NOT NULL
			  AND EXISTS (SELECT 1 FROM kgsync.runs WHERE id = $2 AND state = 'cancelled')`, run.RepositoryID, runID); err != nil {
			return err
		}
		if err := exec(ctx, tx, "forget the cancelled plan", `UPDATE kgsync.repositories SET
			plan_job_id = CASE WHEN plan_run_id = $2 THEN NULL ELSE plan_job_id END,
			plan_run_id = nullif(plan_run_id, $2),
			lease_job_id = CASE WHEN lease_run_id = $2 THEN NULL ELSE lease_job_id END,
			lease_until = CASE WHEN lease_run_id = $2 THEN NULL ELSE lease_until END,
			lease_run_id = nullif(lease_run_id, $2) WHERE id = $1`, run.RepositoryID, runID); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT state FROM kgsync.runs WHERE id = $1`, runID).Scan(&state)
	})
	if err != nil {
		return "", fmt.Errorf("cancel run %d: %w", runID, err)
	}
	return state, nil
}

// FinishRun ends the run if it is sealed and nothing is pending, and reports
// whether this call did it. Call it after committing an outcome: of two last
// workers the later one to look sees both outcomes [6].
func (s *Store) FinishRun(ctx context.Context, runID int64) (bool, error) {
	var due bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM kgsync.runs u WHERE u.id = $1 AND u.sealed AND u.finished_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM kgsync.run_files f WHERE f.run_id = u.id AND f.outcome IS NULL))`, runID).Scan(&due)
	if err != nil {
		return false, fmt.Errorf("look whether run %d is done: %w", runID, err)
	}
	if !due {
		return false, nil
	}
	finished := false
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE kgsync.runs u SET finished_at = clock_timestamp(),
				state = CASE WHEN EXISTS (SELECT 1 FROM kgsync.run_files f WHERE f.run_id = u.id AND f.outcome = 'failed')
				             THEN 'completed_with_errors' ELSE 'completed' END
			WHERE u.id = $1 AND u.sealed AND u.finished_at IS NULL
			  AND NOT EXISTS (SELECT 1 FROM kgsync.run_files f WHERE f.run_id = u.id AND f.outcome IS NULL)`, runID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		finished = true
		return writeStatistics(ctx, tx, runID)
	})
	if err != nil {
		return false, fmt.Errorf("finish run %d: %w", runID, err)
	}
	return finished, nil
}

// writeStatistics keeps the final statistics with the run, so that they outlive
// its run_files. Nodes are counted distinct over the whole run.
func writeStatistics(ctx context.Context, tx pgx.Tx, runID int64) error {
	return exec(ctx, tx, "write statistics", `
		UPDATE kgsync.runs SET statistics = kgsync.run_statistics(id) || jsonb_build_object('total_nodes', (
			SELECT count(*) FROM (
				SELECT p.name_key FROM kgsync.run_files rf
				JOIN kgsync.files f ON f.repository_id = runs.repository_id AND f.path = rf.path
				JOIN kgsync.pages p ON p.file_id = f.id WHERE rf.run_id = runs.id AND rf.outcome = 'saved'
				UNION
				SELECT l.target_key FROM kgsync.run_files rf
				JOIN kgsync.files f ON f.repository_id = runs.repository_id AND f.path = rf.path
				JOIN kgsync.links l ON l.file_id = f.id WHERE rf.run_id = runs.id AND rf.outcome = 'saved' AND l.kind <> 'block'
			) n))
		WHERE id = $1`, runID)
}

// Statistics gives the run's statistics (docs/sql.md), live while it runs.
func (s *Store) Statistics(ctx context.Context, runID int64) (json.RawMessage, error) {
	var b []byte
	err := s.pool.QueryRow(ctx, `SELECT kgsync.run_statistics($1)`, runID).Scan(&b)
	if err == nil && b == nil {
		err = pgx.ErrNoRows
	}
	return b, notFound(err, "statistics of run %d", runID)
}

// Progress is where a run stands.
type Progress struct {
	RunID               int64    `json:"run_id"`
	Repository          string   `json:"repository"`
	State               string   `json:"state"`
	FilesTotal          int      `json:"files_total"`
	FilesProcessed      int      `json:"files_processed"`
	FilesSucceeded      int      `json:"files_succeeded"`
	FilesFailed         int      `json:"files_failed"`
	CurrentFile         string   `json:"current_file"`
	Errors              []string `json:"errors"`
	KGNodesSaved        int64    `json:"kg_nodes_saved"`
	KGEdgesSaved        int64    `json:"kg_edges_saved"`
	OntoClassesSaved    int64    `json:"onto_classes_saved"`
	OntoPropertiesSaved int64    `json:"onto_properties_saved"`
	OntoAxiomsSaved     int64    `json:"onto_axioms_saved"`
}

// Ended reports whether the run is over.
func (p *Progress) Ended() bool { return p.State != "planning" && p.State != "running" }

// Progress reads where a run stands. ErrNotFound if there is no such run.
func (s *Store) Progress(ctx context.Context, runID int64) (*Progress, error) {
	p := &Progress{RunID: runID}
	err := s.pool.QueryRow(ctx, `
		SELECT r.full_name, u.state, u.total_files, u.unchanged_files + n.done, u.unchanged_files + n.done - n.failed, n.failed,
		       coalesce((SELECT path FROM kgsync.run_files WHERE run_id = u.id AND outcome IS NOT NULL ORDER BY finished_at DESC LIMIT 1), ''),
		       coalesce(ARRAY(SELECT path || ': ' || error FROM kgsync.run_files WHERE run_id = u.id AND outcome = 'failed' ORDER BY path LIMIT 100), '{}'),
		       n.nodes, n.edges, n.classes, n.properties, n.axioms
		FROM kgsync.runs u JOIN kgsync.repositories r ON r.id = u.repository_id
		CROSS JOIN LATERAL (
			SELECT count(*) AS done, count(*) FILTER (WHERE outcome = 'failed') AS failed, coalesce(sum(nodes), 0) AS nodes,
			       coalesce(sum(edges), 0) AS edges, coalesce(sum(classes), 0) AS classes, coalesce(sum(properties), 0) AS properties,
			       coalesce(sum(axioms), 0) AS axioms
			FROM kgsync.run_files WHERE run_id = u.id AND outcome IS NOT NULL) n
		WHERE u.id = $1`, runID).Scan(&p.Repository, &p.State, &p.FilesTotal, &p.FilesProcessed, &p.FilesSucceeded, &p.FilesFailed,
		&p.CurrentFile, &p.Errors, &p.KGNodesSaved, &p.KGEdgesSaved, &p.OntoClassesSaved, &p.OntoPropertiesSaved, &p.OntoAxiomsSaved)
	return p, notFound(err, "run %d", runID)
}

// NewestRun gives the id of the newest run of a repository with the trigger, or
// of any trigger when it is "". ErrNotFound if there is none.
func (s *Store) NewestRun(ctx context.Context, repositoryID int64, trigger string) (int64, error) {
	var id int64
	err := s.pool.QueryRow(ctx, `SELECT id FROM kgsync.runs WHERE ($1 = 0 OR repository_id = $1) AND ($2 = '' OR trigger = $2) ORDER BY id DESC LIMIT 1`,
		repositoryID, trigger).Scan(&id)
	return id, notFound(err, "runs of repository %d", repositoryID)
}

// UnfinishedRunOf gives the oldest run of a repository that has not ended.
// ErrNotFound if there is none.
func (s *Store) UnfinishedRunOf(ctx context.Context, repositoryID int64) (int64, error) {
	var id int64
	err := s.pool.QueryRow(ctx, `SELECT id FROM kgsync.runs WHERE repository_id = $1 AND finished_at IS NULL ORDER BY id LIMIT 1`, repositoryID).Scan(&id)
	return id, notFound(err, "unfinished runs of repository %d", repositoryID)
}
