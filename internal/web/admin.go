package web

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/kgsync/kgsync/internal/store"
)

func (s *server) repository(c echo.Context) (*store.Repository, error) {
	return s.Store.RepositoryNamed(c.Request().Context(), c.Param("owner")+"/"+c.Param("repo"))
}

// resync queues a plan; {"full": true} ignores equality.
func (s *server) resync(c echo.Context) error {
	var body struct {
		Full bool `json:"full"`
	}
	if err := c.Bind(&body); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, `the body is not JSON like {"full": true}`)
	}
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	run, err := s.Syncer.Resync(c.Request().Context(), repo.ID, "admin", body.Full)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, map[string]any{"run_id": run, "events": fmt.Sprintf("/api/v1/runs/%d/events", run)})
}

// verify compares the tables with the head's tree, now.
func (s *server) verify(c echo.Context) error {
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	v, err := s.Syncer.Verify(c.Request().Context(), repo.ID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}

// retry takes up the failed files, all of them or those that {"paths": [...]} names.
func (s *server) retry(c echo.Context) error {
	var body struct {
		Paths []string `json:"paths"`
	}
	if err := c.Bind(&body); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, `the body is not JSON like {"paths": ["pages/A.md"]}`)
	}
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	run, files, err := s.Syncer.Retry(c.Request().Context(), repo.ID, body.Paths)
	switch {
	case err != nil:
		return err
	case files == 0 && len(body.Paths) > 0:
		return echo.NewHTTPError(http.StatusNotFound, "none of these paths is a failed file of the repository; list them with 'kgsync files --state failed'")
	case files == 0:
		return c.JSON(http.StatusOK, map[string]any{"files": 0})
	}
	return c.JSON(http.StatusAccepted, map[string]any{"files": files, "run_id": run, "events": fmt.Sprintf("/api/v1/runs/%d/events", run)})
}

// cancel ends a run: its open files count as failed until they are retried or change.
func (s *server) cancel(c echo.Context) error {
	id, err := runID(c)
	if err != nil {
		return err
	}
	state, err := s.Syncer.Cancel(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if state != "cancelled" {
		return echo.NewHTTPError(http.StatusConflict, fmt.Sprintf("run %d had already ended as %s", id, state))
	}
	return c.JSON(http.StatusOK, map[string]any{"run_id": id, "state": state})
}
