package store

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// dumped lists the views of a canonical dump with the columns that f determines:
// surrogate keys, times, names of the repository and runs are left out [1].
var dumped = []struct{ view, columns string }{
	{"files", "path, blob_sha, kind, state, size_bytes, parser_version, error"},
	{"pages", "path, name, name_key, namespace, public, journal"},
	{"nodes", "name, name_key, type"},
	{"links", "path, source_key, target, target_key, kind, line, resolved"},
	{"edges", "source_key, target_key, kind, count"},
	{"tags", "path, source_key, tag, tag_key, line"},
	{"properties", "path, key, value, block_line, line"},
	{"aliases", "path, name_key, alias, alias_key, line"},
	{"classes", "iri, label, definition, path, dialect, domain, maturity, status, term_id, metadata, public, line"},
	{"subclass_of", "class, parent, parent_iri, path, line, dialect"},
	{"relations", "subject, predicate, object, object_iri, path, line, via, dialect"},
	{"owl_properties", "iri, type, label, domain, range, path, line, dialect"},
	{"axioms", "type, subject, object, expression, path, line, dialect"},
	{"diagnostics", "path, line, col, severity, code, message"},
}

// Dump writes every kg view of one repository in a canonical order, one JSON
// array a row: two dumps are byte-equal exactly when the graphs are.
func (s *Store) Dump(ctx context.Context, repositoryID int64, w io.Writer) error {
	for _, d := range dumped {
		rows, err := s.pool.Query(ctx, fmt.Sprintf(
			`SELECT json_build_array('%s', %s)::text COLLATE "C" AS line FROM kg.%s WHERE repository_id = $1 ORDER BY 1`, d.view, d.columns, d.view), repositoryID)
		if err != nil {
			return fmt.Errorf("dump kg.%s: %w", d.view, err)
		}
		var line string
		if _, err := pgx.ForEachRow(rows, []any{&line}, func() error {
			_, err := io.WriteString(w, line+"\n")
			return err
		}); err != nil {
			return fmt.Errorf("dump kg.%s: %w", d.view, err)
		}
	}
	return nil
}
