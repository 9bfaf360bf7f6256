package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"
)

// Class says what to do about an error.
type Class int

const (
	// Retry: the network, a server error, a body cut short, something that may
	// only lag. Try again with back-off.
	Retry Class = iota
	// Wait: a rate limit. Try again after RetryAfter; it is no failed attempt.
	Wait
	// Gone: GitHub says that it does not exist, or not for us.
	Gone
	// Broken: a person must act: a permission, the key, a suspended installation.
	Broken
)

func (c Class) String() string { return [...]string{"retry", "wait", "gone", "broken"}[c] }

// Sentinels for errors.Is; every one comes inside an *Error.
var (
	ErrNotFound        = errors.New("not found")
	ErrTooLarge        = errors.New("too large")
	ErrSuspended       = errors.New("the installation is suspended: its owner can unsuspend it in GitHub's settings")
	ErrEmptyRepository = errors.New("the repository is empty")
	ErrUnauthorized    = errors.New("unauthorized")
	ErrRateLimited     = errors.New("rate limited")
)

// Error is a failed operation. It never holds a token or a payload.
type Error struct {
	Op         string
	Status     int // 0: no answer
	Class      Class
	RetryAfter time.Duration // for Wait
	Reason     string
	is         error
	err        error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("GitHub " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, " answered %d", e.Status)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Class == Wait {
		fmt.Fprintf(&b, " (wait %v)", e.RetryAfter.Round(time.Second))
	}
	return b.String()
}

// Is matches the sentinels.
func (e *Error) Is(target error) bool { return e.is != nil && target == e.is }

func (e *Error) Unwrap() error {
	if errors.Is(e.err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(e.err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return nil
}

// minSecondaryWait is GitHub's advice for a secondary limit without retry-after:
// at least a minute (rest/using-the-rest-api/rate-limits-for-the-rest-api).
const minSecondaryWait = time.Minute

// classify is the one place that decides what an answer means.
func classify(op string, status int, err error) *Error {
	e := &Error{Op: op, Status: status, Class: Retry, err: err}
	var primary *gh.RateLimitError
	var secondary *gh.AbuseRateLimitError
	var answer *gh.ErrorResponse
	var mint *ghinstallation.HTTPError
	switch {
	case errors.As(err, &mint):
		if mint.Response == nil {
			e.Op, e.Reason = "token", "GitHub could not be reached"
			return e
		}
		defer mint.Response.Body.Close() // ghinstallation leaves it open
		e.Op, e.Status = "token", mint.Response.StatusCode
		e.byStatus(mint.Response, "no installation token")
	case errors.As(err, &primary):
		e.limited(max(time.Until(primary.Rate.Reset.Time), time.Second), "primary rate limit")
	case errors.As(err, &secondary):
		after := minSecondaryWait
		if secondary.RetryAfter != nil {
			after = *secondary.RetryAfter
		}
		e.limited(after, "secondary rate limit")
	case errors.As(err, &answer):
		e.byStatus(answer.Response, answer.Message)
	default:
		e.Reason = "no answer: " + cause(err)
	}
	return e
}

// byStatus reads an error answer. 429 reaches go-github v60 as a plain error.
func (e *Error) byStatus(r *http.Response, message string) {
	e.Reason = message
	switch {
	case e.Status == http.StatusTooManyRequests || e.Status == http.StatusForbidden && r.Header.Get("X-RateLimit-Remaining") == "0":
		e.limited(retryAfter(r.Header), "rate limit")
	case e.Status == http.StatusUnauthorized:
		e.is = ErrUnauthorized
	case e.Status == http.StatusForbidden && strings.Contains(message, "suspended"):
		e.Class, e.is = Broken, ErrSuspended
	case e.Status == http.StatusForbidden && strings.Contains(message, "too large"):
		e.Class, e.is = Gone, ErrTooLarge
	case e.Status == http.StatusForbidden:
		e.Class = Broken
		if p := r.Header.Get("X-Accepted-GitHub-Permissions"); p != "" {
			e.Reason += " (needs " + p + ")"
		}
	case e.Status == http.StatusNotFound || e.Status == http.StatusGone || e.Status == http.StatusUnavailableForLegalReasons:
		e.Class, e.is = Gone, ErrNotFound
	case e.Status == http.StatusConflict:
		e.Class, e.is = Gone, ErrEmptyRepository
	case e.Status == http.StatusUnprocessableEntity:
		e.Class, e.is = Gone, ErrNotFound
	case e.Status >= 400 && e.Status < 500:
		e.Class = Broken
	}
}

func (e *Error) limited(after time.Duration, reason string) {
	e.Class, e.is, e.RetryAfter, e.Reason = Wait, ErrRateLimited, after, reason
}

// retryAfter obeys retry-after, then x-ratelimit-reset, else waits a minute.
func retryAfter(h http.Header) time.Duration {
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s >= 0 {
		return max(time.Duration(s)*time.Second, time.Second)
	}
	if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && h.Get("X-RateLimit-Remaining") == "0" {
		return max(time.Until(time.Unix(reset, 0)), time.Second)
	}
	return minSecondaryWait
}

// cause keeps the innermost message, which names no URL and no token.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
