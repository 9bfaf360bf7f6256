package jobs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/store"
)

// queueCollector counts the waiting and running jobs at each scrape.
type queueCollector struct{ store *store.Store }

var queueJobs = prometheus.NewDesc("kgsync_queue_jobs", "Jobs that are not finished, by queue and River state.", []string{"queue", "state"}, nil)

// Describe implements prometheus.Collector.
func (*queueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- queueJobs }

// Collect implements prometheus.Collector.
func (c *queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := c.store.OpenJobs(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueJobs, err)
		return
	}
	for _, n := range counts {
		ch <- prometheus.MustNewConstMetric(queueJobs, prometheus.GaugeValue, float64(n.Count), n.Queue, n.State)
	}
}
