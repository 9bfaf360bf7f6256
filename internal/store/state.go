package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// State is a summary of the whole database.
type State struct {
	OpenFiles, FailedFiles int64
	OldestOpen             time.Duration    // age of the oldest wanted state that is not applied; 0 without one
	Repositories           map[string]int64 // by state
	OpenRuns               map[string]int64 // by state
}

// State reads the summary.
func (s *Store) State(ctx context.Context) (*State, error) {
	st := &State{}
	var oldest float64
	err := s.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM kgsync.files WHERE open_since IS NOT NULL), (SELECT count(*) FROM kgsync.files WHERE failed),
		(SELECT coalesce(extract(epoch FROM now() - min(g.created_at)), 0)::float8
		 FROM (SELECT repository_id, min(open_since) AS since FROM kgsync.files WHERE open_since IS NOT NULL GROUP BY 1) f
		 JOIN kgsync.generations g ON g.repository_id = f.repository_id AND g.generation = f.since)`).
		Scan(&st.OpenFiles, &st.FailedFiles, &oldest)
	if err != nil {
		return nil, fmt.Errorf("count files: %w", err)
	}
	st.OldestOpen = time.Duration(oldest * float64(time.Second))
	if st.Repositories, err = s.countBy(ctx, `SELECT state, count(*) FROM kg.repositories GROUP BY state`); err != nil {
		return nil, fmt.Errorf("count repositories: %w", err)
	}
	if st.OpenRuns, err = s.countBy(ctx, `SELECT state, count(*) FROM kgsync.runs WHERE finished_at IS NULL GROUP BY state`); err != nil {
		return nil, fmt.Errorf("count runs: %w", err)
	}
	return st, nil
}

// countBy reads rows of a name and a count.
func (s *Store) countBy(ctx context.Context, sql string) (map[string]int64, error) {
	rows, err := s.pool.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	var name string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		counts[name] = n
		return nil
	})
	return counts, err
}

// JobCount is the number of River jobs of a queue in a state, and how long the
// first of them has been due, in seconds; below zero while none is.
type JobCount struct {
	Queue, State string
	Count        int64
	DueSeconds   float64
}

// OpenJobs counts the River jobs that are not finished.
func (s *Store) OpenJobs(ctx context.Context) ([]JobCount, error) {
	rows, err := s.pool.Query(ctx, `SELECT queue, state::text, count(*), extract(epoch FROM now() - min(scheduled_at))::float8 FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[JobCount])
}
