package sync

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/store"
)

// metrics of the algorithm; docs/metrics.md says what to do about each.
type metrics struct {
	deleted      prometheus.Counter
	reconciles   *prometheus.CounterVec
	redelivered  prometheus.Counter
	files        *prometheus.CounterVec
	fileDuration *prometheus.HistogramVec
	runs         *prometheus.CounterVec
	runDuration  *prometheus.HistogramVec
	comparisons  *prometheus.CounterVec
	differences  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, st *store.Store) *metrics {
	m := &metrics{
		deleted: prometheus.NewCounter(prometheus.CounterOpts{Name: "kgsync_repositories_deleted_total",
			Help: "Repositories whose data was deleted after the grace period of a lost access."}),
		reconciles: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_reconciles_total",
			Help: "Looks at the head of a quiet repository, by outcome; each costs one or two conditional requests."}, []string{"outcome"}),
		redelivered: prometheus.NewCounter(prometheus.CounterOpts{Name: "kgsync_redeliveries_requested_total",
			Help: "Webhook deliveries that never arrived and that GitHub was asked to send again."}),
		files: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_files_processed_total",
			Help: "Files settled, by outcome."}, []string{"outcome"}),
		fileDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kgsync_file_duration_seconds",
			Help: "Time to fetch, parse and save one file, by outcome.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 11)}, []string{"outcome"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_runs_total",
			Help: "Runs that ended by themselves, by trigger and state."}, []string{"trigger", "state"}),
		runDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kgsync_run_duration_seconds",
			Help: "Time from the request of a run (of a push: its webhook) until everything is visible, by trigger.", Buckets: prometheus.ExponentialBuckets(0.02, 2.5, 13)}, []string{"trigger"}),
		comparisons: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_verifications_total",
			Help: "Comparisons of a repository's tables with its whole tree, by result."}, []string{"result"}),
		differences: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_verify_differences_total",
			Help: "Paths that a comparison found to differ without a reason, by kind."}, []string{"kind"}),
	}
	reg.MustRegister(m.deleted, m.reconciles, m.redelivered, m.files, m.fileDuration, m.runs, m.runDuration, m.comparisons, m.differences,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kgsync_db_writes_in_flight", Help: "File writes running now in this process."},
			func() float64 { return float64(st.WritesInFlight()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kgsync_db_writes_limit", Help: "File writes that may run at once in this process."},
			func() float64 { return float64(st.MaxWrites()) }),
		stateCollector{st})
	m.begin()
	return m
}

// begin makes the series of every known label: one that appears with its first
// event has no increase that an alert could see.
func (m *metrics) begin() {
	for _, outcome := range []string{"saved", "deleted", "unchanged", "failed", "superseded"} {
		m.files.WithLabelValues(outcome)
	}
	for _, outcome := range []string{"current", "planned", "lost_access", "error"} {
		m.reconciles.WithLabelValues(outcome)
	}
	for _, trigger := range []string{"push", "install", "admin", "reconcile", "settle", "config", "derive"} {
		m.runDuration.WithLabelValues(trigger)
		for _, state := range []string{"completed", "completed_with_errors"} {
			m.runs.WithLabelValues(trigger, state)
		}
	}
	for _, result := range []string{"equal", "unsettled", "differs"} {
		m.comparisons.WithLabelValues(result)
	}
	for _, kind := range []string{"missing", "extra", "stale"} {
		m.differences.WithLabelValues(kind)
	}
}

func (m *metrics) file(outcome string, d time.Duration) {
	m.files.WithLabelValues(outcome).Inc()
	if d > 0 {
		m.fileDuration.WithLabelValues(outcome).Observe(d.Seconds())
	}
}

func (m *metrics) run(r *store.Run) {
	m.runs.WithLabelValues(r.Trigger, r.State).Inc()
	if r.FinishedAt != nil {
		m.runDuration.WithLabelValues(r.Trigger).Observe(r.FinishedAt.Sub(r.CreatedAt).Seconds())
	}
}

// verified counts a comparison; ours says that what differs is a fault of ours.
func (m *metrics) verified(v *store.Verification, ours bool) {
	result := "unsettled" // files are pending or failed, or the head is not accepted yet
	switch {
	case v.Equal():
		result = "equal"
	case ours && v.Drift() > 0:
		result = "differs"
	}
	m.comparisons.WithLabelValues(result).Inc()
	if !ours {
		return
	}
	for kind, n := range map[string]int{"missing": v.Missing, "extra": v.Extra, "stale": v.Stale} {
		m.differences.WithLabelValues(kind).Add(float64(n))
	}
}

// stateCollector reads the state of the database at each scrape: every replica
// reports the same.
type stateCollector struct{ store *store.Store }

var (
	openFiles    = prometheus.NewDesc("kgsync_open_files", "Files whose wanted state is not applied yet.", nil, nil)
	failedFiles  = prometheus.NewDesc("kgsync_failed_files", "Files that failed and await a change or an operator.", nil, nil)
	oldestOpen   = prometheus.NewDesc("kgsync_oldest_open_file_seconds", "Age of the oldest wanted state that is not applied yet, 0 without one.", nil, nil)
	repositories = prometheus.NewDesc("kgsync_repositories", "Repositories by state.", []string{"state"}, nil)
	openRuns     = prometheus.NewDesc("kgsync_open_runs", "Runs under way, by state.", []string{"state"}, nil)
	databaseUp   = prometheus.NewDesc("kgsync_database_up", "Whether the database answered this scrape.", nil, nil)
)

// Describe implements prometheus.Collector.
func (stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{openFiles, failedFiles, oldestOpen, repositories, openRuns, databaseUp} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. Without the database there are only
// the numbers of this process, and kgsync_database_up says why.
func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	state, err := c.store.State(ctx)
	if err != nil {
		gauge(databaseUp, 0)
		ch <- prometheus.NewInvalidMetric(openFiles, err)
		return
	}
	gauge(databaseUp, 1)
	gauge(openFiles, float64(state.OpenFiles))
	gauge(failedFiles, float64(state.FailedFiles))
	gauge(oldestOpen, state.OldestOpen.Seconds())
	for _, name := range []string{"syncing", "current", "current_with_errors", "suspended", "lost_access"} {
		gauge(repositories, float64(state.Repositories[name]), name)
	}
	for _, name := range []string{"planning", "running"} {
		gauge(openRuns, float64(state.OpenRuns[name]), name)
	}
}
