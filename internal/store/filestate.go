package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// FileState is one row of kg.files.
type FileState struct {
	Path  string `json:"path"`
	State string `json:"state"`
	Kind  string `json:"kind"`
	Error string `json:"error,omitempty"`
}

// EachFile streams the files of a repository, of one state or of all when it is "".
func (s *Store) EachFile(ctx context.Context, repositoryID int64, state string, yield func(FileState) error) error {
	rows, err := s.pool.Query(ctx, `SELECT path, state, kind, coalesce(error, '') FROM kg.files
		WHERE repository_id = $1 AND ($2 = '' OR state = $2) ORDER BY path`, repositoryID, state)
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	var f FileState
	_, err = pgx.ForEachRow(rows, []any{&f.Path, &f.State, &f.Kind, &f.Error}, func() error { return yield(f) })
	return err
}
