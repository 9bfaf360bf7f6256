// Package storetest gives each test a migrated database of its own, cloned from a
// template, on a real private Postgres that the test process starts once.
//
// KGSYNC_TEST_DATABASE_URL names another server instead. Only tests import it.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/embedded"
)

// private is the process's own Postgres, if it has started one. When the process is
// killed it ends too, the kernel sees to it, but its files stay.
var private *embedded.Server

// server is the URL of that Postgres or of the one that is named, with the template.
var server = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	base := os.Getenv("KGSYNC_TEST_DATABASE_URL")
	if base == "" {
		var err error
		private, err = embedded.Start(ctx, embedded.Config{Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}}) // throwaway data
		if err != nil {
			return "", err
		}
		base = private.URL("postgres")
	}
	return base, makeTemplate(ctx, base)
})

// Run runs a package's tests and removes what this package has made for them: the
// body of a TestMain.
func Run(m *testing.M) int {
	code := m.Run()
	if private != nil {
		if err := private.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop the Postgres of the tests:", err)
			return max(code, 1)
		}
	}
	return code
}

var template = fmt.Sprintf("kgsync_template_%d", os.Getpid())

func makeTemplate(ctx context.Context, base string) error {
	if err := admin(ctx, base, "CREATE DATABASE "+template); err != nil {
		return err
	}
	pool, err := store.Connect(ctx, database(base, template), 0)
	if err != nil {
		return err
	}
	defer pool.Close()
	return store.Migrate(ctx, pool)
}

// database gives the URL of another database of the same server.
func database(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

func admin(ctx context.Context, base, sql string) error {
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

var number atomic.Int64

// URL gives the URL of a fresh migrated database, dropped after the test.
func URL(t testing.TB) string { return create(t, template) }

// EmptyURL gives the URL of a fresh database that nobody has migrated, dropped
// after the test.
func EmptyURL(t testing.TB) string { return create(t, "template0") }

// Server gives the URL of the server's own database, for tests that make theirs.
func Server(t testing.TB) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("start a Postgres for the tests: %v", err)
	}
	return base
}

func create(t testing.TB, from string) string {
	t.Helper()
	base := Server(t)
	// file_copy: without fsync it takes a third of wal_log's time.
	name := fmt.Sprintf("kgsync_test_%d_%d", os.Getpid(), number.Add(1))
	if err := admin(t.Context(), base, "CREATE DATABASE "+name+" TEMPLATE "+from+" STRATEGY file_copy"); err != nil {
		t.Fatalf("make a database from %s: %v", from, err)
	}
	t.Cleanup(func() {
		if err := admin(context.Background(), base, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	return database(base, name)
}

// Open gives a Store on a fresh database.
func Open(t testing.TB) *store.Store {
	t.Helper()
	pool, err := store.Connect(t.Context(), URL(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return store.New(pool, 0, nil)
}

// DataDir gives a directory for a private Postgres: one that it can reach when
// it runs as another user than root.
func DataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kgsync-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}
