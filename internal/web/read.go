package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

func (s *server) repositories(c echo.Context) error {
	return s.rows(c, `SELECT * FROM kg.repositories ORDER BY repository`)
}

func (s *server) runs(c echo.Context) error {
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	return s.rows(c, `SELECT * FROM kg.runs WHERE repository_id = $1 ORDER BY id DESC LIMIT 50`, repo.ID)
}

// rows answers a query of the kg views as a JSON array.
func (s *server) rows(c echo.Context, sql string, args ...any) error {
	var out []byte
	err := s.Store.Pool().QueryRow(c.Request().Context(), `SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM (`+sql+`) q`, args...).Scan(&out)
	if err != nil {
		return fmt.Errorf("answer %s: %w", c.Path(), err)
	}
	return c.JSONBlob(http.StatusOK, out)
}

func runID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, echo.NewHTTPError(http.StatusBadRequest, "a run's id is a number")
	}
	return id, nil
}

// run answers where a run stands and its statistics so far.
func (s *server) run(c echo.Context) error {
	id, err := runID(c)
	if err != nil {
		return err
	}
	progress, err := s.Store.Progress(c.Request().Context(), id)
	if err != nil {
		return err
	}
	statistics, err := s.Store.Statistics(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"progress": progress, "statistics": statistics})
}

// eventInterval is how often a run's progress is sent.
const eventInterval = 250 * time.Millisecond

// events sends the run's progress as server-sent events until it ends, and then
// its statistics.
func (s *server) events(c echo.Context) error {
	id, err := runID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.Store.Progress(ctx, id); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	for {
		p, err := s.Store.Progress(ctx, id)
		if err != nil {
			return err
		}
		if err := sendEvent(c, "progress", p); err != nil {
			return nil //nolint:nilerr // the reader went away
		}
		if p.Ended() {
			statistics, err := s.Store.Statistics(ctx, id)
			if err != nil {
				return err
			}
			_ = sendEvent(c, "statistics", statistics)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.Stopping:
			return nil
		case <-time.After(eventInterval):
		}
	}
}

func sendEvent(c echo.Context, event string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.Response(), "event: %s\ndata: %s\n\n", event, b); err != nil {
		return err
	}
	c.Response().Flush()
	return nil
}
