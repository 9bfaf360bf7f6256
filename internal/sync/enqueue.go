package sync

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
)

// Lane says what work gives way to what.
type Lane int

// The lanes, the first goes first. Only live work has workers of its own.
const (
	Live       Lane = iota // a push's files
	Small                  // differences of a small plan
	Large                  // differences of a large one
	Background             // nothing new to read, only another way of reading it
)

const (
	// requestBytes is how many bytes of an archive cost as much as one request: about
	// a tenth of a second, and a 5,000th of an installation's hour.
	requestBytes = 256 << 10
	// smallPlan is how many files a plan may have to go before large ones.
	smallPlan = 1000
	// differencesPage is how many rows of a plan are held at a time [10].
	differencesPage = 2000
)

// maxGroupBytes bounds what a group holds; a larger file has a job of its own.
const maxGroupBytes = 2 << 20

// worthAnArchive reports whether one archive of the whole repository costs less
// than a request for each file.
func (p *plan) worthAnArchive(d store.Differences) bool {
	return !p.opts.NoArchives && d.Missing > p.opts.BulkFiles && d.RepositoryBytes <= d.MissingBytes+int64(d.Missing)*requestBytes
}

// enqueueWanted writes the jobs of what the run has made wanted and counts it. What
// an archive shall bring waits for one job, which writes the others as it goes.
func (p *plan) enqueueWanted(ctx context.Context, tx pgx.Tx) (int, error) {
	d, err := store.CountDifferences(ctx, tx, p.run, p.opts.MaxFileBytes)
	if err != nil || d.Files == 0 {
		return 0, err
	}
	lane := Large
	if d.Files <= smallPlan {
		lane = Small
	}
	archive := p.worthAnArchive(d)
	if archive {
		job, err := p.queue.EnqueueArchive(ctx, tx, ArchiveTask{RunID: p.run.ID, RepositoryID: p.run.RepositoryID, Lane: lane})
		if err != nil {
			return 0, err
		}
		if err := store.AddMissing(ctx, tx, p.run, p.opts.MaxFileBytes, job); err != nil {
			return 0, err
		}
	}
	groupSize := p.opts.GroupSize
	if d.Files <= p.opts.BulkFiles {
		groupSize = 1
	}
	fresh, derived := newPacker(p.run.ID, p.run.RepositoryID, groupSize), newPacker(p.run.ID, p.run.RepositoryID, groupSize)
	err = store.EachDifference(ctx, tx, p.run, p.opts.MaxFileBytes, differencesPage, func(page []store.Difference) error {
		for _, f := range page {
			switch {
			case f.Missing && archive: // listed as waiting for it
			case f.Missing:
				fresh.alone(f.Path)
			case f.Derive:
				derived.add(f.Path, f.Size)
			default:
				fresh.add(f.Path, f.Size)
			}
		}
		if err := p.addPending(ctx, tx, fresh.take(), lane); err != nil {
			return err
		}
		return p.addPending(ctx, tx, derived.take(), Background)
	})
	if err == nil && d.Files > p.opts.BulkFiles {
		err = store.CountAgain(ctx, tx)
	}
	return d.Files, err
}

func (p *plan) addPending(ctx context.Context, tx pgx.Tx, work packed, lane Lane) error {
	paths, jobs, err := p.enqueue(ctx, tx, work, lane)
	if err != nil || len(paths) == 0 {
		return err
	}
	tasks := make([]store.Task, len(paths))
	for i, path := range paths {
		tasks[i] = store.Task{RunID: p.run.ID, RepositoryID: p.run.RepositoryID, Path: path}
	}
	return store.AddPending(ctx, tx, tasks, jobs)
}

// enqueue writes the jobs of packed files and gives each path's.
func (s *Syncer) enqueue(ctx context.Context, tx pgx.Tx, work packed, lane Lane) (paths []string, jobs []int64, err error) {
	if len(work.single) > 0 {
		ids, err := s.queue.EnqueueFiles(ctx, tx, work.single, lane)
		if err != nil {
			return nil, nil, err
		}
		for i, t := range work.single {
			paths, jobs = append(paths, t.Path), append(jobs, ids[i])
		}
	}
	if len(work.groups) > 0 {
		ids, err := s.queue.EnqueueGroups(ctx, tx, work.groups, lane)
		if err != nil {
			return nil, nil, err
		}
		for i, g := range work.groups {
			for _, path := range g.Paths {
				paths, jobs = append(paths, path), append(jobs, ids[i])
			}
		}
	}
	return paths, jobs, nil
}

// handOver gives files that waited for one job jobs of their own.
func (s *Syncer) handOver(ctx context.Context, tx pgx.Tx, runID, from int64, work packed, lane Lane) error {
	paths, jobs, err := s.enqueue(ctx, tx, work, lane)
	if err != nil || len(paths) == 0 {
		return err
	}
	return store.HandOver(ctx, tx, runID, from, paths, jobs)
}

// packed are files on their way to their jobs.
type packed struct {
	single []store.Task
	groups []store.Group
}

// packer puts files of a run into groups of bounded size. One that would be alone
// in its group is a file of its own.
type packer struct {
	run, repository int64
	size            int
	done            packed
	open            []string
	bytes           int64
}

func newPacker(run, repository int64, size int) *packer {
	return &packer{run: run, repository: repository, size: size}
}

func (k *packer) alone(path string) {
	k.done.single = append(k.done.single, store.Task{RunID: k.run, RepositoryID: k.repository, Path: path})
}

func (k *packer) add(path string, size int64) {
	if k.size <= 1 || size > maxGroupBytes {
		k.alone(path)
		return
	}
	if len(k.open) == k.size || k.bytes+size > maxGroupBytes {
		k.close()
	}
	k.open, k.bytes = append(k.open, path), k.bytes+size
}

func (k *packer) close() {
	switch len(k.open) {
	case 0:
	case 1:
		k.alone(k.open[0])
	default:
		slices.Sort(k.open)
		k.done.groups = append(k.done.groups, store.Group{RunID: k.run, RepositoryID: k.repository, Paths: k.open})
	}
	k.open, k.bytes = nil, 0
}

// take closes the open group and gives everything, once.
func (k *packer) take() packed {
	k.close()
	done := k.done
	k.done = packed{}
	return done
}
