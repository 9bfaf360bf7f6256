package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"
)

// freshFor is how long a new token may be unknown to parts of GitHub: they
// answer 401, 403 or 404 for seconds (octokit/auth-app.js#65).
const freshFor = 10 * time.Second

// errForeign is a request that would have carried our token elsewhere.
var errForeign = errors.New("refused to send the token to another host")

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host) }

// appAuth signs requests with the App's key.
type appAuth struct {
	origin *url.URL
	signer *ghinstallation.AppsTransport
}

func (t *appAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, t.origin) {
		return nil, errForeign
	}
	return t.signer.RoundTrip(req.Clone(req.Context())) // it writes into the request
}

// installationAuth sends an installation's token, minted by ghinstallation and
// kept until shortly before it expires. ghinstallation goes on using a token that
// GitHub refuses: here a 401 drops it, mints once and repeats the request once.
type installationAuth struct {
	app    *App
	id     int64
	origin *url.URL
	next   http.RoundTripper

	mu     sync.Mutex
	source *ghinstallation.Transport // nil until needed
	minted time.Time
}

func (t *installationAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, t.origin) {
		return nil, errForeign
	}
	source := t.current()
	res, err := t.send(source, req)
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		return res, err
	}
	again := req.Clone(req.Context())
	if req.Body != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return res, nil //nolint:nilerr // the 401 stands
		}
	}
	t.drop(source)
	return t.send(t.current(), again) // the 401's body was read by wire
}

func (t *installationAuth) send(source *ghinstallation.Transport, req *http.Request) (*http.Response, error) {
	mint := *callOf(req.Context())
	mint.op, mint.usage = opToken, nil
	token, err := source.Token(withCall(req.Context(), &mint))
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", "Bearer "+token)
	return t.next.RoundTrip(out)
}

func (t *installationAuth) current() *ghinstallation.Transport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil {
		signer, err := ghinstallation.NewAppsTransport(&minter{auth: t}, t.app.config.AppID, t.app.config.PrivateKeyPEM)
		if err != nil {
			panic("github: NewApp has checked the key: " + err.Error())
		}
		signer.BaseURL = strings.TrimSuffix(t.origin.String(), "/")
		t.source = ghinstallation.NewFromAppsTransport(signer, t.id)
		t.source.InstallationTokenOptions = &gh.InstallationTokenOptions{} // else it sends null, which is no body of this operation
	}
	return t.source
}

// drop forgets the token of source, unless somebody else already has.
func (t *installationAuth) drop(source *ghinstallation.Transport) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source != source {
		return
	}
	t.source = nil
	t.app.metrics.renewals.Inc()
	t.app.config.Logger.Info("GitHub refused a token before it expired; minting another", "installation_id", t.id)
}

// fresh reports whether the token is so new that GitHub may not know it yet.
func (t *installationAuth) fresh() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.minted) < freshFor
}

// minter carries ghinstallation's token requests. A refusal becomes our *Error
// here, because ghinstallation leaves its body open; a success is reduced to the
// two fields needed, because it decodes into go-github's types and would panic
// on null.
type minter struct{ auth *installationAuth }

func (m *minter) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header.Set("User-Agent", m.auth.app.config.UserAgent) // the request is ours: Token above made it
	res, err := m.auth.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	res.Body.Close()
	var got struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	switch {
	case res.StatusCode/100 != 2:
		return nil, classify(outcome{op: opToken, status: res.StatusCode, header: callOf(req.Context()).last, said: readRefusal(data), app: true})
	case err != nil:
		return nil, err
	case json.Unmarshal(data, &got) != nil || got.Token == "" || got.ExpiresAt.IsZero():
		return nil, &Error{Op: opToken, Status: res.StatusCode, Class: Retry, Reason: "the answer is not a token"}
	}
	if data, err = json.Marshal(got); err != nil {
		return nil, err
	}
	m.auth.mu.Lock()
	m.auth.minted = time.Now()
	m.auth.mu.Unlock()
	res.Body = io.NopCloser(bytes.NewReader(data))
	return res, nil
}
