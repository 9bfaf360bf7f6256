package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/kgsync/kgsync/internal/webhook"
)

type acceptor struct {
	got []*webhook.Delivery
	err error
}

func (a *acceptor) Accept(_ context.Context, d *webhook.Delivery) (webhook.Outcome, error) {
	a.got = append(a.got, d)
	return webhook.Accepted, a.err
}

func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// The vector of GitHub's validating-webhook-deliveries page.
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	const want = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	if got := sign("It's a Secret to Everybody", "Hello, World!"); got != want {
		t.Fatalf("the test signs wrongly: %s", got)
	}
}

const push = `{"ref": "refs/heads/main", "before": "a", "after": "b", "forced": false,
	"repository": {"id": 7, "full_name": "o/r", "default_branch": "main", "custom_properties": {"x": ["multi"]}, "created_at": 1},
	"installation": {"id": 3}, "commits": [{"added": ["a.md"], "removed": [], "modified": ["b.md", "a.md"]}]}`

func TestStatusCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, event, signature, guid string
		err                          error
		status, accepted             int
	}{
		"a push":              {push, "push", sign("new", push), "", nil, 200, 1},
		"the old secret":      {push, "push", sign("old", push), "", nil, 200, 1},
		"a wrong secret":      {push, "push", sign("other", push), "", nil, 401, 0},
		"no signature":        {push, "push", "", "", nil, 401, 0},
		"sha1 is not enough":  {push, "push", strings.Replace(sign("new", push), "sha256=", "sha1=", 1), "", nil, 401, 0},
		"another body":        {push + " ", "push", sign("new", push), "", nil, 401, 0},
		"not JSON":            {"{", "push", sign("new", "{"), "", nil, 400, 0},
		"no repository":       {`{"installation": {"id": 1}}`, "push", sign("new", `{"installation": {"id": 1}}`), "", nil, 400, 0},
		"no event":            {push, "", sign("new", push), "", nil, 400, 0},
		"an unknown event":    {"{}", "star", sign("new", "{}"), "", nil, 200, 0},
		"ping":                {`{"zen": "x"}`, "ping", sign("new", `{"zen": "x"}`), "", nil, 200, 0},
		"too large":           {strings.Repeat("x", 5000), "push", sign("new", strings.Repeat("x", 5000)), "", nil, 413, 0},
		"the database is off": {push, "push", sign("new", push), "", errors.New("no database"), 503, 1},
		"a malformed GUID":    {push, "push", sign("new", push), "no guid!", nil, 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &acceptor{err: c.err}
			h, err := webhook.New(webhook.Config{Secrets: [][]byte{[]byte("new"), []byte("old")}, Acceptor: a, MaxBodyBytes: 4096})
			if err != nil {
				t.Fatal(err)
			}
			e := echo.New()
			webhook.Register(e, "/hook", h)
			r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(c.body))
			r.Header.Set("X-GitHub-Event", c.event)
			r.Header.Set("X-Hub-Signature-256", c.signature)
			r.Header.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
			if c.guid != "" {
				r.Header.Set("X-GitHub-Delivery", c.guid)
			}
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			if w.Code != c.status || len(a.got) != c.accepted {
				t.Errorf("status %d, want %d; accepted %d, want %d: %s", w.Code, c.status, len(a.got), c.accepted, w.Body)
			}
			if c.accepted == 1 {
				p := a.got[0].Push
				if p.Branch() != "main" || strings.Join(p.Paths, " ") != "a.md b.md" || p.MaxFiles != 3 {
					t.Errorf("push: %+v", p)
				}
			}
		})
	}
}

func TestSecretsMustNotBeEmpty(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][][]byte{nil, {[]byte("x"), nil}} {
		if _, err := webhook.New(webhook.Config{Secrets: secrets, Acceptor: &acceptor{}}); err == nil {
			t.Errorf("%q was accepted", secrets)
		}
	}
}
