package githubsim

import (
	"cmp"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimits are GitHub's limits. Zero fields take the documented values, so
// &RateLimits{} is github.com. Source: docs, rest/using-the-rest-api/
// rate-limits-for-the-rest-api.
type RateLimits struct {
	// Primary is requests per PrimaryWindow (zero: one hour) and installation;
	// zero means 5,000, plus 50 for each repository beyond 20, at most 12,500.
	Primary       int
	PrimaryWindow time.Duration
	// Points per endpoint and PointsWindow (zero: 900 in one minute); reading
	// costs 1, writing 5.
	Points       int
	PointsWindow time.Duration
	// Concurrent requests (zero: 100).
	Concurrent int
	// ContentCreations per PointsWindow (zero: 80).
	ContentCreations int
	// Status answers an exceeded limit: 403 (also zero) or 429, GitHub uses both.
	Status int
}

const (
	primaryLimit      = 5000
	primaryLimitMax   = 12500
	anonymousLimit    = 60
	scalingRepos      = 20 // repositories beyond which the limit grows
	scalingPerRepo    = 50
	secondaryDocsURL  = docsURL + "/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	primaryDocsURL    = docsURL + "/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations"
	secondaryExceeded = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)

// withDefaults fills the zero fields.
func (l RateLimits) withDefaults() RateLimits {
	l.PrimaryWindow = cmp.Or(l.PrimaryWindow, time.Hour)
	l.Points = cmp.Or(l.Points, 900)
	l.PointsWindow = cmp.Or(l.PointsWindow, time.Minute)
	l.Concurrent = cmp.Or(l.Concurrent, 100)
	l.ContentCreations = cmp.Or(l.ContentCreations, 80)
	l.Status = cmp.Or(l.Status, http.StatusForbidden)
	return l
}

// scaledLimit is the primary limit of an installation with so many repositories.
func scaledLimit(repositories int) int {
	return min(primaryLimitMax, primaryLimit+scalingPerRepo*max(0, repositories-scalingRepos))
}

// limiter counts what each caller used. With limits nil it admits everything
// and always reports a full budget.
type limiter struct {
	limits *RateLimits

	mu      sync.Mutex
	windows map[string]*window
	running map[string]int
	refused Refused
}

// Refused counts requests that exceeded a limit.
type Refused struct{ Primary, Secondary int }

// Refused tells how many requests were refused since the start because a limit was
// exceeded; faults are not counted.
func (s *Server) Refused() Refused {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	return s.limiter.refused
}

// window is a fixed window that starts with its first request.
type window struct {
	end  time.Time
	used int
}

// charge is what one request is billed by.
type charge struct {
	caller, operation string
	limit             int  // the caller's primary limit
	points            int  // 1 to read, 5 to write
	creates           bool // creates content
	free              bool // costs no primary quota (GET /rate_limit)
	now               time.Time
}

// quota is the state of a caller's primary limit.
type quota struct {
	limit, used int
	reset       time.Time
}

func newLimiter(limits *RateLimits) *limiter {
	l := &limiter{windows: map[string]*window{}, running: map[string]int{}}
	if limits != nil {
		filled := limits.withDefaults()
		l.limits = &filled
	}
	return l
}

// admit bills a request, or says by an *apiError why it is refused. done must
// be called when the request has ended.
func (l *limiter) admit(c charge) (done func(), refused error) {
	if l.limits == nil {
		return func() {}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	primary := l.windowLocked("primary "+c.caller, l.limits.PrimaryWindow, c.now)
	points := l.windowLocked("points "+c.caller+" "+c.operation, l.limits.PointsWindow, c.now)
	content := l.windowLocked("content "+c.caller, l.limits.PointsWindow, c.now)
	if !c.free && primary.used >= l.primary(c.limit) {
		l.refused.Primary++
		return nil, &apiError{
			status: l.limits.Status, docs: primaryDocsURL,
			message: "API rate limit exceeded for " + c.caller + ".",
		}
	}
	switch {
	case l.running[c.caller] >= l.limits.Concurrent:
		return nil, l.secondary(time.Second)
	case points.used+c.points > l.limits.Points:
		return nil, l.secondary(points.end.Sub(c.now))
	case c.creates && content.used >= l.limits.ContentCreations:
		return nil, l.secondary(content.end.Sub(c.now))
	}
	if !c.free {
		primary.used++
	}
	points.used += c.points
	if c.creates {
		content.used++
	}
	l.running[c.caller]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running[c.caller]--
	}, nil
}

// refund takes back the primary cost of an authorized 304.
func (l *limiter) refund(c charge) {
	if l.limits == nil || c.free {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if primary := l.windowLocked("primary "+c.caller, l.limits.PrimaryWindow, c.now); primary.used > 0 {
		primary.used--
	}
}

func (l *limiter) quota(c charge) quota {
	if l.limits == nil {
		return quota{limit: c.limit, reset: c.now.Add(time.Hour)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	primary := l.windowLocked("primary "+c.caller, l.limits.PrimaryWindow, c.now)
	return quota{limit: l.primary(c.limit), used: primary.used, reset: primary.end}
}

func (l *limiter) primary(scaled int) int { return cmp.Or(l.limits.Primary, scaled) }

func (l *limiter) secondary(wait time.Duration) error {
	l.refused.Secondary++
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	return &apiError{
		status: l.limits.Status, docs: secondaryDocsURL, message: secondaryExceeded,
		header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	}
}

func (l *limiter) windowLocked(key string, length time.Duration, now time.Time) *window {
	w := l.windows[key]
	if w == nil || !now.Before(w.end) {
		w = &window{end: now.Add(length)}
		l.windows[key] = w
	}
	return w
}

// setHeaders reports the quota as GitHub does on every answer.
func (q quota) setHeaders(h http.Header) {
	h.Set("X-Ratelimit-Limit", strconv.Itoa(q.limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, q.limit-q.used)))
	h.Set("X-Ratelimit-Used", strconv.Itoa(q.used))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(q.reset.Unix(), 10))
	h.Set("X-Ratelimit-Resource", "core")
}
