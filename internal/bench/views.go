package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kgsync/kgsync/internal/store"
)

// bigGraph is a repository of 100,000 pages and 1.5 million links: page i links to 15
// others, one of them missing.
const bigGraph = `
INSERT INTO kgsync.installations (id) VALUES (1);
INSERT INTO kgsync.repositories (id, installation_id, full_name, default_branch) VALUES (1, 1, 'local/big', 'main');
INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key, wanted_blob, applied_blob, applied_at, kind)
	SELECT 1, 'pages/Page ' || i || '.md', 1, 1, 'k', md5(i::text), md5(i::text), now(), 'knowledge_graph' FROM generate_series(1, 100000) i;
INSERT INTO kgsync.pages (file_id, repository_id, name, name_key, public)
	SELECT id, 1, n, lower(n), true FROM (SELECT id, substr(path, 7, length(path) - 9) AS n FROM kgsync.files WHERE repository_id = 1) f;
INSERT INTO kgsync.links (file_id, repository_id, target, target_key, kind, line)
	SELECT p.file_id, 1, t, lower(t), 'page', l
	FROM kgsync.pages p, generate_series(1, 15) l,
		LATERAL (SELECT 'Page ' || CASE WHEN l = 15 THEN 200000 + p.file_id ELSE (p.file_id * 7919 * l + l) % 100000 + 1 END AS t) x
	WHERE p.repository_id = 1;
INSERT INTO kgsync.generations (repository_id, generation, commit_sha, planned) VALUES (1, 1, 'c', true);
UPDATE kgsync.repositories SET generation = 1;
ANALYZE`

// viewQueries are asked of the big repository.
var viewQueries = []struct{ what, sql string }{
	{"links of a page", `SELECT count(*) FROM kg.links WHERE repository_id = 1 AND source_key = 'page 4711'`},
	{"backlinks of a page", `SELECT count(*) FROM kg.links WHERE repository_id = 1 AND target_key = 'page 4711'`},
	{"links to nothing, the first 100", `SELECT count(*) FROM (SELECT * FROM kg.links WHERE repository_id = 1 AND NOT resolved LIMIT 100) d`},
	{"links to nothing, all", `SELECT count(*) FROM kg.links WHERE repository_id = 1 AND NOT resolved`},
	{"all nodes", `SELECT count(*), max(name) FROM kg.nodes WHERE repository_id = 1`},
}

func measureViews(ctx context.Context, l *lab) (*table, error) {
	st, err := l.start(ctx, setting{noApp: true})
	if err != nil {
		return nil, err
	}
	defer st.stop()
	pool, err := store.Connect(ctx, st.url, 2)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if err := store.Migrate(ctx, pool); err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, bigGraph); err != nil {
		return nil, fmt.Errorf("make the big graph: %w", err)
	}
	t := &table{title: "Views over 100,000 pages and 1.5 million links", head: []string{"query", "median", "slowest"}}
	for _, q := range viewQueries {
		var times []time.Duration
		for range 7 {
			begun := time.Now()
			rows, err := pool.Query(ctx, q.sql)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.what, err)
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				return nil, fmt.Errorf("%s: %w", q.what, err)
			}
			times = append(times, time.Since(begun))
		}
		t.row(q.what, at(times, 50), at(times, 99))
	}
	t.note("the first of seven is a cold one of this connection: the slowest")
	return t, nil
}
