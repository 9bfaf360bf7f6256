package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Task names one file of one run: what a job is about.
type Task struct {
	RunID        int64
	RepositoryID int64
	Path         string
}

// Wanted is what a task has to achieve.
type Wanted struct {
	Path           string
	FullName       string
	InstallationID int64
	Commit         string  // of the wanted generation
	Blob           *string // nil: not known, re-read at Commit
	Mode           string
	Size           int64 // as the tree lists it, where Blob is known
	Gone           bool
	Key            string // derivation key to apply
	Full           bool   // re-read and re-parse even when equal
	AppliedBlob    *string
	AppliedMode    string
	AppliedKey     string
	Failed         bool
	Stored         []byte // the blob's bytes, compressed, if asked for and kept
}

// Satisfied reports whether the file's applied state already is the wanted one.
func (w *Wanted) Satisfied() bool {
	return !w.Full && !w.Gone && !w.Failed && w.Blob != nil && w.AppliedBlob != nil &&
		*w.Blob == *w.AppliedBlob && w.Mode == w.AppliedMode && w.Key == w.AppliedKey
}

const wantedColumns = `f.path, r.full_name, r.installation_id, g.commit_sha, f.wanted_blob, f.wanted_mode, f.wanted_size, f.wanted_gone, f.wanted_key,
	u.full_resync, f.applied_blob, f.applied_mode, f.applied_key, f.failed`

const wantedTables = `kgsync.files f
	JOIN kgsync.repositories r ON r.id = f.repository_id
	JOIN kgsync.generations g ON g.repository_id = f.repository_id AND g.generation = f.wanted_generation
	JOIN kgsync.runs u ON u.id = f.wanted_run_id AND u.finished_at IS NULL`

// Wanted reads the state that the task has to apply. ErrSuperseded when the row
// is gone or wanted by another run: the first of the two checks [3].
func (s *Store) Wanted(ctx context.Context, t Task) (*Wanted, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+wantedColumns+`, NULL::bytea FROM `+wantedTables+`
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

// WantedGroup reads the states that a group's job has to apply, in the order of
// their paths and with the contents that are kept. What is settled already, by an
// earlier attempt or because it is wanted by another run, is left out.
func (s *Store) WantedGroup(ctx context.Context, g Group) ([]*Wanted, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+wantedColumns+`, b.zstd FROM `+wantedTables+`
		JOIN kgsync.run_files rf ON rf.run_id = u.id AND rf.path = f.path AND rf.outcome IS NULL
		LEFT JOIN kgsync.blobs b ON b.repository_id = f.repository_id AND b.sha = f.wanted_blob
		WHERE f.repository_id = $1 AND f.path = ANY ($2) AND f.wanted_run_id = $3 ORDER BY f.path`, g.RepositoryID, g.Paths, g.RunID)
	if err != nil {
		return nil, fmt.Errorf("read wanted states of a group of run %d: %w", g.RunID, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Wanted])
	if err != nil {
		return nil, fmt.Errorf("read wanted states of a group of run %d: %w", g.RunID, err)
	}
	return list, nil
}

// Group names files of one run that one job brings to their wanted state.
type Group struct {
	RunID        int64
	RepositoryID int64
	Paths        []string // sorted
}
