package github

import (
	"io"
	"sync/atomic"
)

// Usage counts what an installation's reads cost. Its zero value is ready; it is
// safe for concurrent use.
type Usage struct{ requests, bytes atomic.Int64 }

// Requests is the number of requests sent, token requests apart.
func (u *Usage) Requests() int64 { return u.requests.Load() }

// Bytes is the number of body bytes read.
func (u *Usage) Bytes() int64 { return u.bytes.Load() }

// countedBody adds what is read to a Usage and gives the request's place back
// when closed.
type countedBody struct {
	io.ReadCloser
	usage   *Usage
	release func()
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.usage.bytes.Add(int64(n))
	return n, err
}

func (b *countedBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}
