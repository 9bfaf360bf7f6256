package web

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed page
var pageFiles embed.FS

// policy lets the dashboard run its own files and ask its own server, nothing else:
// a second wall behind the page's rule that names from files are set as text.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerPage serves the dashboard: repositories, runs and the graph, drawn by the
// browser from the read API.
func registerPage(e *echo.Echo) {
	files := echo.WrapHandler(http.FileServerFS(pageFiles))
	e.GET("/page/:file", withPolicy(files))
	e.GET("/", withPolicy(func(c echo.Context) error {
		page, err := fs.ReadFile(pageFiles, "page/index.html")
		if err != nil {
			return err
		}
		return c.HTMLBlob(http.StatusOK, page)
	}))
}

func withPolicy(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // a new version's page must not run with an old script
		return next(c)
	}
}
