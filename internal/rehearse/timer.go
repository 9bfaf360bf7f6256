package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

var timeKinds = []kind{
	{"time-passes", "time", 4, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		n := 0
		if rng.IntN(2) == 0 {
			var err error
			if n, err = w.rescue(ctx); err != nil {
				return "", err
			}
		}
		w.result.Counts["jobs rescued"] += n
		return fmt.Sprintf("waits end, %d jobs rescued", n), w.passTime(ctx)
	}},
	{"sweep", "time", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) { return "now", w.ring(ctx, "sweep") }},
	{"heal", "time", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) { return "now", w.ring(ctx, "heal") }},
	{"housekeeping", "time", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		return "now", w.ring(ctx, "housekeeping")
	}},
	{"reconcile", "time", 3, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) { return "now", w.dueNow(ctx) }},
	{"settles", "time", 3, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		return "the steps wait", wait(ctx, time.Duration(50+rng.IntN(500))*time.Millisecond)
	}},
}

// fields are the words of a text.
func fields(s string) func(func(string) bool) { return strings.FieldsSeq(s) }
