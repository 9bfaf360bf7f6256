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

// isRegular reports whether a mode is a regular file's: executable or not, and git
// once wrote group-writable ones too.
func isRegular(mode string) bool { return strings.HasPrefix(mode, "100") }

// Process brings one file to its wanted state: fetch, parse, save. It returns
// nil when the task is settled (saved, deleted, unchanged or superseded); any
// other error leaves the row open for another attempt.
func (s *Syncer) Process(ctx context.Context, t store.Task, lane Lane, attempt int) error {
	start := time.Now()
	usage := github.Usage{Live: lane == Live}
	c, err := s.process(ctx, t, &usage)
	if errors.Is(err, store.ErrSuperseded) {
		c, err = store.Change{Path: t.Path, Outcome: store.Superseded}, nil
	}
	if err != nil {
		return err
	}
	c.Cost = cost(attempt, &usage)
	superseded, err := s.store.Apply(ctx, t.RunID, t.RepositoryID, []store.Change{c}, lane != Live)
	if err != nil {
		return err
	}
	outcome := string(c.Outcome)
	if len(superseded) > 0 {
		outcome = "superseded"
	}
	s.metrics.file(outcome, time.Since(start))
	return s.FinishRun(ctx, t.RunID)
}

// process says what becomes of the file.
func (s *Syncer) process(ctx context.Context, t store.Task, usage *github.Usage) (store.Change, error) {
	c := store.Change{Path: t.Path}
	w, err := s.store.Wanted(ctx, t)
	if err != nil {
		return c, err
	}
	if w.Gone {
		c.Outcome = store.Deleted
		return c, nil
	}
	if w.Satisfied() {
		c.Outcome = store.Unchanged
		return c, nil
	}
	f, err := s.content(ctx, t, w, usage)
	if errors.Is(err, errGone) {
		c.Outcome = store.Deleted
		return c, nil
	}
	if err != nil {
		return c, err
	}
	doc, err := s.parse(ctx, t.RepositoryID, w, f)
	if err != nil {
		return c, err
	}
	c.Outcome, c.Applied = store.Saved, s.applied(w, f, doc)
	c.Applied.Keep = f.keep
	return c, nil
}

// content gets the wanted bytes: kept ones where the blob is known and nobody asked
// to read everything again, otherwise GitHub's.
func (s *Syncer) content(ctx context.Context, t store.Task, w *store.Wanted, usage *github.Usage) (*fetched, error) {
	if w.Blob != nil {
		if f := s.unread(w); f != nil {
			return f, nil
		}
		if !w.Full {
			content, err := s.contents.read(ctx, t.RepositoryID, *w.Blob, w.Size)
			if err == nil {
				return &fetched{blob: *w.Blob, mode: w.Mode, size: int64(len(content)), content: content}, nil
			}
			if !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
		}
	}
	f, err := s.fetch(ctx, s.source(w.InstallationID, usage), w, t.Path)
	if err != nil {
		return nil, err
	}
	f.keep = s.contents.kept(f.content)
	return f, nil
}

// unread is what a file is without its bytes, where the tree already says that they
// are not read; otherwise nil.
func (s *Syncer) unread(w *store.Wanted) *fetched {
	if w.Blob == nil {
		return nil
	}
	f := &fetched{blob: *w.Blob, mode: w.Mode, size: w.Size}
	switch {
	case w.Mode == modeSymlink || w.Mode == modeSubmodule:
		f.unread = parse.NotRegular(w.Path, w.Mode)
	case w.Size > s.opts.MaxFileBytes:
		f.unread = parse.TooLarge(w.Path, w.Size, s.opts.MaxFileBytes)
	default:
		return nil
	}
	return f
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
	keep       []byte          // content, compressed, if it shall be kept
}

// errGone says that the commit's tree, read whole along the path, lacks the file.
var errGone = errors.New("the commit's tree has no such file")

// fetch gets the wanted bytes: by blob where it is known, at the commit otherwise.
func (s *Syncer) fetch(ctx context.Context, src Source, w *store.Wanted, file string) (*fetched, error) {
	if w.Blob != nil {
		return s.fetchBlob(ctx, src, w, file, github.TreeEntry{SHA: *w.Blob, Mode: w.Mode, Size: w.Size})
	}
	content, err := src.File(ctx, w.FullName, w.Commit, file, s.opts.MaxFileBytes)
	switch {
	case err == nil:
		return &fetched{blob: github.BlobSHA(content), mode: modeRegular, size: int64(len(content)), content: content}, nil
	case errors.Is(err, github.ErrNotFound) || isTooLarge(err):
		entry, err := s.entryAt(ctx, src, w.FullName, w.Commit, file)
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
			if e, err = s.entryAt(ctx, src, w.FullName, w.Commit, file); err != nil {
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
	f.content, f.size = content, int64(len(content))
	return f, nil
}

// entryAt finds a path in the commit's tree, directory by directory: only a
// complete parent directory that lacks the path proves that it is gone [7].
func (s *Syncer) entryAt(ctx context.Context, src Source, fullName, commit, file string) (github.TreeEntry, error) {
	treeish := commit
	names := strings.Split(path.Clean(file), "/")
	for i, name := range names {
		var found *github.TreeEntry
		info, err := src.Tree(ctx, fullName, treeish, false, func(e github.TreeEntry) error {
			if e.Path == name {
				found = &e
			}
			return nil
		})
		if err != nil {
			return github.TreeEntry{}, fmt.Errorf("look for %s at %s: %w", file, commit, err)
		}
		switch {
		case found == nil && info.Truncated:
			return github.TreeEntry{}, fmt.Errorf("look for %s at %s: the directory's listing is truncated", file, commit)
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
type Panic struct{ Value any }

func (p *Panic) Error() string { return fmt.Sprintf("the parser panicked: %v", p.Value) }

func (s *Syncer) parse(ctx context.Context, repositoryID int64, w *store.Wanted, f *fetched) (doc *parse.Document, err error) {
	if f.unread != nil {
		return f.unread, nil
	}
	config, err := s.configs.get(ctx, repositoryID, w.Key)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v}
			s.log.ErrorContext(ctx, "the parser panicked", "repo_id", repositoryID, "path", w.Path, "blob", f.blob, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	return parse.Parse(w.Path, f.content, config), nil
}

func isTooLarge(err error) bool { return errors.Is(err, github.ErrTooLarge) }

// Fail settles a task that will not be tried again: the row is marked failed and
// its last good facts stay.
func (s *Syncer) Fail(ctx context.Context, t store.Task, attempt int, cause error) error {
	superseded, err := s.store.Apply(ctx, t.RunID, t.RepositoryID, []store.Change{{Path: t.Path, Outcome: store.Failed,
		Code: ErrorCode(cause), Message: cause.Error(), Cost: store.Cost{Attempts: attempt}}}, false)
	if err != nil {
		return err
	}
	if len(superseded) == 0 {
		s.metrics.file("failed", 0)
	}
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

// Vanished settles a file whose content GitHub says it does not have. If the commit
// is gone too the run is over; if it can be read the file is tried again, up to the
// last attempt, and then it fails: another plan of the same commit would want it again.
func (s *Syncer) Vanished(ctx context.Context, t store.Task, attempt, maxAttempts int, cause error) error {
	readable, err := s.commitReadable(ctx, t.RunID)
	switch {
	case err == nil && !readable:
		return s.CommitVanished(ctx, t.RepositoryID, t.RunID)
	case attempt < maxAttempts:
		return errors.Join(cause, err)
	default:
		return s.Fail(ctx, t, attempt, cause)
	}
}

// commitReadable asks GitHub for the run's commit.
func (s *Syncer) commitReadable(ctx context.Context, runID int64) (bool, error) {
	run, err := s.store.Run(ctx, runID)
	if err != nil {
		return false, err
	}
	repo, err := s.store.Repository(ctx, run.RepositoryID)
	if err != nil {
		return false, err
	}
	_, err = s.source(repo.InstallationID, &github.Usage{}).Tree(ctx, repo.FullName, run.Commit, false, func(github.TreeEntry) error { return nil })
	if errors.Is(err, github.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look whether commit %s of %s is there: %w", run.Commit, repo.FullName, err)
	}
	return true, nil
}

// CommitVanished ends a run whose commit GitHub no longer has and
// makes sure that a plan runs.
func (s *Syncer) CommitVanished(ctx context.Context, repositoryID, runID int64) error {
	return s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, repositoryID)
		if err != nil {
			return err
		}
		run, err := store.ReadRun(ctx, tx, runID)
		if err != nil {
			return err
		}
		if err := store.EndRun(ctx, tx, runID, "superseded", "its commit vanished from GitHub"); err != nil {
			return err
		}
		_, err = s.RequestPlan(ctx, tx, repo, "reconcile", run.FullResync)
		return err
	})
}
