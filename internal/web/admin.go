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
