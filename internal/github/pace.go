package github

import (
	"context"
	"sync"
	"time"
)

// writeGap is the least time between two writes (docs:
// rest/using-the-rest-api/best-practices-for-using-the-rest-api, "pause between
// mutative requests").
const writeGap = time.Second

// pace spreads an installation's writes. Its zero value is ready.
type pace struct {
	mu   sync.Mutex
	next time.Time
}

// wait takes the next free moment and waits for it. With a share of the limits the
// gap is longer, because others write too.
func (p *pace) wait(ctx context.Context, share float64) error {
	p.mu.Lock()
	now := time.Now()
	at := now
	if p.next.After(now) {
		at = p.next
	}
	p.next = at.Add(time.Duration(float64(writeGap) / max(share, 0.01)))
	p.mu.Unlock()
	if at.Equal(now) {
		return ctx.Err()
	}
	timer := time.NewTimer(at.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
