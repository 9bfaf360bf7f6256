package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// ArchiveTask names a run whose files come from one archive of its commit.
type ArchiveTask struct {
	RunID        int64
	RepositoryID int64
	Lane         Lane // of the jobs that follow
}

const (
	// archiveTries is how often an archive is begun before its files are fetched one
	// by one: it is a shortcut and nothing depends on it.
	archiveTries = 3
	// leftPage is how many files are handed over in one transaction.
	leftPage = 500
)

// Archive streams the archive of the run's commit: batch by batch it keeps the
// contents that the run waits for and writes the jobs that read them, so that they
// are parsed and saved while the download goes on. An entry counts only if its
// bytes hash to the tree's blob; what the archive lacks or changed is fetched one
// by one. It is job's to work until the checkpoint time; then it asks to come again,
// and goes on where it was, or in another process from the start, past what is kept.
// One that came before and cannot go on waits while there are enough others.
func (s *Syncer) Archive(ctx context.Context, t ArchiveTask, job int64, attempt int, cameBefore bool) error {
	run, err := s.store.Run(ctx, t.RunID)
	if errors.Is(err, store.ErrNotFound) || err == nil && run.Ended() {
		s.archives.drop(t.RunID)
		return nil
	}
	if err != nil {
		return err
	}
	if attempt > archiveTries {
		return s.FetchRest(ctx, t, job)
	}
	a := &archive{Syncer: s, task: t, job: job, begun: time.Now()}
	if a.stream = s.archives.take(t.RunID); a.stream == nil {
		if cameBefore && s.archives.full() {
			return &Wait{After: parkedPause, Reason: "enough other archives are open"}
		}
		if a.stream, err = s.openArchive(ctx, run); err != nil {
			return err
		}
	}
	err = a.read(ctx)
	if uerr := a.stream.count(context.WithoutCancel(ctx), s.store, t.RunID); uerr != nil {
		err = cmp.Or(err, uerr)
	}
	later := errors.Is(err, errLater)
	if later && s.archives.park(t.RunID, a.stream) {
		return &Wait{Reason: "the archive goes on"}
	}
	a.stream.close()
	if later {
		return &Wait{After: parkedPause, Reason: "the archive is a long one, and enough others are open"}
	}
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	return s.FetchRest(ctx, t, job)
}

// errLater ends an attempt at its checkpoint.
var errLater = errors.New("the time of this attempt is over")

// stream is an archive being read, by one attempt after the other.
type stream struct {
	*github.Archive
	usage           *github.Usage
	requests, bytes int64 // of usage, counted already
	cancel          context.CancelFunc
}

func (s *stream) close() {
	_ = s.Close() // it was only read
	s.cancel()
}

// count adds what the stream has cost since the last time to its run.
func (s *stream) count(ctx context.Context, st *store.Store, runID int64) error {
	requests, bytes := s.usage.Requests(), s.usage.Bytes()
	err := st.AddUsage(ctx, runID, requests-s.requests, bytes-s.bytes)
	s.requests, s.bytes = requests, bytes
	return err
}

// openArchive begins the download. It outlives the attempt that began it.
func (s *Syncer) openArchive(ctx context.Context, run *store.Run) (*stream, error) {
	repo, err := s.store.Repository(ctx, run.RepositoryID)
	if err != nil {
		return nil, err
	}
	long, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel) // while it is being opened
	usage := &github.Usage{}
	a, err := s.source(repo.InstallationID, usage).Archive(long, repo.FullName, run.Commit)
	if err == nil && a.Commit() != run.Commit {
		_ = a.Close()
		err = fmt.Errorf("the archive is of commit %q", a.Commit())
	}
	if !stop() || err != nil {
		cancel()
		return nil, fmt.Errorf("open the archive of %s at %s: %w", repo.FullName, run.Commit, errors.Join(err, ctx.Err()))
	}
	return &stream{Archive: a, usage: usage, cancel: cancel}, nil
}

// archive is one attempt at reading a stream.
type archive struct {
	*Syncer
	task   ArchiveTask
	job    int64
	stream *stream
	begun  time.Time
}

// batchFiles is how many files are kept by one transaction, however they are grouped.
const batchFiles = 50

// batch are entries whose bytes stand in one buffer, which is used again.
type batch struct {
	entries []entry
	buffer  []byte
}

// entry is one file of the archive.
type entry struct {
	path    string
	content []byte
}

func (b *batch) reset() {
	b.entries = b.entries[:0]
	if b.buffer = b.buffer[:0]; cap(b.buffer) > 2*maxGroupBytes {
		b.buffer = nil
	}
}

// add reads one file. Growing moves the buffer; what stands in the old one stays valid.
func (b *batch) add(path string, size int64, r io.Reader) error {
	at := len(b.buffer)
	b.buffer = slices.Grow(b.buffer, int(size))[:at+int(size)]
	content := b.buffer[at:]
	if _, err := io.ReadFull(r, content); err != nil {
		return err
	}
	b.entries = append(b.entries, entry{path, content})
	return nil
}

func (b *batch) fits(size int64) bool {
	return len(b.entries) == 0 || len(b.entries) < batchFiles && int64(len(b.buffer))+size <= maxGroupBytes
}

// read takes the archive batch by batch: one is kept while the next is read.
func (a *archive) read(ctx context.Context) error {
	defer context.AfterFunc(ctx, a.stream.cancel)()
	keepers, inner := errgroup.WithContext(ctx)
	keepers.SetLimit(1)
	free := make(chan *batch, 2)
	free <- &batch{}
	free <- &batch{}
	keep := func(b *batch) {
		keepers.Go(func() error {
			err := a.keep(inner, b)
			b.reset()
			free <- b
			return err
		})
	}
	err := a.fill(inner, free, keep)
	return cmp.Or(keepers.Wait(), err)
}

// fill hands one full batch after the other to keep.
func (a *archive) fill(ctx context.Context, free <-chan *batch, keep func(*batch)) error {
	b := <-free
	for ctx.Err() == nil {
		if time.Since(a.begun) > a.opts.CheckpointTime {
			keep(b)
			return errLater
		}
		e, r, err := a.stream.Next()
		if err == io.EOF {
			keep(b)
			return nil
		}
		if err != nil {
			return err
		}
		if !isMarkdown(e.Path) || e.Mode == modeSymlink || e.Size > a.opts.MaxFileBytes {
			continue
		}
		if !b.fits(e.Size) {
			keep(b)
			b = <-free
		}
		if err := b.add(e.Path, e.Size, r); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// keep keeps those of the batch's contents that the run waits for, if they are the
// wanted ones, and writes the jobs that read them.
func (a *archive) keep(ctx context.Context, b *batch) error {
	paths := make([]string, len(b.entries))
	for i, e := range b.entries {
		paths[i] = e.path
	}
	// Before the last file can be saved, which ends the run and its statistics.
	if err := a.stream.count(ctx, a.store, a.task.RunID); err != nil {
		return err
	}
	awaited, err := a.store.Awaited(ctx, a.task.RunID, a.job, paths)
	if err != nil {
		return err
	}
	var shas []string
	var kept [][]byte
	files := newPacker(a.task.RunID, a.task.RepositoryID, a.opts.GroupSize)
	for _, e := range b.entries {
		if sha, ok := awaited[e.path]; ok && github.BlobSHA(e.content) == sha {
			shas, kept = append(shas, sha), append(kept, a.contents.compress(e.content))
			files.add(e.path, int64(len(e.content)))
		}
	}
	if len(shas) == 0 {
		return nil
	}
	return a.store.InTx(ctx, func(tx pgx.Tx) error {
		open, err := store.HoldRun(ctx, tx, a.task.RunID)
		if err != nil || !open {
			return err
		}
		if err := store.PutBlobs(ctx, tx, a.task.RepositoryID, shas, kept); err != nil {
			return err
		}
		return a.handOver(ctx, tx, a.task.RunID, a.job, files.take(), a.task.Lane)
	})
}

// ArchiveVanished goes on without an archive that GitHub says it does not have, or
// ends the run if the commit is gone.
func (s *Syncer) ArchiveVanished(ctx context.Context, t ArchiveTask, job int64) error {
	readable, err := s.commitReadable(ctx, t.RunID)
	if err != nil {
		return err
	}
	if !readable {
		return s.CommitVanished(ctx, t.RepositoryID, t.RunID)
	}
	return s.FetchRest(ctx, t, job)
}

// FetchRest gives what still waits for the archive's job a job for each file.
func (s *Syncer) FetchRest(ctx context.Context, t ArchiveTask, job int64) error {
	for {
		var left []string
		err := s.store.InTx(ctx, func(tx pgx.Tx) error {
			open, err := store.HoldRun(ctx, tx, t.RunID)
			if err != nil || !open {
				return err
			}
			if left, err = store.Waiting(ctx, tx, t.RunID, job, leftPage); err != nil {
				return err
			}
			files := newPacker(t.RunID, t.RepositoryID, 1)
			for _, path := range left {
				files.alone(path)
			}
			return s.handOver(ctx, tx, t.RunID, job, files.take(), t.Lane)
		})
		if err != nil {
			return err
		}
		if len(left) < leftPage {
			return s.FinishRun(ctx, t.RunID)
		}
	}
}
