// Package embedded runs a private Postgres as a child process: no root, no TCP,
// no other user, and never a wiped data directory.
//
// It owns the server's life and its data directory. It may import nothing
// internal. The server listens on a Unix socket in a directory of mode 0700 that
// belongs to the user it runs as, so that only that user and root can connect.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config of a Server.
type Config struct {
	DataDir  string            // kept; empty means a temporary one, removed by Stop
	BinDir   string            // of initdb and postgres; empty means FindBinaries
	Settings map[string]string // further server settings
	Logger   *slog.Logger
}

// Server is a running private Postgres.
type Server struct {
	config    Config
	owner     *owner
	temporary bool
	socketDir string
	child     *child
}

// ErrInUse says that another process runs a server on the data directory.
var ErrInUse = errors.New("another process uses the data directory")

// Start makes the data directory if it is new and starts the server on it. A
// directory that a killed process left behind is recovered, as Postgres does.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	version := 0
	if c.BinDir == "" {
		var err error
		if c.BinDir, version, err = FindBinaries(ctx); err != nil {
			return nil, err
		}
	}
	o, err := findOwner()
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, owner: o}
	if err := s.prepare(ctx, version); err != nil {
		s.clean()
		return nil, err
	}
	if err := s.launch(ctx); err != nil {
		s.clean()
		return nil, err
	}
	return s, nil
}

// prepare makes the directories and initialises new data.
func (s *Server) prepare(ctx context.Context, version int) error {
	if s.config.DataDir == "" {
		dir, err := os.MkdirTemp("", "kgsync-data-")
		if err != nil {
			return fmt.Errorf("make a temporary data directory: %w", err)
		}
		s.temporary, s.config.DataDir = true, dir
	}
	abs, err := filepath.Abs(s.config.DataDir)
	if err != nil {
		return fmt.Errorf("data directory %s: %w", s.config.DataDir, err)
	}
	s.config.DataDir = abs
	if s.socketDir, err = os.MkdirTemp("", "kgpg-"); err != nil { // short: a socket's path has 107 bytes at most
		return fmt.Errorf("make the socket's directory: %w", err)
	}
	if err := s.owner.give(s.socketDir); err != nil {
		return err
	}
	cluster := s.clusterDir()
	have, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	switch {
	case err == nil:
		if v := strings.TrimSpace(string(have)); version != 0 && v != strconv.Itoa(version) {
			return fmt.Errorf("the data in %s was made by Postgres %s, the one found is %d: install Postgres %s or choose another data directory (nothing was changed)", cluster, v, version, v)
		}
		return nil
	case !os.IsNotExist(err):
		return fmt.Errorf("read the data directory: %w", err)
	}
	return s.initialise(ctx, cluster)
}

// clusterDir is where Postgres keeps its files, inside the data directory.
func (s *Server) clusterDir() string { return filepath.Join(s.config.DataDir, "postgres") }

func (s *Server) initialise(ctx context.Context, cluster string) error {
	if err := os.MkdirAll(s.config.DataDir, 0o755); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if s.temporary {
		if err := s.owner.give(s.config.DataDir); err != nil {
			return err
		}
	}
	// initdb works in a directory of its own that is renamed when complete, so
	// that a killed one leaves nothing that looks like data.
	half := cluster + ".new"
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("clear a half-made data directory: %w", err)
	}
	if err := os.MkdirAll(half, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := s.owner.give(half); err != nil {
		return err
	}
	args := []string{"-D", half, "-U", "kgsync", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"}
	if s.temporary {
		args = append(args, "--no-sync")
	}
	out, err := s.owner.command(ctx, filepath.Join(s.config.BinDir, "initdb"), args...).CombinedOutput()
	if err != nil {
		if s.owner.dropped {
			return fmt.Errorf("initdb as user %s: %w: %s (if it cannot reach the directory, choose a --data-dir outside of a private home)", s.owner.name, err, tail(out))
		}
		return fmt.Errorf("initdb: %w: %s", err, tail(out))
	}
	if err := os.Rename(half, cluster); err != nil {
		return fmt.Errorf("put the data directory in place: %w", err)
	}
	return nil
}

func (s *Server) launch(ctx context.Context) error {
	settings := map[string]string{
		"listen_addresses": "", "unix_socket_directories": s.socketDir, "unix_socket_permissions": "0700",
		"max_connections": "60", "shared_buffers": "128MB", "log_min_messages": "warning",
	}
	for k, v := range s.config.Settings {
		settings[k] = v
	}
	args := []string{"-D", s.clusterDir()}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	deadline := time.Now().Add(8 * time.Second)
	for {
		c, err := startChild(s.owner.command(context.WithoutCancel(ctx), filepath.Join(s.config.BinDir, "postgres"), args...))
		if err != nil {
			return fmt.Errorf("start postgres: %w", err)
		}
		err = s.awaitReady(ctx, c)
		if err == nil {
			s.child = c
			return nil
		}
		c.kill()
		// The server of a killed parent needs a moment to shut down.
		if !errors.Is(err, ErrInUse) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// awaitReady polls until the server answers or has exited.
func (s *Server) awaitReady(ctx context.Context, c *child) error {
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.exited:
			out := c.output()
			if strings.Contains(out, "lock file") {
				return fmt.Errorf("%w %s: %s", ErrInUse, s.config.DataDir, tail([]byte(out)))
			}
			return fmt.Errorf("postgres did not start: %s", tail([]byte(out)))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URL gives the connection URL of a database, for pgx and psql alike.
func (s *Server) URL(database string) string {
	return SocketURL(s.socketDir, database)
}

// SocketURL is the URL of a database behind a Unix socket directory.
func SocketURL(socketDir, database string) string {
	q := url.Values{"host": {socketDir}, "user": {"kgsync"}, "sslmode": {"disable"}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// EnsureDatabase creates the database if it is missing.
func (s *Server) EnsureDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private Postgres: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// Psql runs the newest installed psql on a database. Its exit status comes back
// as *exec.ExitError. The password is no argument, for others see those.
func Psql(ctx context.Context, database string, args []string, in io.Reader, out, errOut io.Writer) error {
	program := "psql"
	if dir, _, err := FindBinaries(ctx); err == nil {
		program = filepath.Join(dir, "psql")
	}
	database, password := withoutPassword(database)
	cmd := exec.CommandContext(ctx, program, append([]string{database}, args...)...)
	if password != "" {
		cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, errOut
	return cmd.Run()
}

func withoutPassword(database string) (rest, password string) {
	u, err := url.Parse(database)
	if err != nil || u.User == nil {
		return database, ""
	}
	password, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	return u.String(), password
}

// Stop shuts the server down fast. Data stays unless it is temporary.
func (s *Server) Stop() error {
	err := s.child.stop()
	s.clean()
	return err
}

func (s *Server) clean() {
	if s.socketDir != "" {
		_ = os.RemoveAll(s.socketDir)
	}
	if s.temporary {
		_ = os.RemoveAll(s.config.DataDir)
	}
}

func tail(b []byte) string {
	const most = 600
	text := strings.TrimSpace(string(b))
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	return text
}
