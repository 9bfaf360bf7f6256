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
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kgsync/kgsync/internal/store"
)

// Syncer starts and checks work.
type Syncer interface {
	Resync(ctx context.Context, repositoryID int64, trigger string, full bool) (int64, error)
	Verify(ctx context.Context, repositoryID int64) (*store.Verification, error)
	// Retry gives the run, 0 if no file is failed, and the number of files.
	Retry(ctx context.Context, repositoryID int64, paths []string) (run int64, files int, err error)
	// Cancel gives the state of the run after it.
	Cancel(ctx context.Context, runID int64) (state string, err error)
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
				return next(c)
			}
			got, _ := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
			for _, t := range tokens {
				if t != "" && subtle.ConstantTimeCompare([]byte(got), []byte(t)) == 1 {
					return next(c)
				}
			}
			return echo.NewHTTPError(http.StatusUnauthorized, "send the token as 'Authorization: Bearer TOKEN'")
		}
	}
}

func (s *server) writeError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, detail := http.StatusInternalServerError, "something went wrong; the log says what"
	var he *echo.HTTPError
	switch {
	case errors.Is(err, store.ErrNotFound):
		status, detail = http.StatusNotFound, "there is no such repository or run"
	case errors.As(err, &he):
		status, detail = he.Code, http.StatusText(he.Code)
		if m, ok := he.Message.(string); ok {
			detail = m
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
