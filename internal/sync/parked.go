package sync

import (
	stdsync "sync"
	"time"
)

const (
	// parkedFor is how long a stream waits for its next attempt: that is queued at once,
	// and may go to another process.
	parkedFor = time.Minute
	// maxParked bounds the streams that wait. With more of them than have their turn in
	// the meantime all would be dropped, and none would ever come to its end.
	maxParked = 4
	// parkedPause is how long an archive waits that finds no room, if it is known to be
	// a long one.
	parkedPause = parkedFor / 4
)

// parked holds the archives that are open between two attempts at them. An attempt
// is short, so that nothing is held up by it, and a gzip stream cannot be entered in
// its middle.
type parked struct {
	mu      stdsync.Mutex
	streams map[int64]*waiting // by run
}

type waiting struct {
	stream *stream
	timer  *time.Timer
}

func newParked() *parked { return &parked{streams: map[int64]*waiting{}} }

// park keeps the stream for the run's next attempt, for a while. It reports whether
// there was room.
func (p *parked) park(run int64, s *stream) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.streams) >= maxParked {
		return false
	}
	p.streams[run] = &waiting{s, time.AfterFunc(parkedFor, func() { p.drop(run) })}
	return true
}

// full reports whether there is no room.
func (p *parked) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.streams) >= maxParked
}

// take gives the run's stream, nil if there is none.
func (p *parked) take(run int64) *stream {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.streams[run]
	if w == nil {
		return nil
	}
	w.timer.Stop()
	delete(p.streams, run)
	return w.stream
}

// drop closes the run's stream, if there is one.
func (p *parked) drop(run int64) {
	if s := p.take(run); s != nil {
		s.close()
	}
}
