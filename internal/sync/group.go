package sync

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/store"
)

// ProcessGroup brings a group's files to their wanted state: they are parsed one
// after the other, from kept contents, and saved in one transaction. If that fails
// they are saved one by one, and each that fails by itself, or whose contents are
// not kept any more, gets a job of its own. An error leaves what is not saved to
// another attempt.
func (s *Syncer) ProcessGroup(ctx context.Context, g store.Group, lane Lane, job int64, attempt int) error {
	begun := time.Now()
	wanted, err := s.store.WantedGroup(ctx, g)
	if err != nil {
		return err
	}
	if len(wanted) < len(g.Paths) {
		if err := s.store.SupersedeRest(ctx, g); err != nil {
			return err
		}
	}
	changes := make([]store.Change, 0, len(wanted))
	var alone []string
	for i, w := range wanted {
		wanted[i] = nil // its bytes are not needed any more
		c, err := s.changeOf(ctx, g.RepositoryID, w)
		if err != nil {
			s.log.InfoContext(ctx, "file gets a job of its own", "run_id", g.RunID, "path", w.Path, "err", err)
			alone = append(alone, w.Path)
			continue
		}
		c.Cost.Attempts = attempt
		changes = append(changes, c)
	}
	failed, err := s.saveGroup(ctx, g, changes)
	if err != nil {
		return err
	}
	for i := range changes {
		if !slices.Contains(failed, changes[i].Path) {
			s.metrics.file(string(changes[i].Outcome), time.Since(begun)/time.Duration(len(changes)))
		}
	}
	return s.SplitGroup(ctx, g, lane, job, append(alone, failed...))
}

// changeOf says what becomes of a file without asking GitHub; an error means that a
// job of its own must.
func (s *Syncer) changeOf(ctx context.Context, repositoryID int64, w *store.Wanted) (store.Change, error) {
	c := store.Change{Path: w.Path}
	switch {
	case w.Gone:
		c.Outcome = store.Deleted
		return c, nil
	case w.Satisfied():
		c.Outcome = store.Unchanged
		return c, nil
	}
	f := s.unread(w)
	if f == nil {
		if w.Blob == nil || w.Stored == nil {
			return c, fmt.Errorf("contents: %w", store.ErrNotFound)
		}
		content, err := s.contents.open(*w.Blob, w.Stored, w.Size)
		if err != nil {
			return c, err
		}
		f = &fetched{blob: *w.Blob, mode: w.Mode, size: int64(len(content)), content: content}
	}
	doc, err := s.parse(ctx, repositoryID, w, f)
	if err != nil {
		return c, err
	}
	c.Outcome, c.Applied = store.Saved, s.applied(w, f, doc)
	return c, nil
}

// applied is the new state of a file.
func (s *Syncer) applied(w *store.Wanted, f *fetched, doc *parse.Document) store.Applied {
	return store.Applied{Blob: f.blob, Mode: f.mode, Key: s.opts.ownKey(w.Key), Commit: w.Commit, SizeBytes: f.size, ParserVersion: parse.Version, Document: doc}
}

// saveGroup saves the changes together or, if that cannot be, one by one, and gives
// the paths that failed by themselves.
func (s *Syncer) saveGroup(ctx context.Context, g store.Group, changes []store.Change) (failed []string, err error) {
	if len(changes) == 0 {
		return nil, nil
	}
	_, together := s.store.Apply(ctx, g.RunID, g.RepositoryID, changes, true)
	if together == nil {
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, together
	}
	s.log.WarnContext(ctx, "a group could not be saved and is saved file by file", "run_id", g.RunID, "repo_id", g.RepositoryID, "err", together)
	for i := range changes {
		if _, err := s.store.Apply(ctx, g.RunID, g.RepositoryID, changes[i:i+1], true); err != nil {
			failed = append(failed, changes[i].Path)
		}
	}
	if len(failed) == len(changes) || ctx.Err() != nil { // not the files' fault
		return nil, together
	}
	return failed, nil
}

// SplitGroup gives files of the group jobs of their own, with their own attempts,
// if they are not settled yet; then it looks whether the run is done.
func (s *Syncer) SplitGroup(ctx context.Context, g store.Group, lane Lane, job int64, paths []string) error {
	if len(paths) > 0 {
		slices.Sort(paths)
		files := newPacker(g.RunID, g.RepositoryID, 1)
		for _, path := range paths {
			files.alone(path)
		}
		err := s.store.InTx(ctx, func(tx pgx.Tx) error {
			open, err := store.HoldRun(ctx, tx, g.RunID)
			if err != nil || !open {
				return err
			}
			return s.handOver(ctx, tx, g.RunID, job, files.take(), lane)
		})
		if err != nil {
			return err
		}
	}
	return s.FinishRun(ctx, g.RunID)
}
