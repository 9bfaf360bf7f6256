package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// The algorithm of the system that came before, as its source describes it: list by
// folder, one chunk of files a worker, one request a file, one autocommitted
// statement an entity behind four permits. Its sleep of 50 ms a file is left out.
const (
	seedWorkers = 8
	seedPermits = 4
)

const seedSchema = `
CREATE SCHEMA seed;
CREATE TABLE seed.nodes (id int PRIMARY KEY, label text, source text);
CREATE TABLE seed.edges (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source int, target int, kind text);
CREATE TABLE seed.classes (iri text PRIMARY KEY, label text, description text, source text);
CREATE TABLE seed.properties (iri text PRIMARY KEY, kind text, source text);
CREATE TABLE seed.axioms (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text, subject text, object text)`

var (
	seedLink     = regexp.MustCompile(`\[\[([^\]|]+)(?:\|[^\]]+)?\]\]`)
	seedTag      = regexp.MustCompile(`#([a-zA-Z0-9_-]+)`)
	seedClass    = regexp.MustCompile(`owl:?_?class::\s*(\S+)`)
	seedProperty = regexp.MustCompile(`(objectProperty|dataProperty)::\s*(\S+)`)
	seedParent   = regexp.MustCompile(`subClassOf::\s*(\S+)`)
)

type seedRun struct {
	github string
	client *http.Client
	pool   *pgxpool.Pool
	permit *semaphore.Weighted
}

// seedSync gives how many files it read and how long it took.
func seedSync(ctx context.Context, st *stack, inst int64, repo string) (files int, took time.Duration, err error) {
	pool, err := pgxpool.New(ctx, st.url)
	if err != nil {
		return 0, 0, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, seedSchema); err != nil {
		return 0, 0, fmt.Errorf("make the seed's tables: %w", err)
	}
	transport, err := ghinstallation.New(http.DefaultTransport, st.github.AppID, inst, st.github.Key)
	if err != nil {
		return 0, 0, err
	}
	transport.BaseURL = st.github.API
	s := &seedRun{github: st.github.API + "/repos/local/" + repo + "/contents", client: &http.Client{Transport: transport}, pool: pool,
		permit: semaphore.NewWeighted(seedPermits)}
	begun := time.Now()
	list, err := s.list(ctx, "")
	if err != nil {
		return 0, 0, err
	}
	chunk := max((len(list)+seedWorkers-1)/seedWorkers, 1)
	g, ctx := errgroup.WithContext(ctx)
	for from := 0; from < len(list); from += chunk {
		g.Go(func() error { return s.work(ctx, list[from:min(from+chunk, len(list))]) })
	}
	err = g.Wait()
	return len(list), time.Since(begun), err
}

func (s *seedRun) get(ctx context.Context, p, accept string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.github+(&url.URL{Path: p}).EscapedPath(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", p, res.Status)
	}
	return b, err
}

// list walks the folders. GitHub lists a thousand entries of a folder at most.
func (s *seedRun) list(ctx context.Context, dir string) (files []string, err error) {
	b, err := s.get(ctx, dir, "application/vnd.github+json")
	if err != nil {
		return nil, err
	}
	var entries []struct{ Path, Type string }
	if err := json.Unmarshal(b, &entries); err != nil {
		return nil, fmt.Errorf("read the listing of %q: %w", dir, err)
	}
	for _, e := range entries {
		switch {
		case e.Type == "dir":
			below, err := s.list(ctx, "/"+e.Path)
			if err != nil {
				return nil, err
			}
			files = append(files, below...)
		case strings.HasSuffix(e.Path, ".md"):
			files = append(files, "/"+e.Path)
		}
	}
	return files, nil
}

func (s *seedRun) work(ctx context.Context, files []string) error {
	for _, f := range files {
		b, err := s.get(ctx, f, "application/vnd.github.raw+json")
		if err != nil {
			return err
		}
		if err := s.permit.Acquire(ctx, 1); err != nil {
			return err
		}
		err = s.save(ctx, f, string(b))
		s.permit.Release(1)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seedRun) save(ctx context.Context, file, text string) error {
	switch {
	case strings.Contains(text, "- ### OntologyBlock"):
		return s.saveOntology(ctx, file, text)
	case strings.Contains(text, "public:: true"):
		return s.savePage(ctx, file, text)
	}
	return nil
}

// seedID collides from about a thousand names on; the row that is there wins.
func seedID(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return int(h.Sum32() % 999_999)
}

const seedNode = `INSERT INTO seed.nodes VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET label = excluded.label`

func (s *seedRun) savePage(ctx context.Context, file, text string) error {
	name := strings.TrimSuffix(path.Base(file), ".md")
	if _, err := s.pool.Exec(ctx, seedNode, seedID(name), name, file); err != nil {
		return err
	}
	for _, m := range seedLink.FindAllStringSubmatch(text, -1) {
		if _, err := s.pool.Exec(ctx, seedNode, seedID(m[1]), m[1], file); err != nil {
			return err
		}
		if _, err := s.pool.Exec(ctx, `INSERT INTO seed.edges (source, target, kind) VALUES ($1, $2, 'link')`, seedID(name), seedID(m[1])); err != nil {
			return err
		}
	}
	seedTag.FindAllStringIndex(text, -1) // found and kept with the page only
	return nil
}

func (s *seedRun) saveOntology(ctx context.Context, file, text string) error {
	class := ""
	for _, m := range seedClass.FindAllStringSubmatch(text, -1) {
		class = m[1]
		if _, err := s.pool.Exec(ctx, `INSERT INTO seed.classes VALUES ($1, $1, '', $2) ON CONFLICT (iri) DO UPDATE SET source = excluded.source`, class, file); err != nil {
			return err
		}
	}
	for _, m := range seedProperty.FindAllStringSubmatch(text, -1) {
		if _, err := s.pool.Exec(ctx, `INSERT INTO seed.properties VALUES ($2, $1, $3) ON CONFLICT (iri) DO UPDATE SET source = excluded.source`, m[1], m[2], file); err != nil {
			return err
		}
	}
	for _, m := range seedParent.FindAllStringSubmatch(text, -1) {
		if _, err := s.pool.Exec(ctx, `INSERT INTO seed.axioms (kind, subject, object) VALUES ('SubClassOf', $1, $2)`, class, m[1]); err != nil {
			return err
		}
	}
	return nil
}
