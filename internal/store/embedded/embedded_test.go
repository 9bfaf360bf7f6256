package embedded_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store/embedded"
)

func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kgsync-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // the server runs as another user when we are root
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(context.Background(), embedded.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var out string
	if err := conn.QueryRow(context.Background(), sql).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDataSurvivesARestartAndTCPIsClosed(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	if err := s.EnsureDatabase(context.Background(), "kgsync"); err != nil {
		t.Fatal(err)
	}
	query(t, s.URL("kgsync"), `SELECT txid_current()::text`)
	conn, _ := pgx.Connect(context.Background(), s.URL("kgsync"))
	if _, err := conn.Exec(context.Background(), `CREATE TABLE kept AS SELECT 'here' AS what`); err != nil {
		t.Fatal(err)
	}
	if got := query(t, s.URL("kgsync"), `SHOW listen_addresses`); got != "" {
		t.Errorf("the server listens on %q", got)
	}
	conn.Close(context.Background())
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	defer s.Stop()
	if got := query(t, s.URL("kgsync"), `SELECT what FROM kept`); got != "here" {
		t.Errorf("after the restart: %q", got)
	}
}

func TestASecondServerOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	defer s.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := embedded.Start(ctx, embedded.Config{DataDir: dir})
	if !errors.Is(err, embedded.ErrInUse) {
		t.Fatalf("got %v, want ErrInUse", err)
	}
}

func TestDataOfAnotherVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	cluster := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := embedded.Start(context.Background(), embedded.Config{DataDir: dir})
	if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Fatalf("got %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION")); err != nil || string(b) != "9\n" {
		t.Fatalf("the data was touched: %q, %v", b, err)
	}
}
