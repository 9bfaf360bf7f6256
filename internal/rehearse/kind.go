package rehearse

import (
	"context"
	"math/rand/v2"
)

// kind is one kind of step. play says what happened, "" when the step does not
// apply to what it found; its errors are those of the rehearsal, not of the product.
type kind struct {
	name   string
	area   string
	weight int
	play   func(w *world, ctx context.Context, rng *rand.Rand) (string, error)
}

// kinds are all kinds of steps.
var kinds = func() []kind {
	var all []kind
	for _, list := range [][]kind{contentKinds, branchKinds, deliveryKinds, githubKinds, lifecycleKinds, crashKinds, operatorKinds, timeKinds} {
		all = append(all, list...)
	}
	return all
}()

func kindNamed(name string) (kind, bool) {
	for _, k := range kinds {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// Kind names a kind of step and what it touches.
type Kind struct{ Name, Area string }

// Kinds lists all kinds of steps.
func Kinds() []Kind {
	list := make([]Kind, len(kinds))
	for i, k := range kinds {
		list[i] = Kind{k.name, k.area}
	}
	return list
}
