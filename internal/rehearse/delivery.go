package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
)

// doomed makes a step that decides what happens to the next deliveries.
func doomed(name string, weight int, f fate) kind {
	return kind{name, "delivery", weight, func(w *world, _ context.Context, rng *rand.Rand) (string, error) {
		n := 1 + rng.IntN(2)
		for range n {
			w.net.doom(f)
		}
		return fmt.Sprintf("the next %d", n), nil
	}}
}

var deliveryKinds = []kind{
	doomed("delivery-lost", 4, lost),
	doomed("delivery-swallowed", 3, swallowed),
	doomed("delivery-doubled", 3, doubled),
	doomed("delivery-delayed", 5, held),
	doomed("answer-lost", 2, unanswered),
	doomed("push-emptied", 3, emptied),
	doomed("push-thinned", 3, thinned),
	doomed("push-cut-short", 2, cutShort),
	{"delayed-arrive", "delivery", 3, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		if n := w.net.release(ctx, rng); n > 0 {
			w.result.Counts["deliveries that arrived late and in any order"] += n
			return fmt.Sprintf("%d", n), nil
		}
		return "", nil
	}},
	{"redelivery", "delivery", 3, redeliver},
	{"forged", "delivery", 1, forge},
}

// redeliver repeats any delivery of the past.
func redeliver(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	list := w.sim.Deliveries()
	if len(list) == 0 {
		return "", nil
	}
	d := list[rng.IntN(len(list))]
	return d.Event + " " + d.GUID, w.sim.Redeliver(ctx, d.GUID)
}

// forge sends a push with a signature that is not GitHub's.
func forge(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
	p := &parcel{path: "/webhooks/github", body: []byte(`{"ref":"refs/heads/main"}`), header: http.Header{"X-Github-Event": {"push"},
		"X-Github-Delivery": {"00000000-0000-4000-8000-000000000000"}, "X-Hub-Signature-256": {"sha256=00"}}}
	res, err := w.net.carry(ctx, p)
	if err != nil {
		return "", nil //nolint:nilerr // nobody listens
	}
	res.Body.Close()
	if res.StatusCode == http.StatusOK {
		w.violate("a forged delivery was answered 200")
	}
	return fmt.Sprintf("answered %d", res.StatusCode), nil
}
