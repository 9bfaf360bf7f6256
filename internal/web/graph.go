package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// maxGraphNodes bounds what one picture shows.
const maxGraphNodes = 300

// graph answers the most linked pages of a repository and the edges between them,
// or with ?page=KEY the neighbourhood of one page.
func (s *server) graph(c echo.Context) error {
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	key := c.QueryParam("page")
	if err := storable(key); err != nil {
		return err
	}
	var out []byte
	err = s.Store.Pool().QueryRow(c.Request().Context(), `
		WITH edges AS MATERIALIZED (
			SELECT source_key, target_key, kind, count FROM kg.edges
			WHERE repository_id = $1 AND kind <> 'block' AND ($2 = '' OR source_key = $2 OR target_key = $2)
		), degree AS (
			SELECT key, count(*) AS n FROM (SELECT source_key AS key FROM edges UNION ALL SELECT target_key FROM edges) e GROUP BY key
			ORDER BY n DESC, key LIMIT $3
		)
		SELECT json_build_object(
			'nodes', (SELECT coalesce(json_agg(json_build_object('key', d.key, 'degree', d.n,
				'name', coalesce((SELECT min(p.name) FROM kg.pages p WHERE p.repository_id = $1 AND p.name_key = d.key), d.key),
				'page', EXISTS (SELECT 1 FROM kg.pages p WHERE p.repository_id = $1 AND p.name_key = d.key)
					OR EXISTS (SELECT 1 FROM kg.aliases a WHERE a.repository_id = $1 AND a.alias_key = d.key))), '[]') FROM degree d),
			'edges', (SELECT coalesce(json_agg(json_build_object('source', e.source_key, 'target', e.target_key, 'kind', e.kind)), '[]')
				FROM edges e JOIN degree a ON a.key = e.source_key JOIN degree b ON b.key = e.target_key))`,
		repo.ID, key, maxGraphNodes).Scan(&out)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, out)
}

// totals answers how much of everything a repository has.
func (s *server) totals(c echo.Context) error {
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	var out []byte
	err = s.Store.Pool().QueryRow(c.Request().Context(), `SELECT json_build_object(
		'pages', (SELECT count(*) FROM kg.pages WHERE repository_id = $1),
		'names_only_linked_to', (SELECT count(*) FROM kg.nodes WHERE repository_id = $1 AND type = 'linked_page'),
		'edges', (SELECT count(*) FROM kg.edges WHERE repository_id = $1),
		'classes', (SELECT count(*) FROM kg.classes WHERE repository_id = $1),
		'relations', (SELECT count(*) FROM kg.relations WHERE repository_id = $1),
		'axioms', (SELECT count(*) FROM kg.axioms WHERE repository_id = $1))`, repo.ID).Scan(&out)
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, out)
}

// maxListed bounds the links, and the backlinks, of one answer.
const maxListed = 1000

// pageFacts answers what is known of one name: ?key=NAME_KEY. The files that state the
// page, by its name or as an alias, one element each, or one without a file if there
// is none; with what the file links to and what links to the name, the first 1,000 of
// either and their numbers.
func (s *server) pageFacts(c echo.Context) error {
	repo, err := s.repository(c)
	if err != nil {
		return err
	}
	key := c.QueryParam("key")
	if err := storable(key); err != nil {
		return err
	}
	return s.rows(c, `SELECT p.repository, p.repository_id, p.path, coalesce(p.name, $2) AS name, coalesce(p.name_key, $2) AS name_key, p.namespace, p.public, p.journal,
			(SELECT coalesce(json_agg(l), '[]') FROM (SELECT l.* FROM kg.links l WHERE l.repository_id = $1 AND l.source_key = p.name_key AND l.path = p.path
				ORDER BY l.line, l.target_key, l.kind LIMIT $3) l) AS links,
			(SELECT count(*) FROM kg.links l WHERE l.repository_id = $1 AND l.source_key = p.name_key AND l.path = p.path) AS links_total,
			(SELECT coalesce(json_agg(l), '[]') FROM (SELECT l.* FROM kg.links l WHERE l.repository_id = $1 AND l.target_key = $2
				ORDER BY l.path, l.line, l.kind LIMIT $3) l) AS backlinks,
			(SELECT count(*) FROM kg.links l WHERE l.repository_id = $1 AND l.target_key = $2) AS backlinks_total
		FROM (SELECT 1) named
		LEFT JOIN kg.pages p ON p.repository_id = $1
			AND (p.name_key = $2 OR p.path IN (SELECT a.path FROM kg.aliases a WHERE a.repository_id = $1 AND a.alias_key = $2))
		ORDER BY p.path`, repo.ID, key, maxListed)
}
