package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// State is a summary of the whole database.
type State struct {
	OpenFiles, FailedFiles int64
	Repositories           map[string]int64 // by state
}

// State reads the summary.
func (s *Store) State(ctx context.Context) (*State, error) {
	st := &State{Repositories: map[string]int64{}}
	err := s.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM kgsync.files WHERE open_since IS NOT NULL), (SELECT count(*) FROM kgsync.files WHERE failed)`).
		Scan(&st.OpenFiles, &st.FailedFiles)
	if err != nil {
		return nil, fmt.Errorf("count files: %w", err)
	}
	rows, err := s.pool.Query(ctx, `SELECT state, count(*) FROM kg.repositories GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("count repositories: %w", err)
	}
	var name string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		st.Repositories[name] = n
		return nil
	})
	return st, err
}

// JobCount is the number of River jobs of a queue in a state.
type JobCount struct {
	Queue, State string
	Count        int64
}

// OpenJobs counts the River jobs that are not finished.
func (s *Store) OpenJobs(ctx context.Context) ([]JobCount, error) {
	rows, err := s.pool.Query(ctx, `SELECT queue, state::text, count(*) FROM river_job
		WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[JobCount])
}
