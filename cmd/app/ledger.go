package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
)

// A process that works jobs sends nearly all requests; one that only serves the web
// verifies now and then.
const (
	workerWeight = 10
	webWeight    = 1
)

// ledger is the store as the GitHub client sees it; it is a github.Ledger.
type ledger struct {
	store  *store.Store
	name   string
	weight int

	mu    sync.Mutex
	since time.Time // by the database's clock
}

func newLedger(st *store.Store, work bool) *ledger {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	l := &ledger{store: st, name: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()), weight: webWeight}
	if work {
		l.weight = workerWeight
	}
	return l
}

// Exchange implements github.Ledger.
func (l *ledger) Exchange(ctx context.Context, told github.Told) (*github.Learned, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := make([]store.Standing, len(told.Known))
	for i, k := range told.Known {
		known[i] = store.Standing{Installation: k.Installation, Limit: k.Budget.Limit, Remaining: k.Budget.Remaining, Reset: k.Budget.Reset,
			ResetIn: k.ResetIn, Quiet: k.Quiet}
	}
	e, err := l.store.Exchange(ctx, store.Replica{Name: l.name, Weight: l.weight, Holding: told.Holding, Expires: github.ShareExpires}, known, l.since)
	if err != nil {
		return nil, err
	}
	l.since = e.At
	learned := &github.Learned{Share: e.Share}
	for _, s := range e.Standings {
		learned.Known = append(learned.Known, github.Standing{Installation: s.Installation, ResetIn: s.ResetIn, Quiet: s.Quiet,
			Budget: github.Budget{Limit: s.Limit, Remaining: s.Remaining, Reset: s.Reset}})
	}
	return learned, nil
}

// Leave implements github.Ledger.
func (l *ledger) Leave(ctx context.Context) error { return l.store.Leave(ctx, l.name) }
