package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Blob gives the compressed bytes that are kept of a blob. ErrNotFound if none are.
// Hash them when they are decompressed: what is damaged is refetched.
func (s *Store) Blob(ctx context.Context, repositoryID int64, sha string) ([]byte, error) {
	var b []byte
	err := s.pool.QueryRow(ctx, `SELECT zstd FROM kgsync.blobs WHERE repository_id = $1 AND sha = $2`, repositoryID, sha).Scan(&b)
	return b, notFound(err, "blob %s of repository %d", sha, repositoryID)
}

// ForgetBlob drops a blob whose bytes are not what its name says.
func (s *Store) ForgetBlob(ctx context.Context, repositoryID int64, sha string) error {
	return s.run(ctx, "forget a damaged blob", `DELETE FROM kgsync.blobs WHERE repository_id = $1 AND sha = $2`, repositoryID, sha)
}

// queueBlobs keeps contents by their name: one that is kept already is not written
// again. The order keeps two writers of the same blobs from waiting in a circle.
func queueBlobs(b *pgx.Batch, repositoryID int64, shas []string, contents [][]byte) {
	b.Queue(`INSERT INTO kgsync.blobs (repository_id, sha, zstd) SELECT $1, v.sha, v.zstd FROM unnest($2::text[], $3::bytea[]) AS v (sha, zstd)
		ORDER BY v.sha ON CONFLICT DO NOTHING`, repositoryID, shas, contents)
}

// PutBlobs keeps compressed contents by their names.
func PutBlobs(ctx context.Context, tx pgx.Tx, repositoryID int64, shas []string, contents [][]byte) error {
	b := &pgx.Batch{}
	queueBlobs(b, repositoryID, shas, contents)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("keep %d blobs of repository %d: %w", len(shas), repositoryID, err)
	}
	return nil
}

// DropBlobs drops a repository's blobs that no open row wants.
func (s *Store) DropBlobs(ctx context.Context, repositoryID int64) error {
	return s.run(ctx, "drop blobs", `DELETE FROM kgsync.blobs b WHERE b.repository_id = $1 AND NOT EXISTS (
		SELECT 1 FROM kgsync.files f WHERE f.repository_id = b.repository_id AND f.wanted_blob = b.sha AND f.open_since IS NOT NULL)`, repositoryID)
}
