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

type budget struct {
	mu  sync.Mutex
	now Budget
}

func (b *budget) load() Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// see reads the x-ratelimit headers of an answer; other resources than core have
// budgets of their own.
func (b *budget) see(h http.Header) {
	limit, err := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	reset, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if resource := h.Get("X-RateLimit-Resource"); err != nil || err2 != nil || err3 != nil || resource != "" && resource != "core" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = Budget{Limit: limit, Remaining: remaining, Reset: time.Unix(reset, 0)}
}
