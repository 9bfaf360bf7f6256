package github

import (
	"sync"
	"time"
)

// maxSecondaryWait ends the doubling of waits that GitHub gave no time for.
const maxSecondaryWait = 16 * time.Minute

// gate keeps an installation quiet while GitHub asked it to wait: going on
// "while rate limited may result in the banning of your integration" (docs:
// rest/using-the-rest-api/best-practices-for-using-the-rest-api).
//
// go-github has such a gate too, but it does not know 429, and for a secondary
// limit without retry-after it waits until the primary limit's reset, up to an
// hour: wire hides the headers from it.
type gate struct {
	mu      sync.Mutex
	until   time.Time
	guesses int // waits in a row that GitHub gave no time for
}

// wait is how long requests must not be sent; zero or less means that they may.
func (g *gate) wait(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until.Sub(now)
}

// shut closes the gate and gives how long. A guessed wait doubles each time that
// it proves too short; requests that were under way together count once.
func (g *gate) shut(now time.Time, d time.Duration, guessed bool) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	already := g.until.After(now)
	if guessed && !already {
		d = min(d<<min(g.guesses, 10), maxSecondaryWait)
		g.guesses++
	}
	if until := now.Add(d); until.After(g.until) {
		g.until = until
	}
	return g.until.Sub(now)
}

// hear closes the gate because GitHub asked another process to wait. It counts as a
// guess that may prove too short: whoever is limited next waits longer.
func (g *gate) hear(now time.Time, d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.until.After(now) {
		g.guesses++
	}
	if until := now.Add(d); until.After(g.until) {
		g.until = until
	}
}

// passed forgets the guesses: an answer came through.
func (g *gate) passed(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.until.After(now) {
		g.guesses = 0
	}
}
