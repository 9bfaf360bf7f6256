package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Verification compares the staged tree of a commit with the rows: Missing and
// Extra paths, Stale contents or readings of them; Pending ones (open, or changed since
// the commit was read) and Failed ones are counted apart.
type Verification struct {
	Missing int      `json:"missing"`
	Extra   int      `json:"extra"`
	Stale   int      `json:"stale"`
	Pending int      `json:"pending"`
	Failed  int      `json:"failed"`
	Paths   []string `json:"paths,omitempty"` // the first 100 that differ
}

// Comparison is a verification against a commit.
type Comparison struct {
	Commit string `json:"commit_sha"` // "": the repository is empty
	Verification
}

// Equal reports whether the tables hold exactly the tree.
func (v *Verification) Equal() bool {
	return v.Missing == 0 && v.Extra == 0 && v.Stale == 0 && v.Pending == 0 && v.Failed == 0
}

// Drift is how many paths differ without a reason.
func (v *Verification) Drift() int { return v.Missing + v.Extra + v.Stale }

// Postpone counts what differs as pending: the wanted state moved on during the
// comparison.
func (v *Verification) Postpone() {
	v.Pending += v.Drift()
	v.Missing, v.Extra, v.Stale = 0, 0, 0
	for i, p := range v.Paths {
		if what, path, _ := strings.Cut(p, " "); what != "failed" {
			v.Paths[i] = "pending " + path
		}
	}
}

// CompareTree compares the tree staged under the run, and the derivation key that its
// files are to be read with, with wanted and applied state.
func (s *Store) CompareTree(ctx context.Context, runID, repositoryID int64, key string) (*Verification, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT coalesce(f.path, t.path), CASE
			WHEN f.open_since IS NOT NULL THEN 'pending'
			WHEN f.failed THEN 'failed'
			WHEN f.id IS NULL THEN 'missing'
			WHEN t.path IS NULL THEN 'extra'
			ELSE 'stale' END
		FROM (SELECT * FROM kgsync.tree_entries WHERE run_id = $1 AND NOT config) t
		FULL JOIN (SELECT * FROM kgsync.files WHERE repository_id = $2) f ON f.path = t.path
		WHERE f.id IS NULL OR t.path IS NULL OR f.open_since IS NOT NULL OR f.failed
		   OR f.applied_blob IS DISTINCT FROM t.blob OR f.wanted_blob IS DISTINCT FROM t.blob OR f.applied_mode <> t.mode OR f.applied_key <> $3
		ORDER BY 1`, runID, repositoryID, key)
	if err != nil {
		return nil, fmt.Errorf("compare tree with repository %d: %w", repositoryID, err)
	}
	v := &Verification{}
	counters := map[string]*int{"missing": &v.Missing, "extra": &v.Extra, "stale": &v.Stale, "pending": &v.Pending, "failed": &v.Failed}
	var path, what string
	_, err = pgx.ForEachRow(rows, []any{&path, &what}, func() error {
		*counters[what]++
		if len(v.Paths) < 100 {
			v.Paths = append(v.Paths, what+" "+path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare tree with repository %d: %w", repositoryID, err)
	}
	return v, nil
}
