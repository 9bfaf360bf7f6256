package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// needsContent says that the row f is read from bytes that are neither applied nor
// kept: not a deletion, a link or a submodule, nor over the size limit.
const needsContent = `(NOT f.wanted_gone AND f.wanted_mode NOT IN ('120000', '160000') AND f.wanted_size <= @limit
	AND (@full OR NOT EXISTS (SELECT 1 FROM kgsync.blobs b WHERE b.repository_id = f.repository_id AND b.sha = f.wanted_blob))
	AND (@full OR f.failed OR f.applied_blob IS DISTINCT FROM f.wanted_blob OR f.applied_mode <> f.wanted_mode OR f.applied_key <> f.wanted_key))`

// Differences is what a plan has made wanted.
type Differences struct {
	Files           int   // rows
	Missing         int   // of them, those whose bytes must be fetched
	MissingBytes    int64 // of those
	RepositoryBytes int64 // of all files of the tree, Markdown or not
}

func wantedArgs(run *Run, maxFileBytes int64) pgx.NamedArgs {
	return pgx.NamedArgs{"repo": run.RepositoryID, "run": run.ID, "full": run.FullResync, "limit": maxFileBytes}
}

// CountDifferences measures what the run has made wanted.
func CountDifferences(ctx context.Context, tx pgx.Tx, run *Run, maxFileBytes int64) (Differences, error) {
	var d Differences
	err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE missing), coalesce(sum(size) FILTER (WHERE missing), 0),
			coalesce((SELECT sum(bytes) FROM kgsync.tree_walks WHERE run_id = @run), 0)
		FROM (SELECT f.wanted_size AS size, `+needsContent+` AS missing FROM kgsync.files f
			WHERE f.repository_id = @repo AND f.wanted_run_id = @run) w`, wantedArgs(run, maxFileBytes)).
		Scan(&d.Files, &d.Missing, &d.MissingBytes, &d.RepositoryBytes)
	if err != nil {
		return d, fmt.Errorf("count the differences of run %d: %w", run.ID, err)
	}
	return d, nil
}

// CountAgain lets Postgres know how many files there are now. Nobody else tells it
// in time: with the statistics of an empty table it would read the whole table for
// each group of a first sync.
func CountAgain(ctx context.Context, tx pgx.Tx) error {
	return exec(ctx, tx, "count files and outcomes", `ANALYZE (SKIP_LOCKED) kgsync.files, kgsync.run_files`)
}

// Difference is one row that a plan has made wanted.
type Difference struct {
	Path    string
	Size    int64
	Missing bool // its bytes must be fetched
	Derive  bool // only what its bytes are read with has changed
}

// EachDifference pages through what the run has made wanted: new contents first,
// then the files whose facts are newest. It holds one page at a time [10].
func EachDifference(ctx context.Context, tx pgx.Tx, run *Run, maxFileBytes int64, page int, yield func([]Difference) error) error {
	if _, err := tx.Exec(ctx, `DECLARE differences NO SCROLL CURSOR FOR SELECT f.path, f.wanted_size, `+needsContent+`,
			NOT @full AND NOT f.wanted_gone AND NOT f.failed AND f.applied_blob IS NOT DISTINCT FROM f.wanted_blob AND f.applied_mode = f.wanted_mode
		FROM kgsync.files f WHERE f.repository_id = @repo AND f.wanted_run_id = @run
		ORDER BY f.applied_at DESC NULLS FIRST, f.path`, wantedArgs(run, maxFileBytes)); err != nil {
		return fmt.Errorf("list the differences of run %d: %w", run.ID, err)
	}
	for {
		rows, err := tx.Query(ctx, fmt.Sprintf(`FETCH %d FROM differences`, page))
		if err != nil {
			return fmt.Errorf("list the differences of run %d: %w", run.ID, err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Difference])
		if err != nil {
			return fmt.Errorf("list the differences of run %d: %w", run.ID, err)
		}
		if len(list) > 0 {
			if err := yield(list); err != nil {
				return err
			}
		}
		if len(list) < page {
			return exec(ctx, tx, "close the list of differences", `CLOSE differences`)
		}
	}
}

// AddMissing lists the run's files whose bytes must be fetched as pending on one job.
func AddMissing(ctx context.Context, tx pgx.Tx, run *Run, maxFileBytes, job int64) error {
	args := wantedArgs(run, maxFileBytes)
	args["job"] = job
	return exec(ctx, tx, "list files to fetch", `INSERT INTO kgsync.run_files (run_id, path, job_id)
		SELECT @run, f.path, @job FROM kgsync.files f WHERE f.repository_id = @repo AND f.wanted_run_id = @run AND `+needsContent+`
		ON CONFLICT (run_id, path) DO UPDATE SET job_id = excluded.job_id, outcome = NULL`, args)
}

// Awaited gives the wanted blobs, by path, of those of the paths that still wait
// for the job.
func (s *Store) Awaited(ctx context.Context, runID, job int64, paths []string) (map[string]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT f.path, f.wanted_blob FROM unnest($3::text[]) AS a (path)
		JOIN kgsync.runs u ON u.id = $1 AND u.finished_at IS NULL
		JOIN kgsync.files f ON f.repository_id = u.repository_id AND f.path = a.path AND f.wanted_run_id = u.id AND f.wanted_blob IS NOT NULL
		JOIN kgsync.run_files rf ON rf.run_id = u.id AND rf.path = f.path AND rf.job_id = $2 AND rf.outcome IS NULL`, runID, job, paths)
	if err != nil {
		return nil, fmt.Errorf("look which files of run %d are awaited: %w", runID, err)
	}
	awaited := make(map[string]string, len(paths))
	var path, blob string
	if _, err := pgx.ForEachRow(rows, []any{&path, &blob}, func() error {
		awaited[path] = blob
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look which files of run %d are awaited: %w", runID, err)
	}
	return awaited, nil
}

// Waiting lists files of a run that wait for the job, at most limit.
func Waiting(ctx context.Context, tx pgx.Tx, runID, job int64, limit int) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT path FROM kgsync.run_files WHERE run_id = $1 AND job_id = $2 AND outcome IS NULL ORDER BY path LIMIT $3`, runID, job, limit)
	if err != nil {
		return nil, fmt.Errorf("list files of run %d that wait: %w", runID, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// HandOver lets other jobs settle files of a run that waited for one.
func HandOver(ctx context.Context, tx pgx.Tx, runID, from int64, paths []string, jobs []int64) error {
	return exec(ctx, tx, "hand files over to their jobs", `UPDATE kgsync.run_files rf SET job_id = v.job
		FROM unnest($3::text[], $4::bigint[]) AS v (path, job)
		WHERE rf.run_id = $1 AND rf.path = v.path AND rf.job_id = $2 AND rf.outcome IS NULL`, runID, from, paths, jobs)
}

// HoldRun keeps the run from ending until the transaction does, and reports whether
// it has not ended yet. Whoever writes several of its outcomes calls it first.
func HoldRun(ctx context.Context, tx pgx.Tx, runID int64) (bool, error) {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM kgsync.runs WHERE id = $1 AND finished_at IS NULL FOR SHARE`, runID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("hold run %d: %w", runID, err)
	}
	return true, nil
}

// SupersedeRest settles those of the group's files that another run wants now.
func (s *Store) SupersedeRest(ctx context.Context, g Group) error {
	return s.InTx(ctx, func(tx pgx.Tx) error {
		if open, err := HoldRun(ctx, tx, g.RunID); err != nil || !open {
			return err
		}
		return exec(ctx, tx, "settle superseded files", `UPDATE kgsync.run_files rf SET outcome = 'superseded', finished_at = clock_timestamp()
			WHERE rf.run_id = $1 AND rf.path = ANY ($3) AND rf.outcome IS NULL
			  AND NOT EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = $2 AND f.path = rf.path AND f.wanted_run_id = rf.run_id)`,
			g.RunID, g.RepositoryID, g.Paths)
	})
}
