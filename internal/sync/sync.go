// Package sync is the algorithm: what changed, where its bytes come from, parse
// them, save them, tally them, verify.
//
// It owns the plan (compare a whole tree with the wanted state), the fast path of
// a push, the processing of one file and the verification. It may import github,
// parse and store; it never imports River or echo: jobs are written through the
// [Queue] that internal/jobs provides, in the transaction that makes them needed.
// Because it shadows the standard package's name, importers call it reposync.
//
// The protocol is the one of docs/architecture.md, invariants 1-9.
package sync

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// Source reads one installation's repositories. [github.Installation] is one.
type Source interface {
	Repository(ctx context.Context, id int64) (github.Repository, error)
	Head(ctx context.Context, fullName, branch, knownSHA string) (github.Head, error)
	Tree(ctx context.Context, fullName, treeish string, recursive bool, yield func(github.TreeEntry) error) (github.TreeInfo, error)
	Blob(ctx context.Context, fullName, sha string, limit int64) ([]byte, error)
	File(ctx context.Context, fullName, commit, path string, limit int64) ([]byte, error)
	Archive(ctx context.Context, fullName, commit string) (*github.Archive, error)
}

// Directory reads what the App itself sees: where it is installed, what each
// installation may read, what GitHub tried to deliver.
type Directory interface {
	Installations(ctx context.Context) iter.Seq2[github.InstallationInfo, error]
	// Repositories are those of an installation, from a page on; "" is the first.
	Repositories(ctx context.Context, installation int64, page string) iter.Seq2[github.Repository, error]
	// Deliveries are newest first, from a page on; "" is the first.
	Deliveries(ctx context.Context, page string) iter.Seq2[github.Delivery, error]
	Redeliver(ctx context.Context, id int64) error
}

// Queue writes jobs in the caller's transaction: they exist exactly if it commits.
type Queue interface {
	// EnqueueFiles writes one job a task and gives their ids in order.
	EnqueueFiles(ctx context.Context, tx pgx.Tx, tasks []store.Task, lane Lane) ([]int64, error)
	// EnqueueGroups writes one job a group and gives their ids in order.
	EnqueueGroups(ctx context.Context, tx pgx.Tx, groups []store.Group, lane Lane) ([]int64, error)
	// EnqueueArchive writes a job that calls [Syncer.Archive].
	EnqueueArchive(ctx context.Context, tx pgx.Tx, task ArchiveTask) (int64, error)
	// EnqueuePlan writes a job that calls [Syncer.Plan]. Those that are not live wait
	// for each other only.
	EnqueuePlan(ctx context.Context, tx pgx.Tx, repositoryID int64, lane Lane) (int64, error)
	// EnqueueSettles writes a job a repository that calls [Syncer.Plan] at the time,
	// and gives their ids in order.
	EnqueueSettles(ctx context.Context, tx pgx.Tx, repositories []int64, at time.Time) ([]int64, error)
	// EnqueueListing writes a job that calls [Syncer.SyncInstallation] after the time;
	// with plan all that is listed is planned.
	EnqueueListing(ctx context.Context, tx pgx.Tx, installation int64, plan bool, after time.Duration) error
}

// Options tune the algorithm. Zero values mean the defaults.
type Options struct {
	MaxFileBytes   int64         // larger files are a diagnostic; default 10 MiB
	SettleDelay    time.Duration // after the last push; default 5 s, must exceed GitHub's read lag
	SettleLimit    time.Duration // after the first push; default 30 s
	HeadRetries    int           // reads of a head that differs from the hint; default 4
	LeaseDuration  time.Duration // of a plan; default 60 s, renewed while it works
	GroupSize      int           // small files that one job of a large plan may take; default 50, 1: one job a file everywhere
	BulkFiles      int           // how many files a plan must fetch for an archive to be thought of, and differ in to be worked in groups; default 100
	NoArchives     bool          // every file is fetched by a request of its own
	DropBlobs      bool          // contents are dropped when no open file needs them: another reading fetches again
	CheckpointTime time.Duration // a plan or archive that has worked so long goes on in its next attempt; default 15 s
	Grace          time.Duration // how long what a lost repository said is kept; default 30 days
	ReconcileEvery time.Duration // between two looks at the head of a quiet repository; default 10 min
	ListingEvery   time.Duration // between two listings of an installation's repositories; default 1 h
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if o.MaxFileBytes <= 0 {
		o.MaxFileBytes = 10 << 20
	}
	if o.HeadRetries <= 0 {
		o.HeadRetries = 4
	}
	if o.GroupSize <= 0 {
		o.GroupSize = 50
	}
	if o.BulkFiles <= 0 {
		o.BulkFiles = 100
	}
	set(&o.SettleDelay, 5*time.Second)
	set(&o.SettleLimit, 30*time.Second)
	set(&o.LeaseDuration, time.Minute)
	set(&o.CheckpointTime, 15*time.Second)
	set(&o.Grace, 30*24*time.Hour)
	set(&o.ReconcileEvery, 10*time.Minute)
	set(&o.ListingEvery, time.Hour)
	return o
}

// Syncer runs the algorithm. It is safe for concurrent use.
type Syncer struct {
	store     *store.Store
	source    func(installation int64, usage *github.Usage) Source
	directory Directory
	queue     Queue
	log       *slog.Logger
	opts      Options
	configs   *configCache
	contents  *contents
	archives  *parked
	metrics   *metrics
}

// Wait asks for the same work again after a while, without counting an attempt.
type Wait struct {
	After  time.Duration
	Reason string
}

func (w *Wait) Error() string { return fmt.Sprintf("wait %v: %s", w.After, w.Reason) }
