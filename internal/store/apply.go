package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
)

// Outcome is how a run's work on a file ended.
type Outcome string

// The outcomes that [Store.Apply] is asked for; a row that is not the run's any
// more becomes superseded instead.
const (
	Saved      Outcome = "saved"      // everything the file says is replaced
	Deleted    Outcome = "deleted"    // the row goes, and with it every fact of the file
	Unchanged  Outcome = "unchanged"  // the applied state already is the wanted one
	Superseded Outcome = "superseded" // another run wants the file now
	Failed     Outcome = "failed"     // the last good facts stay and the path counts as failed until a later write applies [4][8]; nothing if it is settled
)

// Change is what becomes of one file.
type Change struct {
	Path    string
	Outcome Outcome
	Applied Applied // for Saved
	Code    string  // for Failed, as Message
	Message string
	Cost    Cost
}

// Cost is what a task's work took.
type Cost struct {
	Attempts int
	Requests int64
	Bytes    int64
}

// Applied is the new state of a file: its bytes' identity and what they say.
type Applied struct {
	Blob, Mode, Key, Commit string
	SizeBytes               int64
	ParserVersion           int
	Document                *parse.Document
	Keep                    []byte // the bytes, compressed, to keep in blobs; nil: do not
}

// Apply writes the changes of a run's files in one transaction: what each file
// says, its applied state and the run's outcome [5]. It gives the paths that are no
// longer wanted by the run, checked under the row lock [3], and those that failed
// after they were settled: nothing of them is written but that outcome. Work of the background leaves a write slot to pushes.
func (s *Store) Apply(ctx context.Context, runID, repositoryID int64, changes []Change, background bool) (superseded []string, err error) {
	err = s.inWriteSlot(ctx, background, func(tx pgx.Tx) error {
		rows, err := lockFiles(ctx, tx, runID, repositoryID, changes)
		if err != nil {
			return err
		}
		b, f := &pgx.Batch{}, newFacts(repositoryID)
		superseded = queueChanges(b, f, runID, repositoryID, changes, rows)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return f.copy(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("apply %d files of run %d: %w", len(changes), runID, err)
	}
	return superseded, nil
}

type lockedFile struct {
	id             int64
	hasFacts, open bool
}

// lockFiles locks the rows that are still wanted by the run, in the order of their
// paths, and the run against its end, which locks the run first too: so two
// transactions never wait for each other in a circle.
func lockFiles(ctx context.Context, tx pgx.Tx, runID, repositoryID int64, changes []Change) (map[string]lockedFile, error) {
	paths := make([]string, len(changes))
	for i := range changes {
		paths[i] = changes[i].Path
	}
	locked := make(map[string]lockedFile, len(changes))
	rows, err := tx.Query(ctx, `WITH run AS MATERIALIZED (SELECT id FROM kgsync.runs WHERE id = $3 AND finished_at IS NULL FOR SHARE)
		SELECT f.path, f.id, f.applied_blob IS NOT NULL, f.open_since IS NOT NULL FROM kgsync.files f
		WHERE f.repository_id = $1 AND f.path = ANY ($2) AND f.wanted_run_id = (SELECT id FROM run) ORDER BY f.path FOR UPDATE OF f`,
		repositoryID, paths, runID)
	if err != nil {
		return nil, err
	}
	var path string
	var row lockedFile
	_, err = pgx.ForEachRow(rows, []any{&path, &row.id, &row.hasFacts, &row.open}, func() error {
		locked[path] = row
		return nil
	})
	return locked, err
}

// queueChanges queues a fixed number of statements, whatever the number of files, and
// collects the facts to write after them.
func queueChanges(b *pgx.Batch, f *facts, runID, repositoryID int64, changes []Change, rows map[string]lockedFile) (superseded []string) {
	var replaced []int64
	w := &writes{}
	for i := range changes {
		c := &changes[i]
		row, ok := rows[c.Path]
		if !ok || c.Outcome == Superseded || c.Outcome == Failed && !row.open { // an attempt may fail after it, or another one, has saved
			superseded = append(superseded, c.Path)
			w.outcome(c, Superseded, factCounts{})
			continue
		}
		var counts factCounts
		if c.Outcome == Saved {
			if row.hasFacts {
				replaced = append(replaced, row.id)
			}
			f.add(row.id, c.Applied.Document)
			counts = count(c.Applied.Document)
		}
		w.change(row.id, c)
		w.outcome(c, c.Outcome, counts)
	}
	if len(replaced) > 0 {
		deleteFacts(b, replaced)
	}
	w.queue(b, runID, repositoryID)
	return superseded
}
