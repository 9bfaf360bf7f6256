package sync

import (
	stdsync "sync"
	"time"
)

// parkedFor is how long a stream waits for its next attempt: that is queued at once,
// and may go to another process.
const parkedFor = time.Minute

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

// park keeps the stream for the run's next attempt, for a while.
func (p *parked) park(run int64, s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams[run] = &waiting{s, time.AfterFunc(parkedFor, func() { p.drop(run) })}
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
