package jobs

import (
	"context"
	stdsync "sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/webhook"
)

const (
	// pushesTogether bounds the pushes of one transaction, pathsTogether the paths
	// that they name.
	pushesTogether = 32
	pathsTogether  = 500
	// transactionsAtOnce is how many such transactions run at a time: one is filled
	// while the other is committed.
	transactionsAtOnce = 2
	// acceptTime is how long GitHub waits for its answer.
	acceptTime = 10 * time.Second
)

// together accepts the pushes that have come while earlier ones were committed in
// one transaction, as a database does with commits: a push alone waits for nobody,
// many share statements and the commit. Pushes of one repository are accepted one
// after the other, in their order. What fails together, or needs a closer look, is
// accepted alone.
type together struct {
	runner *Runner

	mu      stdsync.Mutex
	queue   []*waiting
	busy    map[int64]bool // repositories of which a push is being accepted
	running int
}

// waiting is a push on its way.
type waiting struct {
	delivery *webhook.Delivery
	outcome  webhook.Outcome
	err      error
	done     chan struct{} // closed when outcome and err are there
}

func newTogether(r *Runner) *together { return &together{runner: r, busy: map[int64]bool{}} }

// accept waits for the push's outcome. If the context ends first the push may still
// be accepted; a redelivery finds out.
func (t *together) accept(ctx context.Context, d *webhook.Delivery) (webhook.Outcome, error) {
	w := &waiting{delivery: d, done: make(chan struct{})}
	t.mu.Lock()
	t.queue = append(t.queue, w)
	t.mu.Unlock()
	t.start()
	select {
	case <-w.done:
		return w.outcome, w.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// start begins another transaction if there is something for it to do.
func (t *together) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == transactionsAtOnce {
		return
	}
	if next := t.take(); len(next) > 0 {
		t.running++
		go t.run(next)
	}
}

// run accepts pushes until none is left that can be.
func (t *together) run(next []*waiting) {
	for len(next) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), acceptTime)
		alone := t.commit(ctx, next)
		cancel()
		for _, w := range alone {
			go t.alone(w)
		}
		t.mu.Lock()
		next = t.take()
		if len(next) == 0 {
			t.running--
		}
		t.mu.Unlock()
	}
}

// take gives the next pushes, at most one a repository. The lock must be held.
func (t *together) take() []*waiting {
	var next, rest []*waiting
	paths := 0
	for _, w := range t.queue {
		id, n := w.delivery.Repository.ID, len(w.delivery.Push.Paths)
		if t.busy[id] || len(next) == pushesTogether || len(next) > 0 && paths+n > pathsTogether {
			rest = append(rest, w)
			continue
		}
		t.busy[id] = true
		paths += n
		next = append(next, w)
	}
	t.queue = rest
	return next
}

// commit accepts pushes in one transaction and gives those that must go alone.
func (t *together) commit(ctx context.Context, list []*waiting) (alone []*waiting) {
	deliveries := make([]*webhook.Delivery, len(list))
	for i, w := range list {
		deliveries[i] = w.delivery
	}
	var outcomes []webhook.Outcome
	err := t.runner.inTx(ctx, func(tx pgx.Tx) (err error) {
		outcomes, err = t.runner.acceptKnown(ctx, tx, deliveries, false)
		return err
	})
	if err != nil {
		return list
	}
	for i, w := range list {
		if outcomes[i] == "" {
			alone = append(alone, w)
			continue
		}
		t.finish(w, outcomes[i], nil)
	}
	return alone
}

func (t *together) alone(w *waiting) {
	ctx, cancel := context.WithTimeout(context.Background(), acceptTime)
	defer cancel()
	outcome, err := t.runner.acceptAlone(ctx, w.delivery)
	t.finish(w, outcome, err)
	t.start() // for the repository's next push
}

func (t *together) finish(w *waiting, outcome webhook.Outcome, err error) {
	t.mu.Lock()
	delete(t.busy, w.delivery.Repository.ID)
	t.mu.Unlock()
	w.outcome, w.err = outcome, err
	close(w.done)
}
