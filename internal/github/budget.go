package github

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Budget is a primary rate limit: Remaining of Limit requests until Reset.
type Budget struct {
	Limit, Remaining int
	Reset            time.Time
}

// sameWindow is by how much two answers may differ about the reset of one window.
const sameWindow = 2 * time.Second

// budget is what is known of the primary limit. Its zero value knows nothing.
type budget struct {
	mu   sync.Mutex
	now  Budget
	over time.Time // the reset by our clock
}

func (b *budget) load() Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// see reads the x-ratelimit headers of an answer and reports whether they told
// anything; other resources than core have budgets of their own.
func (b *budget) see(h http.Header) bool {
	limit, err := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	reset, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if resource := h.Get("X-RateLimit-Resource"); err != nil || err2 != nil || err3 != nil || resource != "" && resource != "core" {
		return false
	}
	told := Budget{Limit: limit, Remaining: remaining, Reset: time.Unix(reset, 0)}
	o := outcome{header: h}
	in := min(max(told.Reset.Sub(o.now()), 0), maxWait) + time.Second // both are told in whole seconds
	b.mu.Lock()
	defer b.mu.Unlock()
	if told.Reset.Before(b.now.Reset.Add(-sameWindow)) {
		return false // an answer of the window before
	}
	b.now, b.over = told, time.Now().Add(in)
	return true
}

// learn takes what another process knows if that is newer.
func (b *budget) learn(told Budget, in time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch apart := told.Reset.Sub(b.now.Reset); {
	case told.Limit == 0 || apart < -sameWindow:
	case apart > sameWindow:
		b.now, b.over = told, time.Now().Add(in)
	default:
		b.now.Remaining = min(b.now.Remaining, told.Remaining)
	}
}

// wait is how long a request has to wait that must leave so many percent of the
// limit. sure says that it is until the reset; otherwise the requests in flight may
// cost less than they could.
func (b *budget) wait(now time.Time, percent, inFlight int) (wait time.Duration, sure bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.now.Remaining - b.now.Limit*percent/100
	switch {
	case b.now.Limit == 0 || !now.Before(b.over) || left > inFlight:
		return 0, false
	case left <= 0:
		return b.over.Sub(now), true
	default:
		return recheck, false
	}
}

// left is the time until the reset.
func (b *budget) left(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.over.Sub(now), 0)
}
