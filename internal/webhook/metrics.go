package webhook

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the deliveries; docs/metrics.md says what to do about each.
type metrics struct {
	deliveries *prometheus.CounterVec
	duration   prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_webhook_deliveries_total",
			Help: "Webhook deliveries by event and outcome."}, []string{"event", "outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "kgsync_webhook_duration_seconds",
			Help: "Time until a delivery was answered; GitHub gives up after 10 s.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 11)}),
	}
	for event := range known {
		m.deliveries.WithLabelValues(event, string(Accepted))
	}
	for _, outcome := range []string{"bad_signature", "malformed", "too_large", "unavailable"} {
		m.deliveries.WithLabelValues("push", outcome)
	}
	reg.MustRegister(m.deliveries, m.duration)
	return m
}

// known bounds the label: anybody can send any event name.
var known = map[string]bool{"push": true, "installation": true, "installation_repositories": true, "repository": true, "ping": true,
	"create": true, "delete": true, "check_run": true, "check_suite": true, "installation_target": true}

func (m *metrics) delivery(event, outcome string, d time.Duration) {
	if !known[event] {
		event = "other"
	}
	m.deliveries.WithLabelValues(event, outcome).Inc()
	m.duration.Observe(d.Seconds())
}
