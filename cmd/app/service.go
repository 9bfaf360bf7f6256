package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/jobs"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/web"
	"github.com/kgsync/kgsync/internal/webhook"
)

// service is the whole application of one process.
type service struct {
	config   *config
	log      *slog.Logger
	store    *store.Store
	app      *github.App
	runner   *jobs.Runner
	leave    func() // the processes that share GitHub's limits
	registry *prometheus.Registry
	work     bool
	listener net.Listener
	http     *http.Server
	stopping chan struct{} // closed when the service is told to stop
}

// connections is how many a process needs: besides those of the workers and their
// writes there are River's, the API's and the webhooks'.
func connections(workers, writes int) int { return workers + writes + 12 }

// openStore connects to the database and brings its schema up to date.
func openStore(ctx context.Context, c *config, log *slog.Logger) (*store.Store, error) {
	pool, err := store.Connect(ctx, string(c.DatabaseURL), connections(c.Workers, c.MaxWrites))
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return store.New(pool, c.MaxWrites, log), nil
}

// newService wires everything; work and serveWeb choose the roles.
func newService(ctx context.Context, c *config, log *slog.Logger, work bool) (*service, error) {
	st, err := openStore(ctx, c, log)
	if err != nil {
		return nil, err
	}
	reg := newRegistry(st.Pool())
	app, err := github.NewApp(github.AppConfig{AppID: c.AppID, PrivateKeyPEM: c.privateKey, BaseURL: c.GitHubURL, Registerer: reg,
		Logger: log.With("component", "github"), Limits: c.limits, Ledger: newLedger(st, work)})
	if err != nil {
		return nil, err
	}
	runner, err := jobs.New(st, app, c.jobs(log, reg), work)
	if err != nil {
		return nil, err
	}
	return &service{config: c, log: log, store: st, app: app, runner: runner, registry: reg, work: work, stopping: make(chan struct{})}, nil
}

// start listens, if web is set, and begins to work jobs. It returns at once.
func (s *service) start(ctx context.Context, serveWeb bool) error {
	leave, err := s.app.Share(ctx)
	if err != nil {
		return err
	}
	s.leave = leave
	if serveWeb {
		if err := s.startWeb(); err != nil {
			return err
		}
	}
	if s.work {
		return s.runner.Start(context.WithoutCancel(ctx))
	}
	return nil
}

func (s *service) startWeb() error {
	hooks, err := webhook.New(webhook.Config{Secrets: s.config.secrets(), Acceptor: s.runner, Logger: s.log, Registerer: s.registry})
	if err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	web.Register(e, web.Config{Store: s.store, Syncer: s.runner.Sync(), AdminToken: string(s.config.AdminToken),
		ReadToken: string(s.config.ReadToken), Gatherer: s.registry, Logger: s.log, Stopping: s.stopping})
	webhook.Register(e, "/webhooks/github", hooks)
	s.listener, err = net.Listen("tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.config.Listen, err)
	}
	s.http = &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	go func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the web server stopped", "err", err)
		}
	}()
	return nil
}

// url is where the service answers.
func (s *service) url() string { return "http://" + s.listener.Addr().String() }

// stopTime is how long requests and jobs have to end by themselves.
const stopTime = 15 * time.Second

// stop ends gracefully, once: no new requests, running jobs handed back. A request
// that takes long keeps no job from that.
func (s *service) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	close(s.stopping)
	answered := make(chan error, 1)
	go func() { answered <- s.stopWeb(ctx) }()
	var err error
	if s.work {
		err = s.runner.Stop(ctx)
	}
	err = errors.Join(err, <-answered)
	if s.leave != nil {
		s.leave()
	}
	s.store.Pool().Close()
	return err
}

// stopWeb waits for the requests that are being answered and cuts off what is left.
func (s *service) stopWeb(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off", "after", stopTime)
		return s.http.Close()
	}
	return err
}
