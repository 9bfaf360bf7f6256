package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Result is what came of one history.
type Result struct {
	History    History        `json:"history"`
	Steps      map[string]int `json:"steps"`      // that had an effect, by kind
	Counts     map[string]int `json:"counts"`     // of what the faults met
	Violations []string       `json:"violations"` // none: it converged
	Trace      []string       `json:"trace,omitempty"`
	Files      int            `json:"files"` // compared
	Rows       int            `json:"rows"`  // of the canonical dump
	Requests   int            `json:"requests"`
	Duration   time.Duration  `json:"duration"`
}

func newResult(h History) *Result {
	return &Result{History: h, Steps: map[string]int{}, Counts: map[string]int{}}
}

// Converged reports whether the proof holds.
func (r *Result) Converged() bool { return len(r.Violations) == 0 }

func (r *Result) step(k kind, what string, at time.Duration) {
	r.Steps[k.name]++
	r.note(k.name+": "+what, at)
}

func (r *Result) note(what string, at time.Duration) {
	r.Trace = append(r.Trace, fmt.Sprintf("%7.3fs  %s", at.Seconds(), what))
}

// maxViolations bounds what is reported; the first says most.
const maxViolations = 20

func (r *Result) violate(what string) {
	if len(r.Violations) < maxViolations && !slices.Contains(r.Violations, what) {
		r.Violations = append(r.Violations, what)
	}
}

// Report says what happened and what was violated.
func (r *Result) Report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n", r.History)
	for _, t := range r.Trace {
		fmt.Fprintf(&b, "  %s\n", t)
	}
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "VIOLATED: %s\n", v)
	}
	return b.String()
}
