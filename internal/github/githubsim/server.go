package githubsim

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// webhookTimeout is how long GitHub waits for the answer to a delivery.
// Source: docs, webhooks/testing-and-troubleshooting-webhooks.
const webhookTimeout = 10 * time.Second

// Config says which App the server knows and where its webhooks go.
type Config struct {
	// AppID is the App's id; zero means 1.
	AppID int64
	// WebhookSecret signs deliveries; empty sends them unsigned, as GitHub does.
	WebhookSecret string
	// WebhookURL receives deliveries; empty means the App has no active webhook
	// and nothing is sent. SetWebhookURL changes it later.
	WebhookURL string
	// Logger receives failures that no caller sees; nil discards them.
	Logger *slog.Logger
	// RateLimits enforces GitHub's limits; nil turns enforcement off.
	RateLimits *RateLimits
	// ArchiveDir keeps the archives that were made, by repository and commit, as
	// GitHub does for a while; empty makes each download's anew.
	ArchiveDir string
	// HTTPClient sends webhooks; nil means one with GitHub's ten-second timeout
	// that does not follow redirects.
	HTTPClient *http.Client
}

// Server is a GitHub with one App. All methods are safe for concurrent use.
type Server struct {
	config   Config
	key      *rsa.PrivateKey
	linkKey  []byte
	mux      *http.ServeMux
	now      func() time.Time
	skew     atomic.Int64 // nanoseconds, see SetClockSkew
	requests requestCounter
	faults   faultList
	limiter  *limiter
	hook     *hook
	checks   checkStore

	mu            sync.Mutex
	webhookURL    string
	nextID        int64
	repositories  map[int64]*repository
	formerNames   map[string]int64
	installations map[int64]*installation
	tokens        map[string]*token
	listener      net.Listener
	httpServer    *http.Server
}

// New generates the App's RSA key and returns a server with no repositories.
func New(config Config) (*Server, error) {
	if config.AppID == 0 {
		config.AppID = 1
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{
			Timeout:       webhookTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("generate App key: %w", err)
	}
	s := &Server{
		config:        config,
		key:           key,
		linkKey:       []byte(rand.Text()),
		limiter:       newLimiter(config.RateLimits),
		hook:          newHook(),
		webhookURL:    config.WebhookURL,
		nextID:        1000,
		repositories:  map[int64]*repository{},
		formerNames:   map[string]int64{},
		installations: map[int64]*installation{},
		tokens:        map[string]*token{},
	}
	s.now = func() time.Time { return time.Now().Add(time.Duration(s.skew.Load())) }
	s.mux = s.routes()
	return s, nil
}

// Start listens on addr ("127.0.0.1:0" picks a port) and serves in the
// background until Close.
func (s *Server) Start(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn),
	}
	unused := &unusedConns{conns: map[net.Conn]struct{}{}}
	server.ConnState = unused.note
	server.RegisterOnShutdown(unused.close)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return errors.Join(errors.New("the server is already started"), listener.Close())
	}
	s.listener, s.httpServer = listener, server
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.config.Logger.Error("local GitHub stopped serving", "err", err)
		}
	}()
	return nil
}

// URL is the API root without a trailing slash; empty until Start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.urlLocked()
}

func (s *Server) urlLocked() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Close stops listening, waits for running requests until ctx ends, and ends
// the git processes. A server that was never started can be closed too.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	server := s.httpServer
	repositories := make([]*repository, 0, len(s.repositories))
	for _, repo := range s.repositories {
		repositories = append(repositories, repo)
	}
	s.mu.Unlock()

	s.hook.redeliveries.Wait()
	var err error
	if server != nil {
		if err = server.Shutdown(ctx); err != nil {
			err = errors.Join(fmt.Errorf("shut down local GitHub: %w", err), server.Close())
		}
	}
	for _, repo := range repositories {
		repo.git.close()
	}
	return err
}

// AppID is the id of the only App this server knows.
func (s *Server) AppID() int64 { return s.config.AppID }

// SetWebhookURL changes where deliveries go from now on; empty stops them.
func (s *Server) SetWebhookURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhookURL = url
}

// SetClockSkew sets GitHub's clock off the machine's, ahead or (negative) behind:
// signatures and tokens are judged by it, deliveries are dated by it, and answers
// tell it in their Date.
func (s *Server) SetClockSkew(d time.Duration) { s.skew.Store(int64(d)) }

// newID returns an id that no other object of this server has.
func (s *Server) newID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	return s.nextID
}
