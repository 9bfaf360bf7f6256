package github

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// client sends requests with one credential: an installation's, or the App's.
type client struct {
	api       *gh.Client
	links     *http.Client // without credentials, for links that GitHub signs
	allowance *allowance
	fresh     func() bool
	app       bool // signs with the App's key: a 401 is no matter of tokens
	metrics   *metrics
	log       *slog.Logger
	times     *timeouts
}

func newClient(a *App, auth http.RoundTripper, fresh func() bool) *client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	api := gh.NewClient(&http.Client{Transport: auth, CheckRedirect: stay})
	api.BaseURL, api.UserAgent = a.base, a.config.UserAgent
	_, isApp := auth.(*appAuth)
	return &client{api: api, links: &http.Client{Transport: a.wire(), CheckRedirect: stay}, allowance: newAllowance(a),
		fresh: fresh, app: isApp, metrics: a.metrics, log: a.config.Logger, times: &a.times}
}

// request is one operation. Its path is relative to the API's root and escaped.
type request struct {
	op     string
	method string // "" means GET
	path   string
	header http.Header
	body   any           // encoded as JSON
	limit  time.Duration // of the whole, reading the body included; 0 means timeouts.small
	link   bool          // a 302 is the answer: the link it gives
}

func (r *request) write() bool { return r.method != "" && r.method != http.MethodGet }

// answer is a success: 2xx, 304 when it was asked for, 302 for a link. Close its
// Body: it holds the request's place until then.
type answer struct {
	*gh.Response
	call *call // for the download behind a link
}

// send asks GitHub once and gives an answer or an *Error.
func (c *client) send(ctx context.Context, usage *Usage, r request) (*answer, error) {
	if e := c.allowance.admit(ctx, &r, usage.live()); e != nil {
		return nil, e
	}
	if r.limit == 0 {
		r.limit = c.times.small
	}
	inner, current, end := c.begin(ctx, usage, r.op, r.limit)
	done := sync.OnceFunc(func() { end(); c.allowance.release(current.took) })
	res, err := c.follow(inner, r)
	if e := c.judge(r, current, res, err); e != nil {
		done()
		return nil, e
	}
	res.Body = &closing{ReadCloser: res.Body, done: done}
	return &answer{res, current}, nil
}

// begin bounds a request: limit for the whole, timeouts.idle for each wait.
func (c *client) begin(ctx context.Context, usage *Usage, op string, limit time.Duration) (context.Context, *call, func()) {
	inner, cancel := context.WithCancelCause(ctx)
	whole := time.AfterFunc(limit, func() { cancel(errTooLong) })
	idle := time.AfterFunc(c.times.idle, func() { cancel(errStalled) })
	idle.Stop()
	current := &call{op: op, usage: usage, idle: idle, after: c.times.idle, why: func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if inner.Err() != nil {
			return context.Cause(inner)
		}
		return err
	}}
	return withCall(inner, current), current, func() {
		whole.Stop()
		idle.Stop()
		cancel(nil)
	}
}

// maxRedirects within the API; a renamed repository takes one.
const maxRedirects = 5

// follow sends the request and follows redirects within the API itself, keeping
// the method (net/http turns a redirected POST into a GET).
func (c *client) follow(ctx context.Context, r request) (*gh.Response, error) {
	method := r.method
	if method == "" {
		method = http.MethodGet
	}
	target := r.path
	for hop := 0; ; hop++ {
		req, err := c.api.NewRequest(method, target, r.body)
		if err != nil {
			return nil, errors.New("the request could not be made") // err may quote the URL
		}
		for k, v := range r.header {
			req.Header[k] = v
		}
		res, err := c.api.BareDo(ctx, req)
		if res == nil || res.Response == nil {
			return nil, err
		}
		next := location(res.Response)
		switch {
		case next == nil || r.link && res.StatusCode == http.StatusFound:
			return res, err
		case hop == maxRedirects:
			return nil, errors.New("too many redirects")
		case !sameOrigin(next, c.api.BaseURL):
			return nil, errForeign
		}
		target = next.String()
	}
}

// location is where a redirect leads, nil if it is none.
func location(res *http.Response) *url.URL {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if u, err := res.Location(); err == nil {
			return u
		}
	}
	return nil
}

// judge turns whatever is no success into an *Error, and heeds limits.
func (c *client) judge(r request, current *call, res *gh.Response, err error) *Error {
	if current.last != nil && c.allowance.budget.see(current.last) {
		c.allowance.tell()
	}
	var ours *Error
	switch {
	case errors.As(err, &ours): // of minting the token
	case res == nil || res.Response == nil:
		ours = noAnswer(r.op, current.why(err))
	case res.StatusCode/100 == 2: // 202 too, which go-github calls an error
		c.allowance.gate.passed(time.Now())
		return nil
	case res.StatusCode == http.StatusNotModified && r.header.Get("If-None-Match") != "":
		return nil
	case r.link && location(res.Response) != nil:
		return nil
	default:
		ours = classify(outcome{op: r.op, status: res.StatusCode, header: current.last, said: refusalOf(err),
			write: r.write(), app: c.app, fresh: c.fresh()})
	}
	if ours.Class == Wait {
		c.heed(ours)
	}
	return ours
}

// heed closes the gate for as long as GitHub asks, and lets the other processes know.
func (c *client) heed(e *Error) {
	now := time.Now()
	if c.allowance.gate.wait(now) <= 0 {
		limit := "primary"
		if e.secondary {
			limit = "secondary"
		}
		c.metrics.waits.WithLabelValues(limit).Inc()
		c.log.Warn("GitHub's rate limit reached", "limit", limit, "operation", e.Op, "wait", e.RetryAfter)
	}
	e.RetryAfter = c.allowance.gate.shut(now, e.RetryAfter, e.guessed)
	c.allowance.tell()
	c.allowance.share.hurry()
}

// closing runs done when closed.
type closing struct {
	io.ReadCloser
	done func()
}

func (b *closing) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}
