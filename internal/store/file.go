package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
)

// Task names one file of one run: what a job is about.
type Task struct {
	RunID        int64
	RepositoryID int64
	Path         string
}

// Wanted is what a task has to achieve.
type Wanted struct {
	FullName       string
	InstallationID int64
	Commit         string  // of the wanted generation
	Blob           *string // nil: not known, re-read at Commit
	Mode           string
	Gone           bool
	Key            string // derivation key to apply
	Full           bool   // re-read and re-parse even when equal
	AppliedBlob    *string
	AppliedMode    string
	AppliedKey     string
	Failed         bool
}

// Satisfied reports whether the file's applied state already is the wanted one.
func (w *Wanted) Satisfied() bool {
	return !w.Full && !w.Gone && !w.Failed && w.Blob != nil && w.AppliedBlob != nil &&
		*w.Blob == *w.AppliedBlob && w.Mode == w.AppliedMode && w.Key == w.AppliedKey
}

// Wanted reads the state that the task has to apply. ErrSuperseded when the row
// is gone or wanted by another run: the first of the two checks [3].
func (s *Store) Wanted(ctx context.Context, t Task) (*Wanted, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT r.full_name, r.installation_id, g.commit_sha, f.wanted_blob, f.wanted_mode, f.wanted_gone, f.wanted_key,
		       u.full_resync, f.applied_blob, f.applied_mode, f.applied_key, f.failed
		FROM kgsync.files f
		JOIN kgsync.repositories r ON r.id = f.repository_id
		JOIN kgsync.generations g ON g.repository_id = f.repository_id AND g.generation = f.wanted_generation
		JOIN kgsync.runs u ON u.id = f.wanted_run_id AND u.finished_at IS NULL
		WHERE f.repository_id = $1 AND f.path = $2 AND f.wanted_run_id = $3`, t.RepositoryID, t.Path, t.RunID)
	if err != nil {
		return nil, fmt.Errorf("read wanted state of %s: %w", t.Path, err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Wanted])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrSuperseded
	}
	if err != nil {
		return nil, fmt.Errorf("read wanted state of %s: %w", t.Path, err)
	}
	return w, nil
}

// Cost is what a task's work took.
type Cost struct {
	Attempts int
	Requests int64
	Bytes    int64
}

// Applied is the new state of a file: its bytes' identity and what they say.
type Applied struct {
	Blob, Mode, Key, Commit string
	SizeBytes               int64
	ParserVersion           int
	Document                *parse.Document
}

// ApplyDocument replaces everything that the file says, its applied state and
// the run's outcome in one transaction [5]. ErrSuperseded if the row is no
// longer wanted by the task's run, checked under the row lock [3].
func (s *Store) ApplyDocument(ctx context.Context, t Task, a Applied, c Cost) error {
	return s.apply(ctx, t, func(tx pgx.Tx, row lockedFile) error {
		b := &pgx.Batch{}
		if row.hasFacts {
			deleteFacts(b, row.id)
		}
		counts := insertFacts(b, row.id, t.RepositoryID, a.Document)
		b.Queue(`UPDATE kgsync.files SET wanted_blob = $2, wanted_mode = $3, open_since = NULL, applied_blob = $2, applied_mode = $3,
			applied_key = $4, applied_commit = $5, applied_at = now(), failed = false, error_code = '', error = '',
			kind = $6, skip_reason = $7, size_bytes = $8, parser_version = $9 WHERE id = $1`,
			row.id, a.Blob, a.Mode, a.Key, a.Commit, a.Document.Kind, a.Document.SkipReason, a.SizeBytes, a.ParserVersion)
		b.Queue(`UPDATE kgsync.run_files SET outcome = 'saved', kind = $3, attempts = $4, api_requests = $5, bytes_fetched = $6,
			nodes = $7, edges = $8, classes = $9, properties = $10, axioms = $11, relations = $12, finished_at = clock_timestamp()
			WHERE run_id = $1 AND path = $2`,
			t.RunID, t.Path, a.Document.Kind, c.Attempts, c.Requests, c.Bytes,
			counts.nodes, counts.edges, counts.classes, counts.properties, counts.axioms, counts.relations)
		return tx.SendBatch(ctx, b).Close()
	})
}

// ApplyGone deletes the row, and with it every fact of the file.
func (s *Store) ApplyGone(ctx context.Context, t Task, c Cost) error {
	return s.apply(ctx, t, func(tx pgx.Tx, row lockedFile) error {
		if err := exec(ctx, tx, "delete file", `DELETE FROM kgsync.files WHERE id = $1`, row.id); err != nil {
			return err
		}
		return setOutcome(ctx, tx, t, "deleted", "", "", c)
	})
}

// ApplyUnchanged closes a row whose applied state already is the wanted one.
func (s *Store) ApplyUnchanged(ctx context.Context, t Task, c Cost) error {
	return s.apply(ctx, t, func(tx pgx.Tx, row lockedFile) error {
		if err := exec(ctx, tx, "close row", `UPDATE kgsync.files SET open_since = NULL, failed = false, error_code = '', error = '' WHERE id = $1`, row.id); err != nil {
			return err
		}
		return setOutcome(ctx, tx, t, "unchanged", "", "", c)
	})
}

// ApplyFailure closes a row as failed: its last good facts stay, the path keeps
// counting as failed until a later write applies [4][8].
func (s *Store) ApplyFailure(ctx context.Context, t Task, code, message string, c Cost) error {
	code, message = clean(code), clean(message)
	return s.apply(ctx, t, func(tx pgx.Tx, row lockedFile) error {
		if err := exec(ctx, tx, "mark failed", `UPDATE kgsync.files SET open_since = NULL, failed = true, error_code = $2, error = $3 WHERE id = $1`,
			row.id, code, message); err != nil {
			return err
		}
		return setOutcome(ctx, tx, t, "failed", code, message, c)
	})
}

// Supersede settles a task whose row is no longer its run's.
func (s *Store) Supersede(ctx context.Context, t Task, c Cost) error {
	return s.InTx(ctx, func(tx pgx.Tx) error { return setOutcome(ctx, tx, t, "superseded", "", "", c) })
}

func setOutcome(ctx context.Context, tx pgx.Tx, t Task, outcome, code, message string, c Cost) error {
	return exec(ctx, tx, "write outcome", `UPDATE kgsync.run_files SET outcome = $3, error_code = $4, error = $5, attempts = $6,
		api_requests = $7, bytes_fetched = $8, finished_at = clock_timestamp() WHERE run_id = $1 AND path = $2 AND outcome IS NULL`,
		t.RunID, t.Path, outcome, code, message, c.Attempts, c.Requests, c.Bytes)
}

type lockedFile struct {
	id       int64
	hasFacts bool
}

// apply runs write under the row lock, in a write slot, after the second check
// that the row is still wanted by the task's run [3].
func (s *Store) apply(ctx context.Context, t Task, write func(pgx.Tx, lockedFile) error) error {
	err := s.inWriteSlot(ctx, func(tx pgx.Tx) error {
		var row lockedFile
		err := tx.QueryRow(ctx, `SELECT f.id, f.applied_blob IS NOT NULL FROM kgsync.files f
			JOIN kgsync.runs u ON u.id = f.wanted_run_id AND u.finished_at IS NULL
			WHERE f.repository_id = $1 AND f.path = $2 AND f.wanted_run_id = $3 FOR UPDATE OF f`,
			t.RepositoryID, t.Path, t.RunID).Scan(&row.id, &row.hasFacts)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrSuperseded
		}
		if err != nil {
			return err
		}
		return write(tx, row)
	})
	if err != nil {
		return fmt.Errorf("apply %s: %w", t.Path, err)
	}
	return nil
}
