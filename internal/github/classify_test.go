package github

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answered is the Date of every answer below: waits are counted in GitHub's clock.
var answered = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// headers makes an answer's header from pairs.
func headers(pairs ...string) http.Header {
	h := http.Header{"Date": {answered.Format(http.TimeFormat)}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func said(message string) refusal { return refusal{Message: message} }

// TestClassify lists every refusal that GitHub's documents and issue threads tell of
// (docs: rest/using-the-rest-api/troubleshooting-the-rest-api and rate-limits-for-the-rest-api).
func TestClassify(t *testing.T) {
	t.Parallel()
	tooLarge := said("This API returns blobs up to 100 MB in size.")
	tooLarge.Errors = append(tooLarge.Errors, struct {
		Code string `json:"code"`
	}{"too_large"})
	for name, c := range map[string]struct {
		outcome
		class   Class
		is      error         // nil: no sentinel
		after   time.Duration // RetryAfter
		guessed bool
		reason  string // part of it
	}{
		"a refused token":       {outcome{op: opBlob, status: 401, said: said("Bad credentials")}, Retry, ErrUnauthorized, 0, false, "Bad credentials"},
		"a refused fresh token": {outcome{op: opBlob, status: 401, fresh: true, said: said("Bad credentials")}, Retry, ErrUnauthorized, 0, false, ""},
		"a refused signature":   {outcome{op: opDeliveries, status: 401, app: true, said: said("'Expiration time' claim ('exp') is too far in the future")}, Broken, ErrUnauthorized, 0, false, "clock"},
		"a refused minting":     {outcome{op: opToken, status: 401, app: true}, Broken, ErrUnauthorized, 0, false, "private key"},

		"suspended":                      {outcome{op: opBlob, status: 403, said: said("This installation has been suspended")}, Broken, ErrSuspended, 0, false, "unsuspend"},
		"suspended, seen when minting":   {outcome{op: opToken, status: 403, app: true, said: said("This installation has been suspended")}, Broken, ErrSuspended, 0, false, ""},
		"suspended, with a fresh token":  {outcome{op: opBlob, status: 403, fresh: true, said: said("This installation has been suspended")}, Broken, ErrSuspended, 0, false, ""},
		"a missing permission":           {outcome{op: opTree, status: 403, header: headers("X-Accepted-GitHub-Permissions", "contents=read"), said: said("Resource not accessible by integration")}, Broken, nil, 0, false, "contents=read"},
		"a fresh token's permission":     {outcome{op: opTree, status: 403, fresh: true, said: said("Resource not accessible by integration")}, Retry, nil, 0, false, "seconds old"},
		"a blob over 100 MB":             {outcome{op: opBlob, status: 403, said: tooLarge}, Gone, ErrTooLarge, 0, false, ""},
		"a file over 100 MB":             {outcome{op: opFile, status: 403, said: said("This file is too large to be served")}, Gone, ErrTooLarge, 0, false, ""},
		"a blob over 100 MB, fresh":      {outcome{op: opBlob, status: 403, fresh: true, said: tooLarge}, Gone, ErrTooLarge, 0, false, ""},
		"a forbidden page without words": {outcome{op: opBlob, status: 403}, Broken, nil, 0, false, "Forbidden"},

		"the primary limit, 403": {outcome{op: opBlob, status: 403, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1772366700")},
			Wait, ErrRateLimited, 5 * time.Minute, false, ""},
		"the primary limit, 429": {outcome{op: opBlob, status: 429, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1772366700")},
			Wait, ErrRateLimited, 5 * time.Minute, false, ""},
		"the primary limit, reset meanwhile": {outcome{op: opBlob, status: 403, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1772366390")},
			Wait, ErrRateLimited, time.Second, false, ""},
		"a reset beyond any window": {outcome{op: opBlob, status: 403, header: headers("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "9999999999")},
			Wait, ErrRateLimited, maxWait, false, ""},
		"retry-after goes before the reset": {outcome{op: opBlob, status: 403, header: headers("Retry-After", "30", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1772366700")},
			Wait, ErrRateLimited, 30 * time.Second, false, ""},
		"a secondary limit, 403":            {outcome{op: opBlob, status: 403, header: headers("Retry-After", "60")}, Wait, ErrRateLimited, time.Minute, false, ""},
		"a secondary limit, 429":            {outcome{op: opBlob, status: 429, header: headers("Retry-After", "7")}, Wait, ErrRateLimited, 7 * time.Second, false, ""},
		"retry-after as a date":             {outcome{op: opBlob, status: 429, header: headers("Retry-After", answered.Add(90*time.Second).Format(http.TimeFormat))}, Wait, ErrRateLimited, 90 * time.Second, false, ""},
		"retry-after of nothing":            {outcome{op: opBlob, status: 429, header: headers("Retry-After", "0")}, Wait, ErrRateLimited, time.Second, false, ""},
		"retry-after that is no time":       {outcome{op: opBlob, status: 429, header: headers("Retry-After", "soon")}, Wait, ErrRateLimited, time.Minute, true, ""},
		"a secondary limit, by its words":   {outcome{op: opBlob, status: 403, said: said("You have exceeded a secondary rate limit.")}, Wait, ErrRateLimited, time.Minute, true, ""},
		"a secondary limit, by its link":    {outcome{op: opBlob, status: 403, said: refusal{Docs: "https://docs.github.com/rest/rate-limits#about-secondary-rate-limits"}}, Wait, ErrRateLimited, time.Minute, true, ""},
		"a secondary limit, in old words":   {outcome{op: opBlob, status: 403, said: said("You have triggered an abuse detection mechanism")}, Wait, ErrRateLimited, time.Minute, true, ""},
		"429 without a word":                {outcome{op: opBlob, status: 429}, Wait, ErrRateLimited, time.Minute, true, ""},
		"a limit while minting":             {outcome{op: opToken, status: 403, app: true, header: headers("Retry-After", "5")}, Wait, ErrRateLimited, 5 * time.Second, false, ""},
		"a limit, seen by a fresh token":    {outcome{op: opBlob, status: 403, fresh: true, header: headers("Retry-After", "5")}, Wait, ErrRateLimited, 5 * time.Second, false, ""},
		"a limit of content creation":       {outcome{op: opCheckCreate, status: 403, write: true, header: headers("Retry-After", "60")}, Wait, ErrRateLimited, time.Minute, false, ""},
		"requests left: no primary limit":   {outcome{op: opBlob, status: 403, header: headers("X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1772366700")}, Broken, nil, 0, false, ""},
		"secondary, with requests left":     {outcome{op: opBlob, status: 429, header: headers("X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1772366700")}, Wait, ErrRateLimited, time.Minute, true, ""},
		"nothing there, or not for us":      {outcome{op: opTree, status: 404, said: said("Not Found")}, Gone, ErrNotFound, 0, false, "Not Found"},
		"nothing there for a fresh token":   {outcome{op: opTree, status: 404, fresh: true, said: said("Not Found")}, Retry, ErrNotFound, 0, false, "seconds old"},
		"no such installation":              {outcome{op: opToken, status: 404, app: true, said: said("Not Found")}, Gone, ErrUninstalled, 0, false, ""},
		"no such delivery":                  {outcome{op: opRedeliver, status: 404, app: true, write: true}, Gone, ErrNotFound, 0, false, ""},
		"an empty repository":               {outcome{op: opTree, status: 409, said: said("Git Repository is empty.")}, Gone, ErrEmptyRepository, 0, false, ""},
		"a repository in the making":        {outcome{op: opTree, status: 409, said: said("Conflict")}, Retry, nil, 0, false, ""},
		"gone for good":                     {outcome{op: opTree, status: 410}, Gone, ErrNotFound, 0, false, ""},
		"taken down for legal reasons":      {outcome{op: opTree, status: 451, said: said("Repository access blocked")}, Gone, ErrNotFound, 0, false, ""},
		"no such commit":                    {outcome{op: opHead, status: 422, said: said("No commit found for SHA: x")}, Gone, ErrNotFound, 0, false, ""},
		"a check run that is not accepted":  {outcome{op: opCheckCreate, status: 422, write: true, said: said("Validation Failed")}, Broken, nil, 0, false, "Validation"},
		"more repositories than installed":  {outcome{op: opToken, status: 422, app: true}, Broken, nil, 0, false, ""},
		"the request took GitHub too long":  {outcome{op: opTree, status: 408}, Retry, nil, 0, false, ""},
		"a server error":                    {outcome{op: opTree, status: 500, said: said("Server Error")}, Retry, nil, 0, false, ""},
		"a bad gateway":                     {outcome{op: opTree, status: 502}, Retry, nil, 0, false, "Bad Gateway"},
		"unavailable, with a time":          {outcome{op: opTree, status: 503, header: headers("Retry-After", "20")}, Retry, nil, 20 * time.Second, false, ""},
		"GitHub's ten seconds are over":     {outcome{op: opTree, status: 504}, Retry, nil, 0, false, ""},
		"a malformed request":               {outcome{op: opTree, status: 400}, Broken, nil, 0, false, ""},
		"a media type that is not accepted": {outcome{op: opBlob, status: 415}, Broken, nil, 0, false, ""},
		"a redirect to nowhere":             {outcome{op: opTree, status: 301}, Broken, nil, 0, false, ""},
		"a token in the answer":             {outcome{op: opTree, status: 400, said: said("bad token ghs_0123456789abcdef\nline two")}, Broken, nil, 0, false, "bad token [secret] line two"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.header == nil {
				c.header = headers()
			}
			e := classify(c.outcome)
			if e.Class != c.class || e.is != c.is || e.RetryAfter != c.after || e.guessed != c.guessed { //nolint:errorlint // the very sentinel
				t.Errorf("%d is %v (%v), wait %v, guessed %v; want %v (%v), %v, %v",
					c.status, e.Class, e.is, e.RetryAfter, e.guessed, c.class, c.is, c.after, c.guessed)
			}
			if !strings.Contains(e.Reason, c.reason) || e.Reason == "" {
				t.Errorf("the reason is %q, without %q", e.Reason, c.reason)
			}
			if c.is != nil && !errors.Is(error(e), c.is) || e.Op != c.op || e.Status != c.status {
				t.Errorf("%v does not say what failed", e)
			}
		})
	}
}

// TestClassifyEveryStatus says what a status means that nobody has words for.
func TestClassifyEveryStatus(t *testing.T) {
	t.Parallel()
	special := map[int]Class{401: Retry, 404: Gone, 408: Retry, 409: Retry, 410: Gone, 422: Gone, 429: Wait, 451: Gone}
	for status := 400; status < 600; status++ {
		want, ok := special[status]
		if !ok && status < 500 {
			want = Broken
		}
		if got := classify(outcome{op: opBlob, status: status, header: headers()}); got.Class != want {
			t.Errorf("%d is %v, want %v", status, got.Class, want)
		}
	}
}

// TestAGuessedWaitDoubles follows GitHub's advice for a secondary limit without a
// time: a minute, then exponentially more.
func TestAGuessedWaitDoubles(t *testing.T) {
	t.Parallel()
	var g gate
	now := answered
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 16} {
		if got := g.shut(now, minSecondaryWait, true); got != want*time.Minute {
			t.Fatalf("waits %v, want %v minutes", got, want)
		}
		// Refused together with the first, it counts once.
		if got := g.shut(now, minSecondaryWait, true); got != want*time.Minute {
			t.Fatalf("a second refusal makes it %v, want %v minutes", got, want)
		}
		now = now.Add(want * time.Minute)
	}
	g.passed(now.Add(time.Second))
	if got := g.shut(now.Add(time.Second), minSecondaryWait, true); got != time.Minute {
		t.Errorf("after a success it waits %v, want a minute", got)
	}
}
