package model

import "unsafe"

const (
	maxGeneration = 18
	maxPushes     = 4
	workers       = 2
	slots         = workers + 1 // one for an attempt that should be dead
	planJobs      = 3
)

// What is known of a generation and the run that belongs to it.
const (
	planned  = 1 << iota // a plan's transaction wrote its wanted state
	sealed               // the run's list is complete
	finished             // the run has ended
	derived              // its run has a staged tree
)

// A job's state in River.
const (
	noJob = iota
	queued
	running
	dead // discarded, cancelled or lost
	over // a plan job that is done, while an attempt of it is late
)

// row is a row of files. newest is no column: the greatest generation whose
// content it shows.
type row struct {
	exists, wantedGen, wantedBlob, wantedKey uint8
	blob, key, facts                         uint8 // applied
	open, failed, retry, newest              uint8
}

// What a worker is at.
const (
	idle = iota
	fileWork
	groupWork
	planWork
	finishWork
	sweepWork
)

// slot is a worker's attempt, or one that should be dead.
type slot struct {
	kind, id, path, pc     uint8 // id: generation or plan job
	value, hint, seen, num uint8 // what it has read
	late                   uint8 // its job was rescued
	back                   uint8 // finishWork: the job to complete, 1 + path, 9 the group's
}

// planJob is a plan or settle job that has begun, and its run.
type planJob struct {
	state, gen, tries, number, settle, full, ended uint8
}

// State is everything: the database, GitHub, River and the workers.
type State struct {
	rows       [paths]row
	commit     [maxGeneration]uint8
	run        [maxGeneration]uint8
	pending    [maxGeneration]uint8 // paths without an outcome
	grouped    [maxGeneration]uint8 // of them, those whose job is the group's
	jobs       [maxGeneration][paths]uint8
	groups     [maxGeneration]uint8
	slots      [slots]slot
	plans      [planJobs]planJob
	push       [maxPushes]uint8
	accepted   [maxPushes]uint8
	head       uint8 // index in the sequence of heads
	vanished   uint8
	gen        uint8 // the repository's generation
	hint       uint8 // 1 + commit
	number     uint8
	key        uint8 // 1 + derivation key of the newest plan
	lease      uint8 // 1 + plan job
	expired    uint8
	plan       uint8 // the queued plan's job
	planFull   uint8
	settle     uint8 // the scheduled settle's job
	failures   uint8 // plans failed since the last one that wrote
	verified   uint8 // 1 + commit
	verifiedG  uint8
	dirty      uint8 // only the periodic reconcile can know
	installed  uint8 // GitHub: 0 not installed, 1 first, 2 second installation
	holder     uint8 // the installation that the repository belongs to, as far as we know; 0: no repository
	lost       uint8
	firstEnded uint8 // the first installation is recorded as deleted
	removal    uint8 // the event that says so: 1 in flight, 2 delivered or lost
	arrival    uint8 // the event of the second installation
	doomed     uint8 // it was seen lost for longer than the grace period (a mutation goes by that)
	budget     [faults]uint8
}

// A push on its way.
const (
	notSent = iota
	inFlight
	delivered
	never
)

func (s *State) readable() bool {
	return s.holder != 0 && s.lost == 0 && (s.holder != 1 || s.firstEnded == 0)
}

// allowed reports whether GitHub answers the repository's installation.
func (s *State) allowed() bool { return s.installed != 0 && s.holder == s.installed }

func (s *State) leased() bool { return s.lease != 0 && s.expired == 0 }

func (s *State) is(g, bits uint8) bool { return s.run[g]&bits == bits }

// spend takes one of the budget.
func (s *State) spend(f fault) { s.budget[f]-- }

// freeSlot gives a worker that may begin something, -1 if all are busy.
func (s *State) freeSlot() int {
	busy, free := 0, -1
	for i := range s.slots {
		switch {
		case s.slots[i].kind == idle:
			if free < 0 {
				free = i
			}
		case s.slots[i].late == 0:
			busy++
		}
	}
	if busy >= workers {
		return -1
	}
	return free
}

// normal gives equal states one form: workers have no names, and a job of an ended
// run does nothing.
func (s *State) normal(keepEnded bool) {
	for i := range s.slots {
		for j := i + 1; j < slots; j++ {
			if less(&s.slots[i], &s.slots[j]) {
				s.slots[i], s.slots[j] = s.slots[j], s.slots[i]
			}
		}
	}
	if keepEnded {
		return
	}
	for g := uint8(1); g <= s.gen; g++ {
		if !s.is(g, finished) {
			continue
		}
		for p := range s.jobs[g] {
			if s.jobs[g][p] != running {
				s.jobs[g][p] = noJob
			}
		}
		if s.groups[g] != running {
			s.groups[g] = noJob
		}
	}
}

func less(a, b *slot) bool {
	x, y := bytesOf(a), bytesOf(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

func bytesOf[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), int(unsafe.Sizeof(*v)))
}

// hash mixes eight bytes at a time; all fields are bytes, so there is no padding.
func (s *State) hash() uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	b := bytesOf(s)
	mix := func(v uint64) {
		h ^= v
		h *= 0xff51afd7ed558ccd
		h ^= h >> 32
		h *= 0xc4ceb9fe1a85ec53
		h ^= h >> 29
	}
	for len(b) >= 8 {
		mix(uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56)
		b = b[8:]
	}
	var rest uint64
	for _, c := range b {
		rest = rest<<8 | uint64(c)
	}
	mix(rest)
	return h
}
