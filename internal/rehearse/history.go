package rehearse

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Step is one thing that happens. Its seed decides the details together with what
// it finds, so that it means something in every part of a history.
type Step struct {
	Kind string `json:"kind"`
	Seed uint64 `json:"seed"`
}

// Ending is how a history comes to rest.
type Ending string

const (
	// EndsWithPush: GitHub delivers one more push, and that alone must do (its
	// settle compares the whole tree).
	EndsWithPush Ending = "push"
	// EndsWithReconcile: no push comes; the turn to reconcile does.
	EndsWithReconcile Ending = "reconcile"
)

// History is what happens to one repository. It is a function of its seed.
type History struct {
	Seed      uint64        `json:"seed"`
	GroupSize int           `json:"group_size"`
	Ending    Ending        `json:"ending"`
	Replicas  int           `json:"replicas"`
	Latency   time.Duration `json:"latency"`    // of the local GitHub
	FirstSync bool          `json:"first_sync"` // the steps wait for the first sync
	Forgetful bool          `json:"forgetful"`  // no grace period for a lost repository
	// A plan with more differences than Bulk reads an archive, unless NoArchives, and
	// works in groups: few, so that a small vault meets both. Zero means the product's own.
	Bulk       int    `json:"bulk,omitempty"`
	NoArchives bool   `json:"no_archives,omitempty"`
	DropBlobs  bool   `json:"drop_blobs,omitempty"` // contents are not kept
	Steps      []Step `json:"steps"`
}

// History gives the history of a seed.
func (s *Stage) History(seed uint64) History {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	h := History{Seed: seed, GroupSize: 50, Ending: EndsWithPush, Replicas: 1 + rng.IntN(2),
		Latency: time.Duration(rng.IntN(5)) * time.Millisecond, FirstSync: rng.IntN(3) > 0, Forgetful: rng.IntN(10) == 0}
	if seed%2 == 1 {
		h.GroupSize = 1
	}
	if rng.IntN(2) == 0 {
		h.Ending = EndsWithReconcile
	}
	if rng.IntN(4) > 0 {
		h.Bulk = 1 + rng.IntN(8)
		h.NoArchives = rng.IntN(4) == 0
	}
	h.DropBlobs = rng.IntN(4) == 0
	steps := s.config.Steps
	if steps <= 0 {
		steps = 10 + rng.IntN(31)
	}
	for range steps {
		h.Steps = append(h.Steps, Step{Kind: s.pick(rng), Seed: rng.Uint64()})
	}
	return h
}

// pick draws a kind by its weight.
func (s *Stage) pick(rng *rand.Rand) string {
	total := 0
	for _, k := range kinds {
		total += s.weight(k)
	}
	n := rng.IntN(total)
	for _, k := range kinds {
		if n -= s.weight(k); n < 0 {
			return k.name
		}
	}
	panic("unreachable: the weights sum up")
}

func (s *Stage) weight(k kind) int {
	if more, ok := s.config.Emphasis[k.name]; ok {
		return more
	}
	return k.weight
}

func (h History) String() string {
	return fmt.Sprintf("seed %d: %d steps, groups of %d beyond %d, %d processes, ends with a %s", h.Seed, len(h.Steps), h.GroupSize, h.Bulk, h.Replicas, h.Ending)
}
