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
	differences  *prometheus.GaugeVec
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
			Help: "Runs ended, by trigger and state."}, []string{"trigger", "state"}),
		differences: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kgsync_verify_differences",
			Help: "What the newest verification of any repository found, by kind."}, []string{"kind"}),
	}
	reg.MustRegister(m.deleted, m.reconciles, m.redelivered, m.files, m.fileDuration, m.runs, m.differences,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "kgsync_db_writes_in_flight", Help: "File writes running now in this process."},
			func() float64 { return float64(st.WritesInFlight()) }),
		stateCollector{st})
	return m
}

func (m *metrics) file(outcome string, d time.Duration) {
	m.files.WithLabelValues(outcome).Inc()
	if d > 0 {
		m.fileDuration.WithLabelValues(outcome).Observe(d.Seconds())
	}
}

func (m *metrics) run(trigger, state string) { m.runs.WithLabelValues(trigger, state).Inc() }

func (m *metrics) verified(v *store.Verification) {
	for kind, n := range map[string]int{"missing": v.Missing, "extra": v.Extra, "stale": v.Stale, "pending": v.Pending, "failed": v.Failed} {
		m.differences.WithLabelValues(kind).Set(float64(n))
	}
}

// stateCollector reads the state of the database at each scrape: every replica
// reports the same.
type stateCollector struct{ store *store.Store }

var (
	openFiles    = prometheus.NewDesc("kgsync_open_files", "Files whose wanted state is not applied yet.", nil, nil)
	failedFiles  = prometheus.NewDesc("kgsync_failed_files", "Files that failed and await a change or an operator.", nil, nil)
	repositories = prometheus.NewDesc("kgsync_repositories", "Repositories by state.", []string{"state"}, nil)
)

func (stateCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- openFiles
	ch <- failedFiles
	ch <- repositories
}

func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	state, err := c.store.State(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(openFiles, err)
		return
	}
	ch <- prometheus.MustNewConstMetric(openFiles, prometheus.GaugeValue, float64(state.OpenFiles))
	ch <- prometheus.MustNewConstMetric(failedFiles, prometheus.GaugeValue, float64(state.FailedFiles))
	for name, n := range state.Repositories {
		ch <- prometheus.MustNewConstMetric(repositories, prometheus.GaugeValue, float64(n), name)
	}
}
