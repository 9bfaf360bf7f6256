package github

import (
	"context"
	"sync"
	"time"
)

const (
	// maxStay is how long a request waits in its place in the program, holding a
	// worker; a longer wait is the caller's.
	maxStay = 5 * time.Second
	// recheck is how often a request looks again at what no clock can tell.
	recheck = 50 * time.Millisecond
	// keptInBucket is the part of a bucket that only pushes use.
	keptInBucket = 1.0 / 3
)

// Points of requests (docs: rest/using-the-rest-api/rate-limits-for-the-rest-api,
// calculating points for the secondary rate limit).
const readPoints, writePoints = 1, 5

// allowance is what one caller may ask of GitHub from this process: its share of the
// limits, the primary limit as the answers tell it, and whether GitHub asked for quiet.
type allowance struct {
	gate    gate
	budget  budget
	writes  pace
	limits  *Limits // nil: none but the gate's and maxInFlight
	share   *share
	metrics *metrics

	mu       sync.Mutex
	inFlight int
	freed    chan struct{} // closed when a request has ended
	points   map[string]*bucket
	cpu      *bucket
	contents *bucket
	changed  bool // since the others were told
}

func newAllowance(a *App) *allowance {
	return &allowance{limits: a.config.Limits, share: a.share, metrics: a.metrics, freed: make(chan struct{}), points: map[string]*bucket{}}
}

// held is why a request was not sent at once, as the metrics call it.
type held struct {
	why  string
	wait time.Duration
}

// admit lets one request go, after a short wait if need be, or says by an *Error how
// long it has to wait. Each admitted one must be released. live says that it is a
// push's, which may use what is kept for pushes.
func (a *allowance) admit(ctx context.Context, r *request, live bool) *Error {
	begun, counted := time.Now(), false
	for {
		h, freed := a.try(time.Now(), r, live)
		if h.why == "" {
			break
		}
		if !counted {
			counted = true
			a.metrics.held.WithLabelValues(h.why).Inc()
		}
		if h.why == heldQuiet || h.why == heldPrimary || a.limits != nil && time.Since(begun)+h.wait > maxStay {
			return &Error{Op: r.op, Class: Wait, is: ErrRateLimited, RetryAfter: max(h.wait, time.Second), Reason: "not sent: " + reasons[h.why]}
		}
		timer := time.NewTimer(h.wait)
		select {
		case <-timer.C:
		case <-freed:
		case <-ctx.Done():
			timer.Stop()
			return noAnswer(r.op, ctx.Err())
		}
		timer.Stop()
	}
	if r.write() {
		if err := a.writes.wait(ctx, a.share.now()); err != nil {
			a.release(0)
			return noAnswer(r.op, err)
		}
	}
	return nil
}

// Why requests are held back.
const (
	heldQuiet      = "quiet"
	heldPrimary    = "primary"
	heldConcurrent = "concurrent"
	heldPoints     = "points"
	heldCPU        = "cpu"
	heldContents   = "contents"
)

var reasons = map[string]string{
	heldQuiet:      "GitHub asked us to wait",
	heldPrimary:    "the rest of the primary limit is kept for pushes",
	heldConcurrent: "as many requests as GitHub allows are in flight",
	heldPoints:     "as many requests of the kind as GitHub allows were sent",
	heldCPU:        "GitHub has worked for us as long as it allows",
	heldContents:   "as much was written as GitHub allows",
}

// try takes what the request costs, or says what it lacks.
func (a *allowance) try(now time.Time, r *request, live bool) (held, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.gate.wait(now); wait > 0 {
		return held{heldQuiet, wait}, nil
	}
	if a.limits == nil {
		if a.inFlight >= maxInFlight {
			return held{heldConcurrent, time.Hour}, a.freed // a place gets free, or the caller leaves
		}
		a.inFlight++
		return held{}, nil
	}
	share := a.share.now()
	if h := a.lacks(now, r, live, share); h.why != "" {
		return h, a.freed
	}
	points := a.bucketOf(r.op)
	points.take(pointsOf(r))
	if r.write() {
		a.contents.take(1)
	}
	a.inFlight++
	return held{}, nil
}

// lacks says what keeps the request back, if anything does.
func (a *allowance) lacks(now time.Time, r *request, live bool, share float64) held {
	keep, reserve := keptInBucket, a.limits.Reserve
	places := int(float64(a.limits.Concurrent) * share)
	if live {
		keep, reserve = 0, 0
	} else if places > 1 {
		places -= max(places*a.limits.Reserve/100, 1)
	}
	if wait, sure := a.budget.wait(now, reserve, a.inFlight); wait > 0 {
		if sure {
			return held{heldPrimary, wait}
		}
		return held{heldConcurrent, wait}
	}
	if a.inFlight >= places {
		return held{heldConcurrent, recheck}
	}
	if wait := a.bucketOf(r.op).wait(now, share, pointsOf(r), keep); wait > 0 {
		return held{heldPoints, wait}
	}
	if wait := a.cpu.wait(now, share, 0, keep); wait > 0 {
		return held{heldCPU, wait}
	}
	if r.write() {
		if wait := a.contents.wait(now, share, 1, 0); wait > 0 {
			return held{heldContents, wait}
		}
	}
	return held{}
}

// bucketOf gives the bucket of an endpoint, and makes the others on the way.
func (a *allowance) bucketOf(op string) *bucket {
	since := a.share.since()
	if a.cpu == nil {
		a.cpu = newBucket(a.limits.CPU.Seconds(), a.limits.Window, since)
		a.contents = newBucket(float64(a.limits.Contents), time.Hour, since)
	}
	if a.points[op] == nil {
		a.points[op] = newBucket(float64(a.limits.Points), a.limits.Window, since)
	}
	return a.points[op]
}

func pointsOf(r *request) float64 {
	if r.write() {
		return writePoints
	}
	return readPoints
}

// release ends a request that took GitHub so long to answer.
func (a *allowance) release(took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inFlight--
	if a.cpu != nil {
		a.cpu.take(took.Seconds())
	}
	close(a.freed)
	a.freed = make(chan struct{})
}
