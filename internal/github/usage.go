package github

import "sync/atomic"

// Usage counts what an installation's requests cost. Its zero value is ready; it
// is safe for concurrent use. Requests for tokens are not counted: they cost
// nothing of the installation's budget.
type Usage struct {
	// Live requests are a push's: they may use what is kept for pushes of the
	// limits. Set it before the first request.
	Live bool

	requests, bytes atomic.Int64
}

// Requests is the number of requests sent, failed ones and downloads included.
func (u *Usage) Requests() int64 { return u.requests.Load() }

// Bytes is the number of body bytes read.
func (u *Usage) Bytes() int64 { return u.bytes.Load() }

func (u *Usage) live() bool { return u != nil && u.Live }

func (u *Usage) request() {
	if u != nil {
		u.requests.Add(1)
	}
}

func (u *Usage) read(n int) {
	if u != nil {
		u.bytes.Add(int64(n))
	}
}
