package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Campaign is the histories of a range of seeds.
type Campaign struct {
	From      uint64
	Histories int
	Parallel  int           // zero: one at a time
	Shrink    time.Duration // to spend on making a failing history shorter
	Ledger    *Ledger       // what it has is not played again
	// Each hears of every history that was played, one at a time.
	Each func(*Result)
	// StopAtDrift ends the campaign at the first history that does not converge.
	StopAtDrift bool
}

// errDrift ends a campaign early.
var errDrift = errors.New("a history did not converge")

// Run plays a campaign and gives the histories that did not converge, each made as
// short as the time allowed.
func (s *Stage) Run(ctx context.Context, c Campaign) ([]*Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seeds := make(chan uint64)
	r := &running{campaign: c, stage: s, stop: cancel}
	var workers sync.WaitGroup
	for range max(c.Parallel, 1) {
		workers.Go(func() {
			for seed := range seeds {
				r.play(ctx, seed)
			}
		})
	}
	for i := range c.Histories {
		seed := c.From + uint64(i)
		if c.Ledger.Has(seed) {
			continue
		}
		select {
		case seeds <- seed:
		case <-ctx.Done():
		}
	}
	close(seeds)
	workers.Wait()
	if cause := context.Cause(ctx); r.err == nil && cause != nil && !errors.Is(cause, errDrift) {
		return r.drifted, cause
	}
	return r.drifted, r.err
}

type running struct {
	campaign Campaign
	stage    *Stage
	stop     context.CancelCauseFunc

	mu      sync.Mutex
	drifted []*Result
	err     error
}

func (r *running) play(ctx context.Context, seed uint64) {
	result, err := r.stage.Play(ctx, r.stage.History(seed))
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		r.err = errors.Join(r.err, err)
		r.stop(err)
		return
	}
	if err := r.campaign.Ledger.Add(result); err != nil {
		r.err = errors.Join(r.err, err)
	}
	if r.campaign.Each != nil {
		r.campaign.Each(result)
	}
	if result.Converged() {
		return
	}
	r.drifted = append(r.drifted, r.stage.Shrink(ctx, result, r.campaign.Shrink))
	if r.campaign.StopAtDrift {
		r.stop(errDrift)
	}
}

// Shrink looks for a shorter part of a history that drifts too, until the time is
// over, and gives the shortest. A part is tried twice: processes run concurrently,
// so that a failure repeats with some probability only.
func (s *Stage) Shrink(ctx context.Context, failed *Result, limit time.Duration) *Result {
	const tries = 2
	deadline := time.Now().Add(limit)
	best := failed
	for size := (len(best.History.Steps) + 1) / 2; size > 0; {
		shorter := false
		for from := 0; from < len(best.History.Steps); {
			part := best.History
			part.Steps = slices.Concat(part.Steps[:from], part.Steps[min(from+size, len(part.Steps)):])
			r := s.drifts(ctx, part, tries, deadline)
			if time.Now().After(deadline) || ctx.Err() != nil {
				return best
			}
			if r != nil {
				best, shorter = r, true
			} else {
				from += size
			}
		}
		if !shorter || size > len(best.History.Steps) {
			size /= 2
		}
	}
	return best
}

// drifts plays a history until it drifts; nil if it does not.
func (s *Stage) drifts(ctx context.Context, h History, tries int, deadline time.Time) *Result {
	for range tries {
		if time.Now().After(deadline) {
			return nil
		}
		if r, err := s.Play(ctx, h); err == nil && !r.Converged() {
			return r
		}
	}
	return nil
}

// Write prints the totals, the kinds by their area.
func (t *Totals) Write(w io.Writer) {
	fmt.Fprintf(w, "%d histories (seeds %d to %d), %d drifted %v\n", t.Histories, t.FirstSeed, t.LastSeed, len(t.Drifted), t.Drifted)
	fmt.Fprintf(w, "%d files and %d rows of the canonical dump compared, %d API requests, %v of histories\n", t.Files, t.Rows, t.Requests, t.Duration.Round(time.Second))
	for _, size := range slices.Sorted(maps.Keys(t.ByGroup)) {
		fmt.Fprintf(w, "  groups of %d: %d\n", size, t.ByGroup[size])
	}
	for _, ending := range slices.Sorted(maps.Keys(t.ByEnding)) {
		fmt.Fprintf(w, "  ended by a %s: %d\n", ending, t.ByEnding[ending])
	}
	fmt.Fprint(w, "\n| area | kinds of steps, and how many had an effect |\n|---|---|\n")
	byArea := map[string][]string{}
	for _, k := range kinds {
		byArea[k.area] = append(byArea[k.area], fmt.Sprintf("%s %d", k.name, t.Steps[k.name]))
	}
	for _, area := range slices.Sorted(maps.Keys(byArea)) {
		fmt.Fprintf(w, "| %s | %s |\n", area, strings.Join(byArea[area], ", "))
	}
	fmt.Fprint(w, "\n| counted | times |\n|---|---|\n")
	for _, what := range slices.Sorted(maps.Keys(t.Counts)) {
		fmt.Fprintf(w, "| %s | %d |\n", what, t.Counts[what])
	}
}
