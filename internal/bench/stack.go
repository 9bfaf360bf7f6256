package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// stack is one installation of everything: a fresh database, a local GitHub and a
// server process.
type stack struct {
	name     string // of the database
	url      string
	address  string // of the server
	github   *simulator
	app      *exec.Cmd
	conn     *pgx.Conn
	postgres int // the server's process id
	log      *os.File
}

// setting changes what runs.
type setting struct {
	env      []string // of the server, KGSYNC_NAME=value
	args     []string // of the server, after serve
	archives string   // folder of cached archives
	limits   bool     // GitHub's rate limits are enforced
	noApp    bool     // no server
}

func (l *lab) start(ctx context.Context, s setting) (st *stack, err error) {
	st = &stack{}
	defer func() {
		if err != nil {
			st.stop()
		}
	}()
	l.names++
	name := "bench" + strconv.Itoa(l.names)
	if err := l.pg.EnsureDatabase(ctx, name); err != nil {
		return st, err
	}
	st.name = name
	st.url = l.pg.URL(name)
	if st.conn, err = pgx.Connect(ctx, st.url); err != nil {
		return st, fmt.Errorf("connect to the database: %w", err)
	}
	pid, err := os.ReadFile(filepath.Join(l.dir, "postgres", "postgres", "postmaster.pid"))
	if err != nil {
		return st, fmt.Errorf("find the Postgres process: %w", err)
	}
	if st.postgres, err = strconv.Atoi(strings.SplitN(string(pid), "\n", 2)[0]); err != nil {
		return st, fmt.Errorf("read the Postgres process id: %w", err)
	}
	args := []string{"--archives", s.archives}
	if s.limits {
		args = append(args, "--limits")
	}
	if st.github, err = startSimulator(ctx, args...); err != nil {
		return st, err
	}
	if s.noApp {
		return st, nil
	}
	return st, st.startApp(ctx, l, name, s)
}

func (st *stack) startApp(ctx context.Context, l *lab, name string, s setting) error {
	key := filepath.Join(l.dir, name+".pem")
	if err := os.WriteFile(key, st.github.Key, 0o600); err != nil {
		return err
	}
	listener, err := loopbackListener()
	if err != nil {
		return err
	}
	st.address = listener.Addr().String()
	listener.Close()
	if st.log, err = os.Create(filepath.Join(l.dir, name+".log")); err != nil {
		return err
	}
	st.app = exec.CommandContext(ctx, l.program, append([]string{"serve"}, s.args...)...)
	st.app.Env = append(os.Environ(), "KGSYNC_DATABASE_URL="+st.url, "KGSYNC_LISTEN="+st.address, "KGSYNC_GITHUB_URL="+st.github.API,
		"KGSYNC_GITHUB_APP_ID="+strconv.FormatInt(st.github.AppID, 10), "KGSYNC_GITHUB_PRIVATE_KEY_FILE="+key, "KGSYNC_WEBHOOK_SECRETS="+webhookSecret,
		"KGSYNC_GITHUB_LIMITS=off") // the local GitHub has none, and what is measured is ours
	st.app.Env = append(st.app.Env, s.env...)
	st.app.Stderr = st.log
	if err := st.app.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	if err := st.ready(ctx); err != nil {
		return err
	}
	_, err = st.github.order(ctx, "webhook", order{URL: "http://" + st.address + "/webhooks/github"})
	return err
}

func (st *stack) ready(ctx context.Context) error {
	for range 1500 {
		if res, err := http.Get("http://" + st.address + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	_, _ = st.log.Seek(0, io.SeekStart)
	said, _ := io.ReadAll(st.log) //nolint:errcheck // it fails already
	return fmt.Errorf("the server does not get ready:\n%s", said)
}

// restartApp lets another server take over the database.
func (st *stack) restartApp(ctx context.Context, l *lab, s setting) error {
	st.stopApp()
	return st.startApp(ctx, l, st.name, s)
}

func (st *stack) stopApp() {
	if st.app != nil && st.app.Process != nil {
		_ = st.app.Process.Signal(syscall.SIGTERM)
		_ = st.app.Wait()
	}
	if st.log != nil {
		st.log.Close()
	}
	st.app, st.log = nil, nil
}

func (st *stack) stop() {
	st.stopApp()
	if st.github != nil {
		st.github.stop()
	}
	if st.conn != nil {
		_ = st.conn.Close(context.Background())
	}
}

// await polls until the query answers true.
func (st *stack) await(ctx context.Context, every time.Duration, query string, args ...any) error {
	for deadline := time.Now().Add(10 * time.Minute); time.Now().Before(deadline); {
		var yes bool
		if err := st.conn.QueryRow(ctx, query, args...).Scan(&yes); err != nil {
			return fmt.Errorf("wait for %q: %w", query, err)
		}
		if yes {
			return nil
		}
		if err := sleep(ctx, every); err != nil {
			return err
		}
	}
	return fmt.Errorf("waited ten minutes for %q", query)
}

func loopbackListener() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
