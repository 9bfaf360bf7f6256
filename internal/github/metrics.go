package github

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the requests to GitHub; docs/metrics.md says what to do about each.
// No label grows with the number of installations or repositories.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	bytes    prometheus.Counter
	inFlight prometheus.Gauge
	quota    prometheus.Gauge
	waits    *prometheus.CounterVec
	renewals prometheus.Counter
	held     *prometheus.CounterVec
	share    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_github_requests_total",
			Help: "Requests to GitHub by operation and class of the answer's status (2xx, 3xx, 4xx, 5xx, or none without an answer)."}, []string{"operation", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kgsync_github_request_duration_seconds",
			Help: "Time until GitHub's answer began, by operation.", Buckets: prometheus.ExponentialBuckets(0.005, 2.5, 10)}, []string{"operation"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "kgsync_github_received_bytes_total",
			Help: "Body bytes received from GitHub."}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kgsync_github_requests_in_flight",
			Help: "Requests whose answer has not begun."}),
		quota: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kgsync_github_rate_limit_remaining",
			Help: "Requests left in the primary limit, as the newest answer to any installation said."}),
		waits: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_github_waits_total",
			Help: "How often GitHub made us wait, by limit (primary or secondary)."}, []string{"limit"}),
		renewals: prometheus.NewCounter(prometheus.CounterOpts{Name: "kgsync_github_token_renewals_total",
			Help: "Tokens dropped because GitHub refused them before they expired."}),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kgsync_github_held_requests_total",
			Help: "Requests that were not sent at once, by the limit that they would have exceeded."}, []string{"limit"}),
		share: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kgsync_github_share",
			Help: "The part of GitHub's limits that this process may use, 0 to 1."}),
	}
	for limit := range reasons {
		m.held.WithLabelValues(limit)
	}
	m.share.Set(1)
	m.quota.Set(math.NaN()) // not known before the first answer, which is not the same as none left
	for _, limit := range []string{"primary", "secondary"} {
		m.waits.WithLabelValues(limit)
	}
	for _, op := range operations { // an error's first increase must not be its series' birth, which no rate sees
		for _, class := range []string{"2xx", "3xx", "4xx", "5xx", "none"} {
			m.requests.WithLabelValues(op, class)
		}
	}
	reg.MustRegister(m.requests, m.duration, m.bytes, m.inFlight, m.quota, m.waits, m.renewals, m.held, m.share)
	return m
}

func (m *metrics) request(op string, status int, d time.Duration) {
	class := "none"
	if status != 0 {
		class = strconv.Itoa(status/100) + "xx"
	}
	m.requests.WithLabelValues(op, class).Inc()
	m.duration.WithLabelValues(op).Observe(d.Seconds())
}

func (m *metrics) remaining(h http.Header) {
	if n, err := strconv.Atoi(h.Get("X-RateLimit-Remaining")); err == nil {
		m.quota.Set(float64(n))
	}
}
