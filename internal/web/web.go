// Package web answers people and their tools: the admin endpoints, the read API,
// the events of a run, health and metrics, and the page that shows the graph.
//
// It may import store, and reaches the algorithm through [Syncer] only. Errors
// are RFC 9457 problem documents.
package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kgsync/kgsync/internal/store"
)

// Syncer starts and checks work.
type Syncer interface {
	Resync(ctx context.Context, repositoryID int64, trigger string, full bool) (int64, error)
	Verify(ctx context.Context, repositoryID int64) (*store.Comparison, error)
	// Retry gives the run, 0 if no file is failed, and the number of files.
	Retry(ctx context.Context, repositoryID int64, paths []string) (run int64, files int, err error)
	// Cancel gives the state of the run after it.
	Cancel(ctx context.Context, runID int64) (state string, err error)
}

// refused is an error that says what GitHub, and not we, could not do, in words for
// whoever asked; with the time after which it may be asked again, if that is known.
type refused interface {
	error
	Refused() (wait time.Duration, known bool)
}

// Config of the routes. An empty token leaves its routes open: the caller listens
// on loopback only then.
type Config struct {
	Store      *store.Store
	Syncer     Syncer
	AdminToken string
	ReadToken  string
	Gatherer   prometheus.Gatherer
	Logger     *slog.Logger
	Stopping   <-chan struct{} // closed when open answers shall end; nil: never
}

type server struct{ Config }

// Register adds the routes.
func Register(e *echo.Echo, c Config) {
	s := &server{c}
	e.HTTPErrorHandler = s.writeError
	registerPage(e)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", s.ready)
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(c.Gatherer, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, // a database that is down must not hide the rest
		ErrorLog:      slog.NewLogLogger(c.Logger.Handler(), slog.LevelWarn)})))

	admin := e.Group("/admin", bearer(c.AdminToken))
	admin.POST("/repos/:owner/:repo/resync", s.resync)
	admin.POST("/repos/:owner/:repo/verify", s.verify)
	admin.POST("/repos/:owner/:repo/retry", s.retry)
	admin.POST("/runs/:id/cancel", s.cancel)

	read := e.Group("/api/v1", bearer(c.ReadToken, c.AdminToken))
	read.GET("/repositories", s.repositories)
	read.GET("/repositories/:owner/:repo/runs", s.runs)
	read.GET("/repositories/:owner/:repo/graph", s.graph)
	read.GET("/repositories/:owner/:repo/page", s.pageFacts)
	read.GET("/repositories/:owner/:repo/totals", s.totals)
	read.GET("/runs/:id", s.run)
	read.GET("/runs/:id/events", s.events)
}

// bearer lets requests with one of the tokens through. Without any token
// everything passes.
func bearer(tokens ...string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if tokens[0] == "" {
				if err := fromHere(c.Request()); err != nil {
					return err
				}
				return next(c)
			}
			got, ok := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
			for _, t := range tokens {
				if ok && t != "" && subtle.ConstantTimeCompare([]byte(got), []byte(t)) == 1 {
					return next(c)
				}
			}
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
			return echo.NewHTTPError(http.StatusUnauthorized, "send the token as 'Authorization: Bearer TOKEN'")
		}
	}
}

// Loopback reports whether the host, with a port or without, is this machine by a name
// that nobody else can give it.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fromHere refuses what a page of another site makes a browser on this machine send:
// its Origin is that site's, or, if the site's name was made to mean this machine,
// so is the Host (DNS rebinding).
func fromHere(r *http.Request) error {
	if !Loopback(r.Host) {
		return echo.NewHTTPError(http.StatusForbidden, "without tokens only this machine is answered: ask for 127.0.0.1 or localhost, or configure tokens")
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return echo.NewHTTPError(http.StatusForbidden, "without tokens no other site is answered")
	}
	return nil
}

func (s *server) writeError(err error, c echo.Context) {
	if c.Response().Committed {
		if c.Request().Context().Err() == nil {
			s.Logger.ErrorContext(c.Request().Context(), "answer broke off", "path", c.Path(), "err", err)
		}
		return
	}
	status, detail := http.StatusInternalServerError, "something went wrong; the log says what"
	var he *echo.HTTPError
	var refusal refused
	switch {
	case errors.Is(err, store.ErrNotFound):
		status, detail = http.StatusNotFound, "there is no such repository or run"
	case errors.As(err, &he):
		status, detail = he.Code, http.StatusText(he.Code)
		if m, ok := he.Message.(string); ok {
			detail = m
		}
	case errors.As(err, &refusal):
		status, detail = http.StatusBadGateway, refusal.Error()
		if wait, ok := refusal.Refused(); ok {
			status = http.StatusServiceUnavailable
			c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		}
	default:
		s.Logger.ErrorContext(c.Request().Context(), "request failed", "path", c.Path(), "err", err)
	}
	c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	_ = c.JSON(status, map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
}

func (s *server) ready(c echo.Context) error {
	if err := s.Store.Pool().Ping(c.Request().Context()); err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable, "the database does not answer")
	}
	return c.String(http.StatusOK, "ready\n")
}
