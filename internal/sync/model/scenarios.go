package model

import (
	"fmt"
	"strings"
)

// budget is how often each fault may happen.
type budget map[fault]uint8

// scenario is a set of worlds: sequences of heads, each under the same faults.
type scenario struct {
	name      string
	heads     [][]uint8
	faults    budget
	groups    bool
	isolation bool
}

func with(name string, heads [][]uint8, b budget) scenario {
	return scenario{name: name, heads: heads, faults: b}
}

// grouped has plans put both paths into one job.
func grouped(name string, heads [][]uint8, b budget) scenario {
	c := with(name, heads, b)
	c.groups = true
	return c
}

// isolated takes the statements that decide by their snapshot one by one.
func isolated(name string, heads [][]uint8, b budget) scenario {
	c := with(name, heads, b)
	c.isolation = true
	return c
}

// start is a synced repository at the first head.
func (e *explorer) start(c scenario) State {
	s := State{gen: 1, installed: 1, holder: 1, key: 1}
	s.commit[1] = e.heads[0]
	s.run[1] = planned | sealed | finished | derived
	s.verified, s.verifiedG = e.heads[0]+1, 1
	for p, blob := range commits[e.heads[0]].tree {
		if blob != 0 {
			s.rows[p] = row{exists: 1, wantedGen: 1, wantedBlob: blob, blob: blob, facts: blob, newest: 1}
		}
	}
	for f, n := range c.faults {
		s.budget[f] = n
	}
	return s
}

func (c scenario) explorer(heads []uint8, m mutation) *explorer {
	e := &explorer{heads: heads, mutation: m, groups: c.groups, isolation: c.isolation, headTries: 1}
	for i := 1; i < len(heads); i++ {
		e.pushes = append(e.pushes, pushOf(heads[i-1], heads[i]))
	}
	return e
}

// searchOne searches one of the scenario's worlds.
func (c scenario) searchOne(heads []uint8, m mutation, limit int) result {
	e := c.explorer(heads, m)
	return e.search(e.start(c), limit)
}

func seq(list ...string) [][]uint8 {
	var all [][]uint8
	for _, s := range list {
		var one []uint8
		for _, c := range s {
			one = append(one, uint8(c-'0'))
		}
		all = append(all, one)
	}
	return all
}

func describe(r result, heads []uint8) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; heads %v, %d steps\n", r.violation, heads, len(r.trace))
	for i, l := range r.trace {
		fmt.Fprintf(&b, "    %2d %s\n", i+1, l)
	}
	return b.String()
}

// scenarios are those of the unmutated protocol: up to two pushes under each fault, in
// the deep run up to three.
func scenarios(deep bool) []scenario {
	n := 2
	if deep {
		n = 3
	}
	all, some, one := sequences(n, 4), seq("01", "02", "010"), seq("01", "02")
	if deep {
		some, one = append(sequences(2, 4), seq("0102")...), sequences(1, 4)
	}
	return []scenario{
		with("pushes", all, nil),
		grouped("pushes, groups", all, nil),
		with("a longer history", seq("0140", "0135"), nil),
		with("configurations", seq("06", "067", "060"), nil),
		with("a lost push", all, budget{lostPush: 1}),
		with("a duplicate", all, budget{duplicate: 1}),
		with("a stale read of the head", some, budget{staleHead: 1}),
		with("a rescue, the old attempt late or dead", some, budget{rescue: 1}),
		with("a failure and a retry", some, budget{failure: 1, retry: 1}),
		with("a lost job", some, budget{discard: 1}),
		with("a lost or failed plan", some, budget{discardPlan: 1}),
		with("a lease that ends", some, budget{leaseEnd: 1}),
		with("a vanished commit", some, budget{vanish: 1}),
		with("a commit that cannot be read yet", some, budget{lagging: 1}),
		with("an early resync", some, budget{resync: 1}),
		with("a full resync and a rescue", one, budget{full: 1, rescue: 1}),
		with("a cancelled run", some, budget{cancel: 1}),
		with("a lost push and a stale read", one, budget{lostPush: 1, staleHead: 1}),
		with("an uninstallation", one, budget{uninstall: 1}),
		with("an uninstallation, an event lost", one, budget{uninstall: 1, lostEvent: 1}),
		grouped("a failing group", one, budget{batch: 1, failure: 1}),
		grouped("a failing group and a rescue", one, budget{batch: 1, failure: 1, rescue: 1}),
		isolated("isolation", one, nil),
		isolated("isolation, a rescue", one, budget{rescue: 1}),
		isolated("isolation, a lost job", one, budget{discard: 1}),
		isolated("isolation, a cancelled run", one, budget{cancel: 1}),
		isolated("isolation, a reset and a resync", seq("010"), budget{resync: 1}),
	}
}
