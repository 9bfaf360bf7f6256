package model

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// limit bounds the states of one world; a search that reaches it has failed.
const limit = 8_000_000

// deep asks for the run of `make model`.
var deep = os.Getenv("KGSYNC_MODEL") == "deep"

// searchAll searches the scenario's worlds, two at a time, and gives the states of
// all and the first violation.
func searchAll(t *testing.T, c scenario) int {
	t.Helper()
	results := make([]result, len(c.heads))
	turn := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for i, heads := range c.heads {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			results[i] = c.searchOne(heads, 0, limit)
		})
	}
	wg.Wait()
	states := 0
	for i, r := range results {
		states += r.states
		if r.violation != "" {
			t.Errorf("%s: %s", c.name, describe(r, c.heads[i]))
		} else if !r.whole {
			t.Errorf("%s, heads %v: more than %d states", c.name, c.heads[i], limit)
		}
	}
	return states
}

// TestTheProtocolHolds visits every state of every scenario.
func TestTheProtocolHolds(t *testing.T) {
	total := 0
	for _, c := range scenarios(deep) {
		states := searchAll(t, c)
		total += states
		fmt.Fprintf(t.Output(), "| %s | %d | %d |\n", c.name, len(c.heads), states)
	}
	fmt.Fprintf(t.Output(), "| all | | %d |\n", total)
}

// TestEveryMutationIsCaught takes one sentence of the protocol away at a time.
func TestEveryMutationIsCaught(t *testing.T) {
	used := mutation(0)
	for _, m := range mutants() {
		used |= m.mutation
		caught := false
		for _, heads := range m.in.heads {
			r := m.in.searchOne(heads, m.mutation, limit)
			if r.violation == "" {
				continue
			}
			caught = true
			if !strings.HasPrefix(r.violation, m.shows) || m.shows == "" {
				t.Errorf("without %q: want a violation that begins with %q, not %s", m.without, m.shows, describe(r, heads))
			}
			fmt.Fprintf(t.Output(), "| %d | %s | %s | %s (%d steps) |\n", m.invariant, m.without, m.in.name, r.violation, len(r.trace))
			if deep {
				fmt.Fprintln(t.Output(), describe(r, heads))
			}
			break
		}
		if !caught {
			t.Errorf("without %q (%s) nothing is violated", m.without, m.in.name)
		}
	}
	if all := noMutation - 1; used != all {
		t.Errorf("mutations %b stand in no mutant", all&^used)
	}
}

// TestTheSearchIsDeterministic searches one world twice.
func TestTheSearchIsDeterministic(t *testing.T) {
	c := with("a rescue", nil, budget{rescue: 1})
	a, b := c.searchOne([]uint8{0, 2}, 0, limit), c.searchOne([]uint8{0, 2}, 0, limit)
	if a.states != b.states || a.states < 100 {
		t.Errorf("%d states, then %d", a.states, b.states)
	}
}
