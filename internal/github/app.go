package github

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// DefaultBaseURL is GitHub's REST API.
const DefaultBaseURL = "https://api.github.com"

// AppConfig says who we are and where GitHub is. Only AppID and PrivateKeyPEM
// have no default.
type AppConfig struct {
	AppID         int64
	PrivateKeyPEM []byte
	BaseURL       string                // "" means DefaultBaseURL; a simulator's root otherwise
	Transport     http.RoundTripper     // nil means one of our own with timeouts
	Logger        *slog.Logger          // nil discards
	Registerer    prometheus.Registerer // nil means metrics that nobody reads
	UserAgent     string                // "" means "kgsync"; GitHub refuses requests without one
	Limits        *Limits               // nil: only what GitHub's answers ask for is heeded
	Ledger        Ledger                // nil: no other process uses the App; with one, see [App.Share]
}

// App is the GitHub App. It is safe for concurrent use.
type App struct {
	config  AppConfig
	base    *url.URL // with a trailing slash, as go-github wants it
	metrics *metrics
	share   *share
	times   timeouts
	client  *client // signs with the App's key: installations and deliveries

	mu    sync.Mutex
	known map[int64]*Installation
}

// NewApp checks the id, the key and the address; it asks GitHub nothing.
func NewApp(c AppConfig) (*App, error) {
	base, err := c.defaults()
	if err != nil {
		return nil, err
	}
	a := &App{config: c, base: base, metrics: newMetrics(c.Registerer), share: newShare(c.Ledger == nil), times: defaultTimeouts, known: map[int64]*Installation{}}
	signer, err := ghinstallation.NewAppsTransport(a.wire(), c.AppID, c.PrivateKeyPEM)
	if err != nil {
		return nil, fmt.Errorf("the App's private key: %w", err)
	}
	a.client = newClient(a, &appAuth{origin: base, signer: signer}, func() bool { return false })
	return a, nil
}

// BaseURL reads the address of a REST API.
func BaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(text, "/") + "/")
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("GitHub's base URL %q is not an http or https URL", text)
	}
	return base, nil
}

func (c *AppConfig) defaults() (*url.URL, error) {
	if c.BaseURL == "" {
		c.BaseURL = DefaultBaseURL
	}
	base, err := BaseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if c.AppID <= 0 {
		return nil, errors.New("the GitHub App id is missing: it stands on the App's settings page")
	}
	if err := CheckKey(c.PrivateKeyPEM); err != nil {
		return nil, err
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	if c.UserAgent == "" {
		c.UserAgent = "kgsync"
	}
	return base, nil
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = 0 // no limit over all hosts; each host has its own
	t.MaxIdleConnsPerHost = maxInFlight
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter} // a dead connection is noticed between requests too
	return t
}

// Installation gives the long-lived client of an installation, always the same
// for the same id: its token, its rate budget and its waits are shared by all
// who use it. Each has an AppsTransport of its own, because ghinstallation's
// transports race when they share one (a renewal writes its BaseURL and Client).
func (a *App) Installation(id int64) *Installation {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := a.known[id]; i != nil {
		return i
	}
	auth := &installationAuth{app: a, id: id, origin: a.base, next: a.wire()}
	i := &Installation{id: id, client: newClient(a, auth, auth.fresh)}
	a.known[id] = i
	return i
}

// Forget drops what is kept for an installation, its token above all: call it
// when the App was uninstalled. Clients already handed out go on working.
func (a *App) Forget(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, id)
}

func (a *App) wire() *wire {
	return &wire{next: a.config.Transport, metrics: a.metrics}
}
