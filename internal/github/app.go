// Package github reads GitHub on behalf of the App: authentication, the few
// operations that the sync needs, and what an answer means.
//
// It wraps go-github and ghinstallation wholly: their types never leave. It may
// import nothing internal. Responses are decoded with small structs of our own,
// because go-github v60's repository type breaks on multi-select custom
// properties (google/go-github#3230).
package github

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"
	"github.com/prometheus/client_golang/prometheus"
)

// DefaultBaseURL is GitHub's REST API.
const DefaultBaseURL = "https://api.github.com"

// AppConfig says who we are and where GitHub is.
type AppConfig struct {
	AppID         int64
	PrivateKeyPEM []byte
	BaseURL       string            // empty means DefaultBaseURL
	Transport     http.RoundTripper // nil means a tuned default
	Registerer    prometheus.Registerer
}

// App is the GitHub App. It is safe for concurrent use.
type App struct {
	config  AppConfig
	base    *url.URL
	metrics *metrics
	mu      sync.Mutex
	known   map[int64]*Installation
}

// NewApp checks the key and the address.
func NewApp(c AppConfig) (*App, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimSuffix(c.BaseURL, "/") + "/")
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("GitHub's base URL %q is not an absolute URL", c.BaseURL)
	}
	if c.AppID <= 0 {
		return nil, errors.New("the GitHub App id is missing: it stands on the App's settings page")
	}
	if err := checkKey(c.PrivateKeyPEM); err != nil {
		return nil, err
	}
	if c.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = maxInFlight
		t.ResponseHeaderTimeout = 20 * time.Second
		c.Transport = t
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	return &App{config: c, base: base, metrics: newMetrics(c.Registerer), known: map[int64]*Installation{}}, nil
}

func checkKey(key []byte) error {
	const advice = "the App's private key is not a PEM-encoded RSA key: download one from the App's settings page"
	block, _ := pem.Decode(key)
	if block == nil {
		return errors.New(advice)
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if _, ok := k.(*rsa.PrivateKey); err != nil || !ok {
		return errors.New(advice)
	}
	return nil
}

// Installation gives the long-lived reader of an installation. Each has an
// AppsTransport of its own: ghinstallation's transports race when they share one.
func (a *App) Installation(id int64) *Installation {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := a.known[id]; i != nil {
		return i
	}
	i := &Installation{app: a, id: id, inFlight: make(chan struct{}, maxInFlight), usage: &Usage{}}
	i.renew()
	a.known[id] = i
	return i
}

// maxInFlight keeps an installation below GitHub's 100 concurrent requests
// (rest/using-the-rest-api/rate-limits-for-the-rest-api).
const maxInFlight = 80

// Installation reads the repositories of one installation. It is safe for
// concurrent use.
type Installation struct {
	app      *App
	id       int64
	inFlight chan struct{}
	usage    *Usage
	clients  *clientHolder
}

// clientHolder is shared by the counting copies of an installation, so that a
// renewed token serves all of them.
type clientHolder struct {
	mu     sync.Mutex
	client *gh.Client
}

// Counting gives the same installation with its requests and bytes counted.
func (i *Installation) Counting(u *Usage) *Installation {
	c := *i
	c.usage = u
	return &c
}

// renew replaces the client and with it the cached token: ghinstallation keeps a
// token that GitHub refuses until it expires.
func (i *Installation) renew() {
	atr, err := ghinstallation.NewAppsTransport(i.app.config.Transport, i.app.config.AppID, i.app.config.PrivateKeyPEM)
	if err != nil {
		panic("github: the key was checked by NewApp: " + err.Error())
	}
	base := strings.TrimSuffix(i.app.base.String(), "/")
	atr.BaseURL = base
	tr := ghinstallation.NewFromAppsTransport(atr, i.id)
	tr.BaseURL = base
	client := gh.NewClient(&http.Client{Transport: &sameHost{host: i.app.base.Host, authed: tr, plain: i.app.config.Transport}, CheckRedirect: limitRedirects})
	client.BaseURL = i.app.base
	client.UserAgent = "kgsync"
	if i.clients == nil {
		i.clients = &clientHolder{}
	}
	i.clients.mu.Lock()
	i.clients.client = client
	i.clients.mu.Unlock()
}

func (i *Installation) client() *gh.Client {
	i.clients.mu.Lock()
	defer i.clients.mu.Unlock()
	return i.clients.client
}

// sameHost sends the token to GitHub's API only, never to where it redirects.
type sameHost struct {
	host          string
	authed, plain http.RoundTripper
}

func (t *sameHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != t.host {
		return t.plain.RoundTrip(r)
	}
	return t.authed.RoundTrip(r)
}

func limitRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) > 5 {
		return errors.New("more than five redirects")
	}
	return nil
}

// acquire waits for a place among the installation's requests.
func (i *Installation) acquire(ctx context.Context) error {
	select {
	case i.inFlight <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
