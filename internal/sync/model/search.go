package model

import (
	"fmt"
	"strings"
)

// explorer searches one world.
type explorer struct {
	heads     []uint8
	pushes    []push
	mutation  mutation
	groups    bool
	isolation bool
	headTries uint8

	emit      func(n *State, violation string)
	label     string
	labels    bool
	outside   bool // the steps are not the system's
	steps     int  // of the system
	unbounded bool
}

// out is a step to another state.
func (e *explorer) out(n *State, what string, a, b uint8) { e.violate(n, "", what, a, b) }

// violate is a step that breaks an invariant, unless violation is "".
func (e *explorer) violate(n *State, violation, what string, a, b uint8) {
	if !e.outside {
		e.steps++
	}
	if e.labels {
		args := []any{a, b}[:min(strings.Count(what, "%"), 2)]
		e.label = fmt.Sprintf(what, args...)
	}
	if e.unbounded {
		e.unbounded = false
		violation = "1: plans follow plans without end"
	}
	n.tidy()
	n.normal(e.has(endedRunsWrite))
	e.emit(n, violation)
}

// tidy forgets plan jobs that are over once no attempt of theirs is left.
func (s *State) tidy() {
	for i := range s.plans {
		if s.plans[i].state != over {
			continue
		}
		used := false
		for k := range s.slots {
			used = used || s.slots[k].kind == planWork && int(s.slots[k].id) == i
		}
		if !used {
			s.plans[i] = planJob{}
		}
	}
}

// successors takes every step from a state and gives the violation of its rest, if
// nothing is left to do.
func (e *explorer) successors(s *State) string {
	e.steps = 0
	e.outside = true
	e.github(s)
	e.operator(s)
	e.lifecycle(s)
	e.deleteLost(s)
	e.outside = false
	e.webhook(s)
	e.events(s)
	e.beginPlans(s)
	e.beginFiles(s)
	e.beginGroups(s)
	for k := range s.slots {
		switch s.slots[k].kind {
		case planWork:
			e.stepPlan(s, k)
		case fileWork:
			e.stepFile(s, k)
		case groupWork:
			e.stepGroup(s, k)
		case finishWork:
			e.stepFinish(s, k)
		case sweepWork:
			e.stepSweep(s, k)
		}
	}
	e.sweep(s)
	if e.steps > 0 {
		return ""
	}
	v := e.checkQuiet(s)
	e.reconcile(s)
	return v
}

// result of a search.
type result struct {
	states    int
	violation string
	trace     []string
	whole     bool // no state was left out
}

// search visits all states that can be reached, breadth first, until one breaks an
// invariant, so that the trace is a shortest one.
func (e *explorer) search(first State, limit int) result {
	states, parents := []State{first}, []int32{-1}
	seen := map[uint64]struct{}{first.hash(): {}}
	violation := ""
	var broken State
	for i := 0; i < len(states); i++ {
		from := states[i]
		e.emit = func(n *State, v string) {
			if violation != "" {
				return
			}
			if v == "" {
				h := n.hash()
				if _, ok := seen[h]; ok {
					return
				}
				seen[h] = struct{}{}
				if v = e.check(n); v == "" {
					states, parents = append(states, *n), append(parents, int32(i)) //nolint:gosec // bounded by limit
					return
				}
			}
			violation, broken = v, *n
		}
		if v := e.successors(&from); v != "" {
			return result{states: len(states), violation: v, trace: e.trace(states, parents, i, nil), whole: true}
		}
		if violation != "" {
			return result{states: len(states), violation: violation, trace: e.trace(states, parents, i, &broken), whole: true}
		}
		if len(states) > limit {
			return result{states: len(states)}
		}
	}
	return result{states: len(states), whole: true}
}

// trace names the steps to a state, and to the one after it.
func (e *explorer) trace(states []State, parents []int32, i int, last *State) []string {
	var chain []State
	if last != nil {
		chain = append(chain, *last)
	}
	for ; i >= 0; i = int(parents[i]) {
		chain = append(chain, states[i])
	}
	e.labels = true
	defer func() { e.labels = false }()
	var list []string
	for j := len(chain) - 1; j > 0; j-- {
		from, found := chain[j], ""
		e.emit = func(n *State, _ string) {
			if found == "" && *n == chain[j-1] {
				found = e.label
			}
		}
		e.successors(&from)
		list = append(list, found)
	}
	return list
}
