package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// get sends one GET and gives the successful answer; the caller closes its body.
// A 401 drops the cached token and tries once more with a new one.
func (i *Installation) get(ctx context.Context, op, path string, header http.Header) (*http.Response, error) {
	res, err := i.getOnce(ctx, op, path, header)
	if errors.Is(err, ErrUnauthorized) {
		i.renew()
		return i.getOnce(ctx, op, path, header)
	}
	return res, err
}

func (i *Installation) getOnce(ctx context.Context, op, path string, header http.Header) (*http.Response, error) {
	if err := i.acquire(ctx); err != nil {
		return nil, err
	}
	release := sync.OnceFunc(func() { <-i.inFlight })
	client := i.client()
	req, err := client.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		release()
		return nil, &Error{Op: op, Class: Broken, Reason: "bad request path", err: err}
	}
	for k, v := range header {
		req.Header[k] = v
	}
	start := time.Now()
	i.usage.requests.Add(1)
	res, err := client.BareDo(ctx, req)
	status := 0
	if res != nil && res.Response != nil {
		status = res.StatusCode
		i.app.metrics.remaining(res.Header)
	}
	i.app.metrics.request(op, status, time.Since(start))
	if err != nil && status != http.StatusNotModified {
		if res != nil && res.Response != nil {
			_ = res.Body.Close()
		}
		release()
		return nil, classify(op, status, err)
	}
	res.Body = &countedBody{ReadCloser: res.Body, usage: i.usage, release: release}
	return res.Response, nil
}

// escapePath escapes every segment of a repository path for a URL.
func escapePath(p string) string {
	segments := strings.Split(p, "/")
	for n, s := range segments {
		s = url.PathEscape(s)
		if s == "." || s == ".." {
			s = strings.ReplaceAll(s, ".", "%2E")
		}
		segments[n] = s
	}
	return strings.Join(segments, "/")
}
