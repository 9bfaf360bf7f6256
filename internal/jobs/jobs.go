// Package jobs runs the sync on River: job arguments, workers, queues, periodic
// jobs, and what an error means for a job.
//
// It owns the one transaction that makes a webhook delivery durable
// ([Runner.Accept]) and translates the algorithm's results into River's done,
// retry, snooze. It may import webhook (its types), sync, store and github (its
// errors).
//
// No job is unique in River's sense: its uniqueness keeps the old arguments while
// a job runs and so loses pushes. Wanted generations in the files table do that
// work instead (docs/architecture.md, invariant 3).
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// Queues. Each has workers of its own, so that a push finds a free one while a
// large repository is read.
const (
	queueFiles       = "files"    // a push's
	queueBulk        = "bulk"     // a plan's, in the order of their lanes
	queueArchives    = "archives" // downloads
	queuePlans       = "plans"    // of pushes, operators and settles
	queueBacklog     = "backlog"  // plans of first syncs, and looks at what changed unheard
	queueMaintenance = "maintenance"
)

// archivesAtOnce bounds the downloads of a process, plansAtOnce the listings of each
// kind.
const (
	archivesAtOnce = 2
	plansAtOnce    = 3
)

// Config of a Runner. Zero values mean the defaults.
type Config struct {
	Workers           int             // files of pushes at once in this process, and as many jobs of plans; default 8
	MaxAttempts       int             // of one file or plan; default 8
	JobTimeout        time.Duration   // of one attempt; default 30 s
	SweepEvery        time.Duration   // default 15 s
	HealEvery         time.Duration   // comparison with GitHub's deliveries and installations; default 5 min
	HousekeepingEvery time.Duration   // default 1 h
	Retention         store.Retention // zero means store.DefaultRetention
	Logger            *slog.Logger
	Registerer        prometheus.Registerer
	Sync              reposync.Options
}

func (c Config) withDefaults() Config {
	if c.Workers <= 0 {
		c.Workers = 8
	}
	if c.MaxAttempts <= 0 {
		c.MaxAttempts = 8
	}
	if c.JobTimeout <= 0 {
		c.JobTimeout = 30 * time.Second
	}
	if c.SweepEvery <= 0 {
		c.SweepEvery = 15 * time.Second
	}
	if c.HealEvery <= 0 {
		c.HealEvery = 5 * time.Minute
	}
	if c.HousekeepingEvery <= 0 {
		c.HousekeepingEvery = time.Hour
	}
	if c.Retention == (store.Retention{}) {
		c.Retention = store.DefaultRetention()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	return c
}

// Runner joins River and the algorithm. It is safe for concurrent use.
type Runner struct {
	config Config
	store  *store.Store
	sync   *reposync.Syncer
	client *river.Client[pgx.Tx]
	pushes *together

	metrics *metrics
}

// New wires a Runner. With work false it only writes jobs (a web replica).
func New(st *store.Store, app *github.App, c Config, work bool) (*Runner, error) {
	c = c.withDefaults()
	r := &Runner{config: c, store: st, metrics: newMetrics(c.Registerer, st)}
	r.pushes = newTogether(r)
	source := func(installation int64, usage *github.Usage) reposync.Source {
		return app.Installation(installation).Counting(usage)
	}
	r.sync = reposync.New(reposync.Parts{Store: st, Source: source, Directory: directory{app}, Queue: (*queue)(r),
		Logger: c.Logger, Registerer: c.Registerer}, c.Sync)

	rc := &river.Config{
		Logger:                      c.Logger.With("component", "river"),
		JobTimeout:                  c.JobTimeout,
		RescueStuckJobsAfter:        c.JobTimeout + 15*time.Second,
		CompletedJobRetentionPeriod: time.Hour,
		FetchCooldown:               2 * time.Millisecond,
		FetchPollInterval:           time.Second,
		SoftStopTimeout:             5 * time.Second,
		RetryPolicy:                 backoff{},
		ErrorHandler:                errorCounter{r.metrics},
		MaxAttempts:                 c.MaxAttempts,
		ReindexerIndexNames:         slices.DeleteFunc(river.ReindexerIndexNamesDefault(), isDropped),
	}
	if work {
		rc.Queues = map[string]river.QueueConfig{
			queueFiles:       {MaxWorkers: c.Workers},
			queueBulk:        {MaxWorkers: c.Workers},
			queueArchives:    {MaxWorkers: archivesAtOnce},
			queuePlans:       {MaxWorkers: plansAtOnce},
			queueBacklog:     {MaxWorkers: plansAtOnce},
			queueMaintenance: {MaxWorkers: 1},
		}
		rc.Workers = river.NewWorkers()
		river.AddWorker(rc.Workers, &fileWorker{runner: r})
		river.AddWorker(rc.Workers, &groupWorker{runner: r})
		river.AddWorker(rc.Workers, &archiveWorker{runner: r})
		river.AddWorker(rc.Workers, &planWorker{runner: r})
		river.AddWorker(rc.Workers, &reconcileWorker{runner: r})
		river.AddWorker(rc.Workers, &listingWorker{runner: r})
		river.AddWorker(rc.Workers, &sweepWorker{runner: r})
		river.AddWorker(rc.Workers, &healWorker{runner: r})
		river.AddWorker(rc.Workers, &housekeepingWorker{runner: r})
		rc.PeriodicJobs = c.periodic()
	}
	var err error
	r.client, err = river.NewClient(riverpgxv5.New(st.Pool()), rc)
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return r, nil
}

// isDropped reports whether the index is one of River's that our migrations drop.
func isDropped(index string) bool {
	return index == "river_job_args_index" || index == "river_job_metadata_index"
}

// Sync gives the algorithm, for callers that resync or verify.
func (r *Runner) Sync() *reposync.Syncer { return r.sync }

// ClientID is this process's name in River's attempted_by.
func (r *Runner) ClientID() string { return r.client.ID() }

// Start begins to work jobs. It returns at once.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return fmt.Errorf("start River: %w", err)
	}
	return nil
}

// Stop hands running jobs back and waits for them; after the context's end it
// cancels them, which gives them back too.
func (r *Runner) Stop(ctx context.Context) error {
	err := r.client.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = r.client.StopAndCancel(hard)
	}
	if err != nil {
		return fmt.Errorf("stop River: %w", err)
	}
	return nil
}
