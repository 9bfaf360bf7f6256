package sync

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/store"
)

// Git's file modes that are not read as files [12].
const (
	modeRegular   = "100644"
	modeSymlink   = "120000"
	modeSubmodule = "160000"
)

// Process brings one file to its wanted state: fetch, parse, save. It returns
// nil when the task is settled (saved, deleted, unchanged or superseded); any
// other error leaves the row open for another attempt.
func (s *Syncer) Process(ctx context.Context, t store.Task, attempt int) error {
	start := time.Now()
	var usage github.Usage
	outcome, err := s.process(ctx, t, attempt, &usage)
	if errors.Is(err, store.ErrSuperseded) {
		outcome, err = "superseded", s.store.Supersede(ctx, t, cost(attempt, &usage))
	}
	if err != nil {
		return err
	}
	s.metrics.file(outcome, time.Since(start))
	return s.FinishRun(ctx, t.RunID)
}

func (s *Syncer) process(ctx context.Context, t store.Task, attempt int, usage *github.Usage) (string, error) {
	w, err := s.store.Wanted(ctx, t)
	if err != nil {
		return "", err
	}
	if w.Gone {
		return "deleted", s.store.ApplyGone(ctx, t, cost(attempt, usage))
	}
	if w.Satisfied() {
		return "unchanged", s.store.ApplyUnchanged(ctx, t, cost(attempt, usage))
	}
	f, err := s.fetch(ctx, s.source(w.InstallationID, usage), w, t.Path)
	if errors.Is(err, errGone) {
		return "deleted", s.store.ApplyGone(ctx, t, cost(attempt, usage))
	}
	if err != nil {
		return "", err
	}
	doc, err := s.parse(ctx, t, w, f)
	if err != nil {
		return "", err
	}
	return "saved", s.store.ApplyDocument(ctx, t, store.Applied{
		Blob: f.blob, Mode: f.mode, Key: w.Key, Commit: w.Commit, SizeBytes: f.size,
		ParserVersion: parse.Version, Document: doc,
	}, cost(attempt, usage))
}

func cost(attempt int, u *github.Usage) store.Cost {
	return store.Cost{Attempts: attempt, Requests: u.Requests(), Bytes: u.Bytes()}
}

// fetched is a file's bytes, or for one that is not read, only its identity.
type fetched struct {
	blob, mode string
	size       int64
	content    []byte
	unread     *parse.Document // what to save instead of parsing content
}

// errGone says that the commit's tree, read whole along the path, lacks the file.
var errGone = errors.New("the commit's tree has no such file")

// fetch gets the wanted bytes: by blob where it is known, at the commit otherwise.
func (s *Syncer) fetch(ctx context.Context, src Source, w *store.Wanted, file string) (*fetched, error) {
	if w.Blob != nil {
		return s.fetchBlob(ctx, src, w, file, github.TreeEntry{SHA: *w.Blob, Mode: w.Mode, Size: -1})
	}
	content, err := src.File(ctx, w.FullName, w.Commit, file, s.opts.MaxFileBytes)
	switch {
	case err == nil:
		return &fetched{blob: github.BlobSHA(content), mode: modeRegular, size: int64(len(content)), content: content}, nil
	case errors.Is(err, github.ErrNotFound) || isTooLarge(err):
		entry, err := s.entryAt(ctx, src, w, file)
		if err != nil {
			return nil, err
		}
		return s.fetchBlob(ctx, src, w, file, entry)
	default:
		return nil, fmt.Errorf("fetch %s at %s: %w", file, w.Commit, err)
	}
}

func (s *Syncer) fetchBlob(ctx context.Context, src Source, w *store.Wanted, file string, e github.TreeEntry) (*fetched, error) {
	f := &fetched{blob: e.SHA, mode: e.Mode, size: max(e.Size, 0)}
	if e.Mode == modeSymlink || e.Mode == modeSubmodule {
		f.unread = parse.NotRegular(file, e.Mode)
		return f, nil
	}
	content, err := src.Blob(ctx, w.FullName, e.SHA, s.opts.MaxFileBytes)
	if isTooLarge(err) {
		if e.Size < 0 { // the wanted state does not hold it, and what is saved must not depend on the way here [1]
			if e, err = s.entryAt(ctx, src, w, file); err != nil {
				return nil, err
			}
			f.size = e.Size
		}
		f.unread = parse.TooLarge(file, f.size, s.opts.MaxFileBytes)
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fetch blob %s of %s: %w", e.SHA, file, err)
	}
	if got := github.BlobSHA(content); got != e.SHA {
		return nil, fmt.Errorf("fetch blob %s of %s: the bytes hash to %s", e.SHA, file, got)
	}
	f.content, f.size = content, int64(len(content))
	return f, nil
}

// entryAt finds a path in the commit's tree, directory by directory: only a
// complete parent directory that lacks the path proves that it is gone [7].
func (s *Syncer) entryAt(ctx context.Context, src Source, w *store.Wanted, file string) (github.TreeEntry, error) {
	treeish := w.Commit
	names := strings.Split(path.Clean(file), "/")
	for i, name := range names {
		var found *github.TreeEntry
		info, err := src.Tree(ctx, w.FullName, treeish, false, func(e github.TreeEntry) error {
			if e.Path == name {
				found = &e
			}
			return nil
		})
		if err != nil {
			return github.TreeEntry{}, fmt.Errorf("look for %s at %s: %w", file, w.Commit, err)
		}
		switch {
		case found == nil && info.Truncated:
			return github.TreeEntry{}, fmt.Errorf("look for %s at %s: the directory's listing is truncated", file, w.Commit)
		case found == nil:
			return github.TreeEntry{}, errGone
		case i == len(names)-1 && found.Type != "tree":
			return *found, nil
		case found.Type != "tree" || i == len(names)-1:
			return github.TreeEntry{}, errGone
		}
		treeish = found.SHA
	}
	return github.TreeEntry{}, errGone
}

// Panic is a bug met while parsing one file; it fails that file only.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("the parser panicked: %v", p.Value) }

func (s *Syncer) parse(ctx context.Context, t store.Task, w *store.Wanted, f *fetched) (doc *parse.Document, err error) {
	if f.unread != nil {
		return f.unread, nil
	}
	config, err := s.configs.get(ctx, t.RepositoryID, w.Key)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	return parse.Parse(t.Path, f.content, config), nil
}

func isTooLarge(err error) bool { return errors.Is(err, github.ErrTooLarge) }

// Fail settles a task that will not be tried again: the row is marked failed and
// its last good facts stay.
func (s *Syncer) Fail(ctx context.Context, t store.Task, attempt int, cause error) error {
	err := s.store.ApplyFailure(ctx, t, ErrorCode(cause), cause.Error(), store.Cost{Attempts: attempt})
	if errors.Is(err, store.ErrSuperseded) {
		err = s.store.Supersede(ctx, t, store.Cost{Attempts: attempt})
	}
	if err != nil {
		return err
	}
	s.metrics.file("failed", 0)
	return s.FinishRun(ctx, t.RunID)
}

// ErrorCode gives the stable code of trouble on the way (docs/sql.md).
func ErrorCode(err error) string {
	var p *Panic
	var gh *github.Error
	switch {
	case errors.As(err, &p):
		return "parser-panic"
	case errors.Is(err, github.ErrNotFound):
		return "content-not-found"
	case errors.Is(err, github.ErrRateLimited):
		return "rate-limited"
	case errors.As(err, &gh):
		return "github-" + strings.ToLower(gh.Class.String())
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "internal"
	}
}

// CommitVanished ends the run of a task whose commit GitHub no longer has and
// makes sure that a plan runs.
func (s *Syncer) CommitVanished(ctx context.Context, t store.Task) error {
	return s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, t.RepositoryID)
		if err != nil {
			return err
		}
		if err := store.EndRun(ctx, tx, t.RunID, "superseded", "its commit vanished from GitHub"); err != nil {
			return err
		}
		_, err = s.RequestPlan(ctx, tx, repo, "reconcile", false)
		return err
	})
}
