package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/kgsync/kgsync/internal/store"
)

// metrics of the jobs; docs/metrics.md says what to do about each.
type metrics struct {
	errors *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, st *store.Store) *metrics {
	m := &metrics{errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_job_errors_total",
		Help: "Attempts of jobs that ended with an error, by the job's kind and what was decided."}, []string{"kind", "decision"})}
	for kind, decisions := range map[string][]decision{
		FileArgs{}.Kind():         {snooze, vanished, lostAccess, giveUp},
		PlanArgs{}.Kind():         {snooze, vanished, lostAccess, giveUp},
		ArchiveArgs{}.Kind():      {snooze, vanished, lostAccess, giveUp},
		GroupArgs{}.Kind():        {giveUp},
		ReconcileArgs{}.Kind():    {snooze},
		ListingArgs{}.Kind():      {snooze},
		SweepArgs{}.Kind():        nil,
		HealArgs{}.Kind():         nil,
		HousekeepingArgs{}.Kind(): nil,
	} {
		for _, d := range append(decisions, retry, panicked) {
			m.errors.WithLabelValues(kind, d.String())
		}
	}
	reg.MustRegister(m.errors, &queueCollector{store: st})
	return m
}

// decided counts what the worker of a kind decides about an error and hands it on.
// River itself reports what is returned to it, the retries, to [errorCounter].
func (m *metrics) decided(kind string, d decision) decision {
	if d != retry {
		m.errors.WithLabelValues(kind, d.String()).Inc()
	}
	return d
}

// errorCounter counts the errors and panics that reach River; it decides nothing.
type errorCounter struct{ metrics *metrics }

// HandleError implements river.ErrorHandler.
func (c errorCounter) HandleError(_ context.Context, job *rivertype.JobRow, _ error) *river.ErrorHandlerResult {
	c.metrics.errors.WithLabelValues(job.Kind, retry.String()).Inc()
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (c errorCounter) HandlePanic(_ context.Context, job *rivertype.JobRow, _ any, _ string) *river.ErrorHandlerResult {
	c.metrics.errors.WithLabelValues(job.Kind, panicked.String()).Inc()
	return nil
}

// queueCollector counts the waiting and running jobs at each scrape: every
// replica reports the same.
type queueCollector struct{ store *store.Store }

var (
	queueJobs   = prometheus.NewDesc("kgsync_queue_jobs", "Jobs that are not finished, by queue and River state.", []string{"queue", "state"}, nil)
	queueOldest = prometheus.NewDesc("kgsync_queue_oldest_due_seconds", "How long the first job of a queue has been due, 0 when none is.", []string{"queue"}, nil)
)

// Describe implements prometheus.Collector.
func (*queueCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- queueJobs
	ch <- queueOldest
}

// Collect implements prometheus.Collector. Empty queues are zeros, not absent.
func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := c.store.OpenJobs(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueJobs, err)
		return
	}
	type key struct{ queue, state string }
	jobs, oldest := map[key]int64{}, map[string]float64{}
	for _, queue := range []string{queueFiles, queueBulk, queueArchives, queuePlans, queueBacklog, queueMaintenance} {
		oldest[queue] = 0
		for _, state := range []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled} {
			jobs[key{queue, string(state)}] = 0
		}
	}
	for _, n := range counts {
		jobs[key{n.Queue, n.State}] = n.Count
		if n.State != string(rivertype.JobStateRunning) {
			oldest[n.Queue] = max(oldest[n.Queue], n.DueSeconds)
		}
	}
	for k, n := range jobs {
		ch <- prometheus.MustNewConstMetric(queueJobs, prometheus.GaugeValue, float64(n), k.queue, k.state)
	}
	for queue, seconds := range oldest {
		ch <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, seconds, queue)
	}
}
