package github

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Ledger is where the processes of one App share GitHub's limits. Its methods are
// safe for concurrent use.
type Ledger interface {
	// Exchange renews this process's share, tells what it knows and gives what the
	// others know that this process has not been given yet. All shares together
	// never exceed 1, whoever comes, goes or is killed.
	Exchange(ctx context.Context, told Told) (*Learned, error)
	// Leave gives the share to the others at once.
	Leave(ctx context.Context) error
}

// Told is what a process tells the others.
type Told struct {
	Holding float64 // the share that its requests in flight still take
	Known   []Standing
}

// Learned is what it learns from them.
type Learned struct {
	Share float64 // of each limit that it may use until the next exchange, or ShareLasts
	Known []Standing
}

// Standing is how an installation stands with GitHub. Durations are from now on.
type Standing struct {
	Installation int64 // 0: the App itself
	Budget       Budget
	ResetIn      time.Duration
	Quiet        time.Duration // GitHub asked us not to send for so long
}

// Times of the exchange. A share that could not be renewed ends here before it ends
// for the others, so that two clocks and a slow answer fit in between.
const (
	exchangeEvery = time.Second
	ShareLasts    = 10 * time.Second // here
	ShareExpires  = 15 * time.Second // for the others
)

// share is the part of GitHub's limits that this process may use.
type share struct {
	mu    sync.Mutex
	part  float64
	until time.Time // zero: for ever
	begun time.Time
	soon  chan struct{} // asks for an exchange now
}

func newShare(alone bool) *share {
	s := &share{begun: time.Now(), soon: make(chan struct{}, 1)}
	if alone {
		s.part = 1
	} else {
		s.until = s.begun
	}
	return s
}

func (s *share) now() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.until.IsZero() && time.Now().After(s.until) {
		return 0
	}
	return s.part
}

func (s *share) since() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

func (s *share) set(part float64, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part, s.until = part, until
}

// hurry asks for an exchange before its time: the others should know soon.
func (s *share) hurry() {
	select {
	case s.soon <- struct{}{}:
	default:
	}
}

// Share joins the other processes of the ledger in the configuration and exchanges
// with them every second until leave is called, which gives the share back. Without
// a ledger it does nothing. Before it no request is sent.
func (a *App) Share(ctx context.Context) (leave func(), err error) {
	if a.config.Ledger == nil {
		return func() {}, nil
	}
	if err := a.exchange(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.exchangeAlways(ctx)
	}()
	return func() {
		cancel()
		<-done
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeEvery)
		defer cancel()
		a.share.set(0, time.Now())
		if err := a.config.Ledger.Leave(end); err != nil {
			a.config.Logger.Warn("the share of GitHub's limits was not given back and expires by itself", "err", err)
		}
	}, nil
}

func (a *App) exchangeAlways(ctx context.Context) {
	ticker := time.NewTicker(exchangeEvery)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.share.soon:
		case <-ticker.C:
		}
		once, cancel := context.WithTimeout(ctx, ShareLasts/2)
		err := a.exchange(once)
		cancel()
		if err != nil && !failed && ctx.Err() == nil { // once: the database tells the rest
			a.config.Logger.Warn("sharing GitHub's limits failed; no requests are sent when that goes on", "err", err)
		}
		failed = err != nil
	}
}

// exchange is one exchange with the others.
func (a *App) exchange(ctx context.Context) error {
	begun := time.Now()
	clients := a.clients()
	told := Told{}
	for id, c := range clients {
		if s, changed := c.allowance.standing(id, begun); changed {
			told.Known = append(told.Known, s)
		}
		told.Holding = max(told.Holding, c.allowance.holding())
	}
	learned, err := a.config.Ledger.Exchange(ctx, told)
	if err != nil {
		for _, s := range told.Known { // again the next time
			clients[s.Installation].allowance.tell()
		}
		return fmt.Errorf("share GitHub's limits with the other processes: %w", err)
	}
	a.share.set(learned.Share, begun.Add(ShareLasts))
	a.metrics.share.Set(learned.Share)
	for _, s := range learned.Known {
		c := a.client
		if s.Installation != 0 {
			c = a.Installation(s.Installation).client
		}
		c.allowance.learn(s)
	}
	return nil
}

// clients gives all of this process by installation.
func (a *App) clients() map[int64]*client {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := map[int64]*client{0: a.client}
	for id, i := range a.known {
		list[id] = i.client
	}
	return list
}

// standing gives what to tell the others, if it changed since the last time.
func (a *allowance) standing(id int64, now time.Time) (Standing, bool) {
	a.mu.Lock()
	changed := a.changed
	a.changed = false
	a.mu.Unlock()
	return Standing{Installation: id, Budget: a.budget.load(), ResetIn: a.budget.left(now), Quiet: max(a.gate.wait(now), 0)}, changed
}

// tell has the next exchange tell the others.
func (a *allowance) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed = true
}

// holding is the share of the places that requests in flight take.
func (a *allowance) holding() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.limits == nil || a.limits.Concurrent == 0 {
		return 0
	}
	return math.Min(float64(a.inFlight)/float64(a.limits.Concurrent), 1)
}

// learn takes what another process knows.
func (a *allowance) learn(s Standing) {
	a.budget.learn(s.Budget, s.ResetIn)
	if s.Quiet > 0 {
		a.gate.hear(time.Now(), s.Quiet)
	}
}
