package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/embedded"
)

// server is the flag that says where the running server is.
type server string

func serverFlag(c *cobra.Command) *server {
	s := server(envOr("KGSYNC_SERVER", "http://"+dialable(envOr("KGSYNC_LISTEN", "127.0.0.1:8080"))))
	c.Flags().StringVar((*string)(&s), "server", string(s), "the running server (KGSYNC_SERVER; otherwise where KGSYNC_LISTEN says)")
	return &s
}

// path is the URL of a path of the server's.
func (s server) path(path string) string { return strings.TrimRight(string(s), "/") + path }

// repository is the URL of what an administrator may ask for of a repository.
func (s server) repository(name, action string) string {
	return s.path("/admin/repos/" + name + "/" + action)
}

// dialable is where a server that listens there is reached from here.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// call sends a request to the running server and gives the JSON answer.
func call(ctx context.Context, method, url string, body any) ([]byte, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("the server's address %q is not a URL", url)
	}
	req.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("KGSYNC_ADMIN_TOKEN"); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reach the server (is it running? see --server): %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 300 {
		var p struct{ Detail string }
		_ = json.Unmarshal(answer, &p)
		return nil, fmt.Errorf("the server answered %d: %s", res.StatusCode, p.Detail)
	}
	return answer, nil
}

// ownerRepo demands a repository as the first argument, besides what args demands.
func ownerRepo(args cobra.PositionalArgs) cobra.PositionalArgs {
	return cobra.MatchAll(args, func(_ *cobra.Command, list []string) error {
		owner, repo, ok := strings.Cut(list[0], "/")
		if !ok || owner == "" || repo == "" || strings.ContainsAny(repo, "/?#") {
			return fmt.Errorf("%q is not a repository: write OWNER/REPO", list[0])
		}
		return nil
	})
}

// runNumber reads a run's number.
func runNumber(arg string) (int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a run's number; 'kgsync psql -c \"SELECT id, state FROM kg.runs\"' lists them", arg)
	}
	return id, nil
}

func resyncCommand() *cobra.Command {
	c := &cobra.Command{Use: "resync OWNER/REPO", Short: "Compare a repository's whole tree and sync the differences", Args: ownerRepo(cobra.ExactArgs(1))}
	server := serverFlag(c)
	full := c.Flags().Bool("full", false, "read and parse everything again")
	c.Flags().Bool("json", true, "print JSON (always)")
	c.RunE = func(c *cobra.Command, args []string) error {
		return printAnswer(c)(call(c.Context(), http.MethodPost, server.repository(args[0], "resync"), map[string]bool{"full": *full}))
	}
	return c
}

func verifyCommand() *cobra.Command {
	c := &cobra.Command{Use: "verify OWNER/REPO", Short: "Compare the tables with the head's tree; fails on any difference", Args: ownerRepo(cobra.ExactArgs(1))}
	server := serverFlag(c)
	heal := c.Flags().Bool("heal", false, "queue a sync of the differences and another try of failed files")
	c.Flags().Bool("json", true, "print JSON (always)")
	c.RunE = func(c *cobra.Command, args []string) error {
		answer, err := call(c.Context(), http.MethodPost, server.repository(args[0], "verify"), nil)
		if err != nil {
			return err
		}
		if err := printAnswer(c)(answer, nil); err != nil {
			return err
		}
		var v store.Verification
		if err := json.Unmarshal(answer, &v); err != nil {
			return err
		}
		switch {
		case v.Equal():
			return nil
		case *heal:
			return server.heal(c, args[0], &v)
		case v.Failed > 0:
			return fmt.Errorf("%d files failed ('kgsync files %s' says why): run it with --heal, or 'kgsync retry %s', once the cause is gone", v.Failed, args[0], args[0])
		}
		return errors.New("the tables differ from the head's tree: run it with --heal, or wait if files are pending")
	}
	return c
}

// heal queues what brings the tables to the head: a sync of the differences, and
// another try of what failed, which is none.
func (s server) heal(c *cobra.Command, repository string, v *store.Verification) error {
	if v.Missing+v.Extra+v.Stale+v.Pending > 0 {
		if err := printAnswer(c)(call(c.Context(), http.MethodPost, s.repository(repository, "resync"), map[string]bool{"full": false})); err != nil {
			return err
		}
	}
	if v.Failed == 0 {
		return nil
	}
	return printAnswer(c)(call(c.Context(), http.MethodPost, s.repository(repository, "retry"), map[string][]string{}))
}

func retryCommand() *cobra.Command {
	c := &cobra.Command{Use: "retry OWNER/REPO [PATH...]", Short: "Try failed files again, all of them or the named ones", Args: ownerRepo(cobra.MinimumNArgs(1))}
	server := serverFlag(c)
	c.Flags().Bool("json", true, "print JSON (always)")
	c.RunE = func(c *cobra.Command, args []string) error {
		return printAnswer(c)(call(c.Context(), http.MethodPost, server.repository(args[0], "retry"), map[string][]string{"paths": args[1:]}))
	}
	return c
}

func cancelCommand() *cobra.Command {
	c := &cobra.Command{Use: "cancel RUN", Short: "End a run: its open files count as failed until they are retried or change", Args: cobra.ExactArgs(1)}
	server := serverFlag(c)
	c.Flags().Bool("json", true, "print JSON (always)")
	c.RunE = func(c *cobra.Command, args []string) error {
		if _, err := runNumber(args[0]); err != nil {
			return err
		}
		return printAnswer(c)(call(c.Context(), http.MethodPost, server.path("/admin/runs/"+args[0]+"/cancel"), nil))
	}
	return c
}

func printAnswer(c *cobra.Command) func([]byte, error) error {
	return func(b []byte, err error) error {
		if err == nil {
			fmt.Fprintln(c.OutOrStdout(), strings.TrimSpace(string(b)))
		}
		return err
	}
}

// databaseFlags choose a database for the commands that read it directly.
type databaseFlags struct{ url, dataDir string }

func (f *databaseFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.url, "database-url", "", "the database (default: KGSYNC_DATABASE_URL)") // help prints defaults, and this one holds a password
	c.Flags().StringVar(&f.dataDir, "data-dir", "", "a data directory that dev has kept")
}

// open connects, starting a private Postgres for a data directory.
func (f *databaseFlags) open(ctx context.Context) (url string, pg *embedded.Server, err error) {
	url = envOr("KGSYNC_DATABASE_URL", "")
	if f.url != "" {
		url = f.url
	}
	switch {
	case f.dataDir != "":
		if _, err := os.Stat(filepath.Join(f.dataDir, "postgres", "PG_VERSION")); err != nil {
			return "", nil, fmt.Errorf("%s holds no database: make one with 'kgsync dev --data-dir %s'", f.dataDir, f.dataDir)
		}
		if pg, err = embedded.Start(ctx, embedded.Config{DataDir: f.dataDir}); err != nil {
			return "", nil, err
		}
		return pg.URL("kgsync"), pg, nil
	case url != "":
		return url, nil, nil
	default:
		return "", nil, errors.New("name a database with --database-url (or KGSYNC_DATABASE_URL) or --data-dir")
	}
}

// withStore runs f on the chosen database.
func (f *databaseFlags) withStore(ctx context.Context, run func(*store.Store) error) error {
	url, pg, err := f.open(ctx)
	if err != nil {
		return err
	}
	if pg != nil {
		defer pg.Stop() //nolint:errcheck // the command's own result matters
	}
	pool, err := store.Connect(ctx, url, 0)
	if err != nil {
		return err
	}
	defer pool.Close()
	return run(store.New(pool, 0, slog.New(slog.DiscardHandler)))
}

func psqlCommand() *cobra.Command {
	var f databaseFlags
	var sql string
	c := &cobra.Command{Use: "psql", Short: "Open the database in psql", Args: cobra.NoArgs}
	f.add(c)
	c.Flags().StringVarP(&sql, "command", "c", "", "run this SQL and exit")
	c.RunE = func(c *cobra.Command, _ []string) error {
		url, pg, err := f.open(c.Context())
		if err != nil {
			return err
		}
		if pg != nil {
			defer pg.Stop() //nolint:errcheck // psql's own result matters
		}
		args := []string{}
		if sql != "" {
			args = append(args, "-c", sql)
		}
		return runPsql(c, url, args)
	}
	return c
}

// exitCode is the status of a program that has itself said what was wrong.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// runPsql leaves interrupts to psql, which cancels the running statement.
func runPsql(c *cobra.Command, url string, args []string) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(context.WithoutCancel(c.Context()), syscall.SIGTERM)
	defer stop()
	err := embedded.Psql(ctx, url, args, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitCode(exit.ExitCode())
	}
	return err
}

func dumpCommand() *cobra.Command {
	var f databaseFlags
	c := &cobra.Command{Use: "dump OWNER/REPO", Short: "Print every kg view of a repository in a canonical order", Args: ownerRepo(cobra.ExactArgs(1))}
	f.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		return f.withStore(c.Context(), func(st *store.Store) error {
			repo, err := st.RepositoryNamed(c.Context(), args[0])
			if err != nil {
				return err
			}
			return st.Dump(c.Context(), repo.ID, c.OutOrStdout())
		})
	}
	return c
}

func filesCommand() *cobra.Command {
	var f databaseFlags
	c := &cobra.Command{Use: "files OWNER/REPO", Short: "List files and their state", Args: ownerRepo(cobra.ExactArgs(1))}
	f.add(c)
	state := c.Flags().String("state", "", "only current, pending, stale, failed or skipped")
	asJSON := c.Flags().Bool("json", false, "print JSON, one file a line")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains([]string{"", "current", "pending", "stale", "failed", "skipped"}, *state) {
			return fmt.Errorf("--state is %q, choose current, pending, stale, failed or skipped", *state)
		}
		return f.withStore(c.Context(), func(st *store.Store) error {
			repo, err := st.RepositoryNamed(c.Context(), args[0])
			if err != nil {
				return err
			}
			return st.EachFile(c.Context(), repo.ID, *state, func(file store.FileState) error {
				if *asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(file)
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%-8s %-16s %s  %s\n", file.State, file.Kind, file.Path, file.Error)
				return err
			})
		})
	}
	return c
}

func watchCommand() *cobra.Command {
	var f databaseFlags
	c := &cobra.Command{Use: "watch [RUN]", Short: "Follow a run (default: the newest) with a progress bar", Args: cobra.MaximumNArgs(1)}
	f.add(c)
	asJSON := c.Flags().Bool("json", false, "print the final statistics as JSON")
	c.RunE = func(c *cobra.Command, args []string) error {
		named := int64(0)
		if len(args) == 1 {
			var err error
			if named, err = runNumber(args[0]); err != nil {
				return err
			}
		}
		return f.withStore(c.Context(), func(st *store.Store) error {
			id := named
			if len(args) == 0 {
				var err error
				if id, err = st.NewestRun(c.Context(), 0, ""); err != nil {
					return fmt.Errorf("find the newest run: %w", err)
				}
			}
			if _, err := followRun(c.Context(), st, id, c.ErrOrStderr(), fmt.Sprintf("run %d", id)); err != nil {
				return err
			}
			statistics, err := st.Statistics(c.Context(), id)
			if err != nil || *asJSON {
				return printAnswer(c)(statistics, err)
			}
			return printStatistics(c.OutOrStdout(), statistics)
		})
	}
	return c
}
