package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// PutDerivation keeps the configuration files behind a derivation key, so that
// every job of a run reads the same configuration [9].
func (s *Store) PutDerivation(ctx context.Context, repositoryID int64, key string, files map[string][]byte) error {
	b, err := json.Marshal(files)
	if err == nil {
		_, err = s.pool.Exec(ctx, `INSERT INTO kgsync.derivations (repository_id, key, files) VALUES ($1, $2, $3)
			ON CONFLICT (repository_id, key) DO UPDATE SET created_at = now()`, repositoryID, key, b)
	}
	if err != nil {
		return fmt.Errorf("keep configuration %s of repository %d: %w", key, repositoryID, err)
	}
	return nil
}

// KeepDerivation reports whether the files behind a derivation key are kept, and
// lets them count as new: they are about to be wanted, and housekeeping drops old
// ones that are not.
func (s *Store) KeepDerivation(ctx context.Context, repositoryID int64, key string) (bool, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE kgsync.derivations SET created_at = now() WHERE repository_id = $1 AND key = $2`, repositoryID, key)
	if err != nil {
		return false, fmt.Errorf("keep configuration %s of repository %d: %w", key, repositoryID, err)
	}
	return tag.RowsAffected() == 1, nil
}

// Derivation gives the configuration files behind a derivation key.
func (s *Store) Derivation(ctx context.Context, repositoryID int64, key string) (map[string][]byte, error) {
	var b []byte
	if err := s.pool.QueryRow(ctx, `SELECT files FROM kgsync.derivations WHERE repository_id = $1 AND key = $2`, repositoryID, key).Scan(&b); err != nil {
		return nil, notFound(err, "configuration %s of repository %d", key, repositoryID)
	}
	var files map[string][]byte
	if err := json.Unmarshal(b, &files); err != nil {
		return nil, fmt.Errorf("decode configuration %s of repository %d: %w", key, repositoryID, err)
	}
	return files, nil
}

// PutConfigDiagnostics replaces the findings about configuration files.
func PutConfigDiagnostics(ctx context.Context, tx pgx.Tx, repositoryID int64, found map[string][]diag.Diagnostic) error {
	b := &pgx.Batch{}
	b.Queue(`DELETE FROM kgsync.config_diagnostics WHERE repository_id = $1`, repositoryID)
	for path, list := range found {
		for _, d := range list {
			b.Queue(`INSERT INTO kgsync.config_diagnostics (repository_id, path, line, col, severity, code, message) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				repositoryID, clean(path), d.Line, d.Column, string(d.Severity), string(d.Code), clean(d.Message))
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("record configuration diagnostics: %w", err)
	}
	return nil
}
