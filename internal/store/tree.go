package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// TreeEntry is one file of a listed tree. Config marks a configuration file,
// which is kept for the derivation key and is not a Markdown path.
type TreeEntry struct {
	Path, Blob, Mode string
	Size             int64
	Config           bool
}

// StageTree adds entries of the run's pinned tree to the staging table. A tree
// never changes, so staging an entry twice is harmless.
func (s *Store) StageTree(ctx context.Context, runID int64, entries []TreeEntry) error {
	n := len(entries)
	paths, blobs, modes := make([]string, n), make([]string, n), make([]string, n)
	sizes, configs := make([]int64, n), make([]bool, n)
	for i, e := range entries {
		paths[i], blobs[i], modes[i], sizes[i], configs[i] = clean(e.Path), e.Blob, e.Mode, e.Size, e.Config
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO kgsync.tree_entries (run_id, path, blob, mode, size, config)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bool[]) ON CONFLICT DO NOTHING`,
		runID, paths, blobs, modes, sizes, configs)
	if err != nil {
		return fmt.Errorf("stage %d tree entries of run %d: %w", n, runID, err)
	}
	return nil
}

// Subtree is a directory that a truncated listing leaves to walk.
type Subtree struct{ Path, SHA string }

// StageSubtrees remembers directories to walk.
func (s *Store) StageSubtrees(ctx context.Context, runID int64, trees []Subtree) error {
	paths, shas := make([]string, len(trees)), make([]string, len(trees))
	for i, t := range trees {
		paths[i], shas[i] = t.Path, t.SHA
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO kgsync.tree_walks (run_id, path, sha) SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
		runID, paths, shas)
	if err != nil {
		return fmt.Errorf("stage subtrees of run %d: %w", runID, err)
	}
	return nil
}

// NextSubtree gives a directory still to walk. ErrNotFound when none is left.
func (s *Store) NextSubtree(ctx context.Context, runID int64) (Subtree, error) {
	var t Subtree
	err := s.pool.QueryRow(ctx, `SELECT path, sha FROM kgsync.tree_walks WHERE run_id = $1 AND NOT done ORDER BY path LIMIT 1`, runID).Scan(&t.Path, &t.SHA)
	return t, notFound(err, "subtrees of run %d", runID)
}

// ErrUnstaged says that what was staged of a tree is not there any more. The staging
// tables are not logged: a crash of Postgres empties them, and a client that had no
// statement under way does not hear of it.
var ErrUnstaged = errors.New("the staged tree is gone, as after a crash of Postgres")

// SubtreeDone says that everything below the directory is staged, and how many
// bytes the files of its listing have, Markdown or not. ErrUnstaged if it is not.
func (s *Store) SubtreeDone(ctx context.Context, runID int64, path string, bytes int64) error {
	tag, err := s.pool.Exec(ctx, `UPDATE kgsync.tree_walks SET done = true, bytes = $3 WHERE run_id = $1 AND path = $2`, runID, path, bytes)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrUnstaged
	}
	if err != nil {
		return fmt.Errorf("mark subtree %q of run %d: %w", path, runID, err)
	}
	return nil
}

// ClearTree forgets the staged tree of a run.
func (s *Store) ClearTree(ctx context.Context, runID int64) error {
	return s.InTx(ctx, func(tx pgx.Tx) error {
		if err := exec(ctx, tx, "clear staged tree", `DELETE FROM kgsync.tree_entries WHERE run_id = $1`, runID); err != nil {
			return err
		}
		return exec(ctx, tx, "clear staged subtrees", `DELETE FROM kgsync.tree_walks WHERE run_id = $1`, runID)
	})
}

// StagedConfig lists the staged configuration files.
func (s *Store) StagedConfig(ctx context.Context, runID int64) ([]TreeEntry, error) {
	rows, err := s.pool.Query(ctx, `SELECT path, blob, mode, size, config FROM kgsync.tree_entries WHERE run_id = $1 AND config ORDER BY path`, runID)
	if err != nil {
		return nil, fmt.Errorf("read staged configuration of run %d: %w", runID, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TreeEntry])
}

// KeepStaged drops the staged Markdown paths that the configuration does not
// select. It streams them, so that no repository-sized value is held [10].
func (s *Store) KeepStaged(ctx context.Context, runID int64, selects func(path string) bool) error {
	const page = 5000
	last := ""
	for {
		rows, err := s.pool.Query(ctx, `SELECT path FROM kgsync.tree_entries WHERE run_id = $1 AND NOT config AND path > $2 ORDER BY path LIMIT $3`, runID, last, page)
		if err != nil {
			return fmt.Errorf("read staged paths of run %d: %w", runID, err)
		}
		paths, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("read staged paths of run %d: %w", runID, err)
		}
		var drop []string
		for _, p := range paths {
			if !selects(p) {
				drop = append(drop, p)
			}
		}
		if len(drop) > 0 {
			if _, err := s.pool.Exec(ctx, `DELETE FROM kgsync.tree_entries WHERE run_id = $1 AND NOT config AND path = ANY($2)`, runID, drop); err != nil {
				return fmt.Errorf("drop excluded paths of run %d: %w", runID, err)
			}
		}
		if len(paths) < page {
			return nil
		}
		last = paths[len(paths)-1]
	}
}

// served says that a live job will settle the row f: its outcome is pending and
// its run goes on (attempts of an ended run do nothing).
const served = `EXISTS (SELECT 1 FROM kgsync.run_files rf JOIN kgsync.runs u ON u.id = rf.run_id AND u.finished_at IS NULL
	WHERE rf.run_id = f.wanted_run_id AND rf.path = f.path AND rf.outcome IS NULL)`

// differs says that the row f is not what the entry makes wanted.
func differs(entry string) string {
	return strings.ReplaceAll(`(@full OR f.retry OR f.wanted_gone OR f.wanted_blob IS DISTINCT FROM entry.wanted_blob
		OR f.wanted_mode <> entry.wanted_mode OR f.wanted_key <> entry.wanted_key OR (f.open_since IS NOT NULL AND NOT `+served+`))`, "entry", entry)
}

// SetWantedFromTree compares the staged tree with the *wanted* state of every
// row and makes the differences wanted under the run's generation: another blob,
// mode or derivation key, a path that is new or gone, an open row that no live
// job serves, a retry that an operator asked for, with full everything [3]. It yields the differences in
// the order of their paths and counts the staged paths and those left alone. Rows that
// are equal are not locked: most are, and jobs write them meanwhile. The difference is
// looked for again in a row that is. ErrUnstaged if the tree is not there as a whole: what
// lacks in it would count as gone [7].
func SetWantedFromTree(ctx context.Context, tx pgx.Tx, run *Run, key string) (total, unchanged int, err error) {
	if staged, err := treeStaged(ctx, tx, run.ID); err != nil || !staged {
		return 0, 0, cmp.Or(err, ErrUnstaged)
	}
	args := pgx.NamedArgs{"run": run.ID, "repo": run.RepositoryID, "gen": *run.Generation, "key": key, "full": run.FullResync}
	tag, err := tx.Exec(ctx, `
		INSERT INTO kgsync.files AS f (repository_id, path, wanted_generation, wanted_run_id, wanted_blob, wanted_mode, wanted_size, wanted_key, open_since)
		SELECT @repo, t.path, @gen, @run, t.wanted_blob, t.wanted_mode, t.size, t.wanted_key, @gen
		FROM (SELECT path, blob AS wanted_blob, mode AS wanted_mode, size, @key::text AS wanted_key
			FROM kgsync.tree_entries WHERE run_id = @run AND NOT config) t
		LEFT JOIN kgsync.files f ON f.repository_id = @repo AND f.path = t.path
		WHERE f.id IS NULL OR `+differs("t")+` ORDER BY t.path
		ON CONFLICT (repository_id, path) DO UPDATE SET
			wanted_generation = excluded.wanted_generation, wanted_run_id = excluded.wanted_run_id, wanted_blob = excluded.wanted_blob,
			wanted_mode = excluded.wanted_mode, wanted_size = excluded.wanted_size, wanted_gone = false, wanted_key = excluded.wanted_key,
			open_since = coalesce(f.open_since, excluded.open_since), retry = false
		WHERE `+differs("excluded"), args)
	if err != nil {
		return 0, 0, fmt.Errorf("set wanted state from the tree: %w", err)
	}
	changed := int(tag.RowsAffected())
	// EXCEPT takes one pass over both, whatever Postgres believes of their sizes: it
	// has not yet been told of the rows that this plan has written.
	_, err = tx.Exec(ctx, `
		WITH gone AS MATERIALIZED (
			SELECT path FROM kgsync.files WHERE repository_id = @repo
			EXCEPT SELECT path FROM kgsync.tree_entries WHERE run_id = @run AND NOT config
		)
		UPDATE kgsync.files f SET wanted_generation = @gen, wanted_run_id = @run, wanted_gone = true, wanted_blob = NULL,
			open_since = coalesce(f.open_since, @gen)
		FROM gone WHERE f.repository_id = @repo AND f.path = gone.path
		  AND (NOT f.wanted_gone OR NOT `+served+`)`, args)
	if err != nil {
		return 0, 0, fmt.Errorf("set wanted state of paths that are gone: %w", err)
	}
	var staged int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM kgsync.tree_entries WHERE run_id = @run AND NOT config`, args).Scan(&staged); err != nil {
		return 0, 0, fmt.Errorf("count staged paths: %w", err)
	}
	return staged, staged - changed, nil
}

// AddPending lists files of runs with the River jobs that will settle them.
func AddPending(ctx context.Context, tx pgx.Tx, tasks []Task, jobs []int64) error {
	runs, paths := make([]int64, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		runs[i], paths[i] = t.RunID, t.Path
	}
	return exec(ctx, tx, "list pending files", `
		INSERT INTO kgsync.run_files (run_id, path, job_id) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
		ON CONFLICT (run_id, path) DO UPDATE SET job_id = excluded.job_id, outcome = NULL`, runs, paths, jobs)
}

// AllApplied reports whether every row of the repository is applied without
// trouble: with a plan that found no difference this proves equality.
func AllApplied(ctx context.Context, tx pgx.Tx, repositoryID int64) (bool, error) {
	var dirty bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM kgsync.files WHERE repository_id = $1
		AND (open_since IS NOT NULL OR failed OR applied_blob IS DISTINCT FROM wanted_blob))`, repositoryID).Scan(&dirty)
	if err != nil {
		return false, fmt.Errorf("look for open rows of repository %d: %w", repositoryID, err)
	}
	return !dirty, nil
}

// TreeStaged reports whether the run's whole tree is staged: every directory walked,
// from the root on, which is staged when an attempt begins and at no other time. Where
// it is, no crash has emptied the staging tables since.
func (s *Store) TreeStaged(ctx context.Context, runID int64) (bool, error) {
	return treeStaged(ctx, s.pool, runID)
}

func treeStaged(ctx context.Context, q querier, runID int64) (bool, error) {
	rows, err := q.Query(ctx, `SELECT coalesce(bool_and(done) AND bool_or(path = ''), false) FROM kgsync.tree_walks WHERE run_id = $1`, runID)
	if err != nil {
		return false, fmt.Errorf("look for the staged tree of run %d: %w", runID, err)
	}
	walked, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil {
		return false, fmt.Errorf("look for the staged tree of run %d: %w", runID, err)
	}
	return walked, nil
}
