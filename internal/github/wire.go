package github

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// maxErrorBytes is how much of an error's body is read.
const maxErrorBytes = 64 << 10

// call is what one operation's requests have in common on their way down.
type call struct {
	op    string
	usage *Usage
	idle  *time.Timer // cancels the request; runs only while we wait for the network
	after time.Duration
	why   func(error) error // replaces "context canceled" by what cancelled
	last  http.Header       // of the newest answer, rate limit headers included
	took  time.Duration     // until the answers began
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// wire is the innermost transport: what it sees really crosses the network. It
// measures, ends stalled requests, bounds error bodies, and hides the rate limit
// headers from go-github, whose own bookkeeping is wrong (see gate).
type wire struct {
	next    http.RoundTripper
	metrics *metrics
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	c := callOf(req.Context())
	c.usage.request()
	start := time.Now()
	w.metrics.inFlight.Inc()
	defer w.metrics.inFlight.Dec()
	c.idle.Reset(c.after)
	res, err := w.next.RoundTrip(req)
	c.idle.Stop()
	c.took += time.Since(start)
	if err != nil {
		w.metrics.request(c.op, 0, time.Since(start))
		return nil, c.why(err)
	}
	w.metrics.request(c.op, res.StatusCode, time.Since(start))
	w.metrics.remaining(res.Header)
	c.last = res.Header.Clone()
	for _, name := range []string{"Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		res.Header.Del(name)
	}
	res.Body = &body{ReadCloser: res.Body, call: c, metrics: w.metrics}
	if res.StatusCode >= 300 {
		swallow(res)
	}
	return res, nil
}

// swallow reads an error's body at once: go-github reads it without a bound and
// leaves it open.
func swallow(res *http.Response) {
	open := res.Body
	defer open.Close()
	data, _ := io.ReadAll(io.LimitReader(open, maxErrorBytes)) // the status says enough if it broke off
	res.Body = io.NopCloser(bytes.NewReader(data))
}

// body is an answer's body: counted, and given up when it stalls. The time that
// its reader takes between two reads does not count.
type body struct {
	io.ReadCloser
	call    *call
	metrics *metrics
}

func (b *body) Read(p []byte) (int, error) {
	b.call.idle.Reset(b.call.after)
	n, err := b.ReadCloser.Read(p)
	b.call.idle.Stop()
	b.call.usage.read(n)
	b.metrics.bytes.Add(float64(n))
	if err != nil && err != io.EOF {
		err = b.call.why(err)
	}
	return n, err
}
