package githubsim

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault makes matching requests fail or misbehave. The zero matching fields
// match everything; several given ones must all match.
type Fault struct {
	// Method matches the HTTP method.
	Method string
	// PathPrefix and Contains match the URL's path.
	PathPrefix, Contains string
	// Times is how many requests are hit; zero means for ever.
	Times int

	// Status, when not zero, answers instead of GitHub with Header and Body.
	Status int
	Header http.Header
	Body   string
	// ResetIn, when not zero, adds the X-RateLimit-Reset that lies so much ahead of
	// the clock with which the answer is given.
	ResetIn time.Duration
	// Delay is waited before the answer.
	Delay time.Duration
	// CutAfterBytes, when not zero, breaks the connection after so many bytes
	// of the body.
	CutAfterBytes int
	// PauseAfterBytes, when not zero, lets the body stop for Pause after so many bytes.
	PauseAfterBytes int
	Pause           time.Duration
	// StaleHead, when not empty, is the commit SHA that a branch name or HEAD
	// resolves to, as when GitHub's reads lag behind its webhooks.
	StaleHead string
}

func (f Fault) matches(r *http.Request) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		strings.HasPrefix(r.URL.Path, f.PathPrefix) &&
		strings.Contains(r.URL.Path, f.Contains)
}

type faultList struct {
	mu      sync.Mutex
	faults  []*Fault
	latency time.Duration
}

// Inject adds a fault and returns the function that removes it. Of several
// matching faults the oldest is applied, alone.
func (s *Server) Inject(fault Fault) (remove func()) {
	entry := &fault
	entry.Header = maps.Clone(fault.Header)
	l := &s.faults
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, entry)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.removeLocked(entry)
	}
}

// SetLatency delays every request from now on; zero stops that.
func (s *Server) SetLatency(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.latency = d
}

func (l *faultList) removeLocked(entry *Fault) {
	kept := l.faults[:0]
	for _, f := range l.faults {
		if f != entry {
			kept = append(kept, f)
		}
	}
	l.faults = kept
}

// take returns the fault for a request (zero if none), using it up once, with
// the server's latency added to its delay.
func (l *faultList) take(r *http.Request) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.faults {
		if !f.matches(r) {
			continue
		}
		found := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				l.removeLocked(f)
			}
		}
		found.Delay += l.latency
		return found
	}
	return Fault{Delay: l.latency}
}

// answer writes the fault's own answer; false when it has none.
func (f Fault) answer(w http.ResponseWriter, now time.Time) bool {
	for name, values := range f.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if f.Status == 0 {
		return false
	}
	if f.ResetIn != 0 {
		w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(now.Add(f.ResetIn).Unix(), 10))
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
	return true
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
