package github

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the requests to GitHub; docs/metrics.md says what to do about each.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	quota    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_github_requests_total",
			Help: "Requests to GitHub by operation and status; status 0 is no answer."}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kgsync_github_request_duration_seconds",
			Help: "Time until GitHub's answer began, by operation.", Buckets: prometheus.ExponentialBuckets(0.005, 2.5, 9)}, []string{"operation"}),
		quota: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kgsync_github_rate_limit_remaining",
			Help: "Requests left in the primary limit, as the newest answer of any installation said."}),
	}
	reg.MustRegister(m.requests, m.duration, m.quota)
	return m
}

func (m *metrics) request(op string, status int, d time.Duration) {
	m.requests.WithLabelValues(op, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(op).Observe(d.Seconds())
}

func (m *metrics) remaining(h http.Header) {
	if n, err := strconv.Atoi(h.Get("X-RateLimit-Remaining")); err == nil {
		m.quota.Set(float64(n))
	}
}
