package rehearse

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Entry is what a ledger keeps of one history.
type Entry struct {
	Seed       uint64         `json:"seed"`
	GroupSize  int            `json:"group_size"`
	Ending     Ending         `json:"ending"`
	Steps      map[string]int `json:"steps"`
	Counts     map[string]int `json:"counts"`
	Violations []string       `json:"violations,omitempty"`
	Trace      []string       `json:"trace,omitempty"` // of one that did not converge
	Files      int            `json:"files"`
	Rows       int            `json:"rows"`
	Requests   int            `json:"requests"`
	Duration   time.Duration  `json:"duration"`
}

// Ledger is a file with one line a history, so that a long run can be interrupted
// and goes on where it was. Its zero value keeps nothing on disk. It is safe for
// concurrent use.
type Ledger struct {
	mu      sync.Mutex
	file    *os.File
	entries map[uint64]Entry
}

// OpenLedger reads a ledger and appends to it from now on.
func OpenLedger(path string) (*Ledger, error) {
	l := &Ledger{entries: map[uint64]Entry{}}
	f, err := os.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err == nil {
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e Entry
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				return nil, fmt.Errorf("read ledger %s: %w (a line is broken: remove it, its history is played again)", path, err)
			}
			l.entries[e.Seed] = e
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("read ledger %s: %w", path, err)
		}
	}
	if l.file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	return l, nil
}

// Has reports whether the seed's history has been played.
func (l *Ledger) Has(seed uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.entries[seed]
	return ok
}

// Add records a history.
func (l *Ledger) Add(r *Result) error {
	e := Entry{Seed: r.History.Seed, GroupSize: r.History.GroupSize, Ending: r.History.Ending, Steps: r.Steps, Counts: r.Counts,
		Violations: r.Violations, Files: r.Files, Rows: r.Rows, Requests: r.Requests, Duration: r.Duration}
	if !r.Converged() {
		e.Trace = r.Trace
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.entries == nil {
		l.entries = map[uint64]Entry{}
	}
	l.entries[e.Seed] = e
	if l.file == nil {
		return nil
	}
	if err := json.NewEncoder(l.file).Encode(e); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

// Totals sum up a ledger.
type Totals struct {
	Histories int            `json:"histories"`
	FirstSeed uint64         `json:"first_seed"`
	LastSeed  uint64         `json:"last_seed"`
	Drifted   []uint64       `json:"drifted"` // seeds
	ByGroup   map[int]int    `json:"by_group_size"`
	ByEnding  map[Ending]int `json:"by_ending"`
	Steps     map[string]int `json:"steps"`
	Counts    map[string]int `json:"counts"`
	Files     int            `json:"files_compared"`
	Rows      int            `json:"rows_compared"`
	Requests  int            `json:"api_requests"`
	Duration  time.Duration  `json:"duration"` // of the histories, one after the other
}

// Totals gives the sums.
func (l *Ledger) Totals() *Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := &Totals{Drifted: []uint64{}, ByGroup: map[int]int{}, ByEnding: map[Ending]int{}, Steps: map[string]int{}, Counts: map[string]int{}}
	for seed, e := range l.entries {
		if t.Histories == 0 || seed < t.FirstSeed {
			t.FirstSeed = seed
		}
		t.LastSeed = max(t.LastSeed, seed)
		t.Histories++
		if len(e.Violations) > 0 {
			t.Drifted = append(t.Drifted, seed)
		}
		t.ByGroup[e.GroupSize]++
		t.ByEnding[e.Ending]++
		add(t.Steps, e.Steps)
		add(t.Counts, e.Counts)
		t.Files, t.Rows, t.Requests, t.Duration = t.Files+e.Files, t.Rows+e.Rows, t.Requests+e.Requests, t.Duration+e.Duration
	}
	return t
}

func add(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

// Close closes the file.
func (l *Ledger) Close() error {
	if l.file == nil {
		return nil
	}
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}
