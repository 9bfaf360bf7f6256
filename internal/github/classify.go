package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// minSecondaryWait is GitHub's advice for a secondary limit without a time: at
// least a minute, then exponentially more (docs:
// rest/using-the-rest-api/rate-limits-for-the-rest-api).
const minSecondaryWait = time.Minute

// maxWait bounds what a header can ask for; a primary limit's window is an hour.
const maxWait = 65 * time.Minute

// refusal is what an error's body says.
type refusal struct {
	Message string `json:"message"`
	Docs    string `json:"documentation_url"`
	Errors  []struct {
		Code string `json:"code"`
	} `json:"errors"`
}

func readRefusal(data []byte) refusal {
	var r refusal
	if json.Unmarshal(data, &r) != nil {
		return refusal{} // a proxy's page, or errors of another shape
	}
	return r
}

// refusalOf takes the body out of go-github's error types.
func refusalOf(err error) refusal {
	var plain *gh.ErrorResponse
	var secondary *gh.AbuseRateLimitError
	switch {
	case errors.As(err, &plain):
		r := refusal{Message: plain.Message, Docs: plain.DocumentationURL}
		for _, e := range plain.Errors {
			r.Errors = append(r.Errors, struct {
				Code string `json:"code"`
			}{e.Code})
		}
		return r
	case errors.As(err, &secondary):
		return refusal{Message: secondary.Message, Docs: "#secondary-rate-limits"}
	}
	return refusal{}
}

// outcome is a refused request, all that its meaning depends on.
type outcome struct {
	op     string
	status int
	header http.Header
	said   refusal
	write  bool
	app    bool // signed with the App's key, as minting a token is
	fresh  bool // the token is only seconds old
}

// classify is the one place that decides what a refusal means. It is a pure
// function of the answer, but for the clock where the answer has no Date.
func classify(o outcome) *Error {
	e := &Error{Op: o.op, Status: o.status, Reason: clean(o.said.Message)}
	if e.Reason == "" {
		e.Reason = http.StatusText(o.status)
	}
	if o.limited() {
		e.Class, e.is = Wait, ErrRateLimited
		e.RetryAfter, e.secondary, e.guessed = o.wait()
		return e
	}
	switch o.status {
	case http.StatusUnauthorized:
		e.is = ErrUnauthorized
		if o.app {
			e.Class, e.Reason = Broken, e.Reason+" (check the App's id, its private key and this machine's clock)"
		}
	case http.StatusForbidden:
		o.forbidden(e)
	case http.StatusNotFound:
		o.notFound(e)
	case http.StatusGone, http.StatusUnavailableForLegalReasons:
		e.Class, e.is = Gone, ErrNotFound
	case http.StatusConflict:
		if strings.Contains(strings.ToLower(o.said.Message), "empty") {
			e.Class, e.is = Gone, ErrEmptyRepository
		}
	case http.StatusUnprocessableEntity: // reading: "No commit found for SHA"
		e.Class, e.is = Gone, ErrNotFound
		if o.write || o.app {
			e.Class, e.is = Broken, nil
		}
	case http.StatusRequestTimeout:
	default:
		if o.status < 500 {
			e.Class = Broken
		}
		e.RetryAfter, _ = retryAfter(o.header, o.now())
	}
	return e
}

// limited recognises a limit: GitHub uses 403 and 429 for both kinds.
func (o *outcome) limited() bool {
	switch o.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		message := strings.ToLower(o.said.Message)
		return o.header.Get("X-RateLimit-Remaining") == "0" || o.header.Get("Retry-After") != "" ||
			strings.Contains(message, "rate limit") || strings.Contains(message, "abuse detection") ||
			strings.HasSuffix(o.said.Docs, "secondary-rate-limits") || strings.HasSuffix(o.said.Docs, "#abuse-rate-limits")
	}
	return false
}

// wait obeys retry-after; else, with nothing remaining, the reset; else it is a
// guess of a minute, to be doubled.
func (o *outcome) wait() (d time.Duration, secondary, guessed bool) {
	used := o.header.Get("X-RateLimit-Remaining") == "0"
	if d, ok := retryAfter(o.header, o.now()); ok {
		return d, !used, false
	}
	if reset, err := strconv.ParseInt(o.header.Get("X-RateLimit-Reset"), 10, 64); err == nil && used {
		return min(max(time.Unix(reset, 0).Sub(o.now()), time.Second), maxWait), false, false
	}
	return minSecondaryWait, true, true
}

// retryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if s, err := strconv.ParseInt(v, 10, 32); err == nil && s >= 0 {
		return min(max(time.Duration(s)*time.Second, time.Second), maxWait), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(at.Sub(now), time.Second), maxWait), true
	}
	return 0, false
}

// now is GitHub's clock where it tells it: reset times are in that clock.
func (o *outcome) now() time.Time {
	if t, err := http.ParseTime(o.header.Get("Date")); err == nil {
		return t
	}
	return time.Now()
}

func (o *outcome) forbidden(e *Error) {
	message := strings.ToLower(o.said.Message)
	switch {
	case strings.Contains(message, "suspended"):
		e.Class, e.is = Broken, ErrSuspended
		e.Reason += " (its owner can unsuspend it in GitHub's settings)"
	case o.tooLarge(message):
		e.Class, e.is = Gone, ErrTooLarge
	case o.fresh:
		e.Reason += " (the token is only seconds old)"
	default:
		e.Class = Broken
		if p := o.header.Get("X-Accepted-GitHub-Permissions"); p != "" {
			e.Reason += " (needs the permission " + clean(p) + ")"
		}
	}
}

func (o *outcome) tooLarge(message string) bool {
	for _, e := range o.said.Errors {
		if e.Code == "too_large" {
			return true
		}
	}
	return strings.Contains(message, "too large")
}

func (o *outcome) notFound(e *Error) {
	e.Class, e.is = Gone, ErrNotFound
	switch {
	case o.op == opToken:
		e.is, e.Reason = ErrUninstalled, "no such installation of the App"
	case o.fresh:
		e.Class = Retry
		e.Reason += " (the token is only seconds old)"
	}
}

var secret = regexp.MustCompile(`\b(gh[a-z]_|github_pat_|eyJ)[A-Za-z0-9_.\-]+`)

// clean makes a message of somebody else's fit for a log: one short line without
// tokens.
func clean(s string) string {
	s = secret.ReplaceAllString(strings.Join(strings.Fields(s), " "), "[secret]")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "..."
	}
	return s
}
