package githubsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultPerPage = 30
	maxPerPage     = 100
)

// page is a slice of a list, with the Link header that leads to the others.
// Source: docs, rest/using-the-rest-api/using-pagination-in-the-rest-api.
func page[T any](c *call, list []T) []T {
	size := queryInt(c.r, "per_page", defaultPerPage)
	size = min(max(size, 1), maxPerPage)
	number := max(queryInt(c.r, "page", 1), 1)
	last := max((len(list)+size-1)/size, 1)
	var links []string
	link := func(relation string, n int) {
		query := c.r.URL.Query()
		query.Set("page", strconv.Itoa(n))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.base, c.r.URL.Path, query.Encode(), relation))
	}
	if number > 1 {
		link("prev", number-1)
		link("first", 1)
	}
	if number < last {
		link("next", number+1)
		link("last", last)
	}
	if len(links) > 0 {
		c.w.Header().Set("Link", strings.Join(links, ", "))
	}
	start := min((number-1)*size, len(list))
	return list[start:min(start+size, len(list))]
}

func queryInt(r *http.Request, name string, otherwise int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
		return n
	}
	return otherwise
}

// listInstallations is GET /app/installations.
func (s *Server) listInstallations(c *call) error {
	s.mu.Lock()
	var all []*installation
	for _, id := range slices.Sorted(maps.Keys(s.installations)) {
		all = append(all, s.installations[id])
	}
	s.mu.Unlock()
	list := []map[string]any{}
	for _, in := range page(c, all) {
		list = append(list, s.installationJSON(c.base, in))
	}
	return writeJSON(c.w, c.r, http.StatusOK, list)
}

// getInstallation is GET /app/installations/{id}.
func (s *Server) getInstallation(c *call) error {
	id, err := c.pathID("installation_id")
	if err != nil {
		return err
	}
	in, err := s.installation(id)
	if err != nil {
		return notFound()
	}
	return writeJSON(c.w, c.r, http.StatusOK, s.installationJSON(c.base, in))
}

// listRepositories is GET /installation/repositories.
func (s *Server) listRepositories(c *call) error {
	t := c.caller.token
	s.mu.Lock()
	reach := map[int64]bool{}
	if in, ok := s.installations[t.installationID]; ok {
		for id := range in.repositories {
			reach[id] = t.repositories == nil || t.repositories[id]
		}
	}
	s.mu.Unlock()
	all := s.repositoriesJSON(c, func(repo *repository) bool { return reach[repo.id] })
	return writeJSON(c.w, c.r, http.StatusOK, map[string]any{
		"total_count": len(all), "repository_selection": "selected", "repositories": page(c, all),
	})
}

// getRateLimit is GET /rate_limit, free of the primary limit.
func (s *Server) getRateLimit(c *call) error {
	q := s.limiter.quota(c.charge)
	core := map[string]any{
		"limit": q.limit, "used": q.used, "remaining": max(0, q.limit-q.used), "reset": q.reset.Unix(),
	}
	other := map[string]any{"limit": 30, "used": 0, "remaining": 30, "reset": q.reset.Unix()}
	return writeJSON(c.w, c.r, http.StatusOK, map[string]any{
		"resources": map[string]any{"core": core, "search": other}, "rate": core,
	})
}
