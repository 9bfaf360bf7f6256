package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/kgsync/kgsync/internal/store"
)

func (s *server) repository(c echo.Context) (*store.Repository, error) {
	name := c.Param("owner") + "/" + c.Param("repo")
	if err := storable(name); err != nil {
		return nil, err
	}
	return s.Store.RepositoryNamed(c.Request().Context(), name)
}

// readable is the repository if GitHub lets us read it: nothing can be started otherwise.
func (s *server) readable(c echo.Context) (*store.Repository, error) {
	repo, err := s.repository(c)
	switch {
	case err != nil:
		return nil, err
	case repo.InstallationState == "suspended":
		return nil, echo.NewHTTPError(http.StatusConflict, "the App is suspended there: its owner must unsuspend it at GitHub first")
	case !repo.Readable():
		return nil, echo.NewHTTPError(http.StatusConflict, "the App cannot read this repository any more: install it there again, or add the repository to its installation")
	}
	return repo, nil
}

// storable refuses what Postgres takes for no text.
func storable(texts ...string) error {
	for _, t := range texts {
		if !utf8.ValidString(t) || strings.ContainsRune(t, 0) {
			return echo.NewHTTPError(http.StatusBadRequest, "the request holds bytes that are not UTF-8, or a NUL")
		}
	}
	return nil
}

// maxBody bounds what an administrator sends, in bytes.
const maxBody = 1 << 20

// decode reads a JSON body, whatever its type is said to be. Without a body nothing
// is changed.
func decode(c echo.Context, into any, example string) error {
	d := json.NewDecoder(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return echo.NewHTTPError(http.StatusBadRequest, "the body is not JSON like "+example)
	}
	return nil
}

// resync queues a plan; {"full": true} ignores equality.
func (s *server) resync(c echo.Context) error {
	var body struct {
		Full bool `json:"full"`
	}
	if err := decode(c, &body, `{"full": true}`); err != nil {
		return err
	}
	repo, err := s.readable(c)
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
	repo, err := s.readable(c)
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
	if err := decode(c, &body, `{"paths": ["pages/A.md"]}`); err != nil {
		return err
	}
	if err := storable(body.Paths...); err != nil {
		return err
	}
	repo, err := s.readable(c)
	if err != nil {
		return err
	}
	run, files, err := s.Syncer.Retry(c.Request().Context(), repo.ID, body.Paths)
	switch {
	case err != nil:
		return err
	case files == 0 && len(body.Paths) > 0:
		return echo.NewHTTPError(http.StatusNotFound, "none of these paths is a failed file of the repository; list them with 'kgsync files OWNER/REPO', --state failed and --state stale")
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
