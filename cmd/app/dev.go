package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/embedded"
)

// devOptions are the flags of dev.
type devOptions struct {
	repos       []string
	branch      string
	listen      string
	dataDir     string
	databaseURL string
	workers     int
	once        bool
	json        bool
}

func devCommand() *cobra.Command {
	var o devOptions
	c := &cobra.Command{
		Use:   "dev",
		Short: "Try it: a private Postgres, a local GitHub serving your repository, the App installed on it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runDev(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.repos, "repo", nil, "git repository to sync, bare or with a work tree (repeatable; none: the sample vault)")
	f.StringVar(&o.branch, "branch", "", "branch to follow (default: the repository's HEAD)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address of the dashboard")
	f.StringVar(&o.dataDir, "data-dir", "", "keep the database here (default: temporary)")
	f.StringVar(&o.databaseURL, "database-url", "", "use this Postgres instead of a private one")
	f.IntVar(&o.workers, "workers", 8, "files processed at once")
	f.BoolVar(&o.once, "once", false, "exit after the first sync and its verification")
	f.BoolVar(&o.json, "json", false, "print one JSON result on standard output")
	return c
}

// devResult is what --json prints for a repository.
type devResult struct {
	Statistics  json.RawMessage     `json:"statistics"`
	Verify      *store.Verification `json:"verify"`
	DatabaseURL string              `json:"database_url"`
	URL         string              `json:"url"`
}

// dev is a running development set-up.
type dev struct {
	devOptions
	out, msg io.Writer
	pg       *embedded.Server
	sim      *githubsim.Server
	service  *service
	ids      []int64
	names    []string
}

func runDev(ctx context.Context, o devOptions, out, msg io.Writer) (err error) {
	d := &dev{devOptions: o, out: out, msg: msg}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.open(ctx); err != nil {
		return err
	}
	results, problems := d.firstSync(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if len(results) < len(d.ids) {
		return problems
	}
	if err := d.report(results); err != nil || o.once {
		return errors.Join(err, problems)
	}
	d.stay(ctx)
	return nil
}

// open starts Postgres, the local GitHub and the service.
func (d *dev) open(ctx context.Context) error {
	if err := d.defaultRepository(); err != nil {
		return err
	}
	if err := d.openDatabase(ctx); err != nil {
		return err
	}
	const secretText = "the local GitHub's webhook secret"
	log := slog.New(slog.NewTextHandler(d.msg, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var err error
	if d.sim, err = githubsim.New(githubsim.Config{WebhookSecret: secretText, Logger: log}); err != nil {
		return fmt.Errorf("set up the local GitHub: %w", err)
	}
	if err := d.sim.Start("127.0.0.1:0"); err != nil {
		return fmt.Errorf("start the local GitHub: %w", err)
	}
	tuning, err := readConfig()
	if err := errors.Join(err, tuning.validateSaving()); err != nil {
		return err
	}
	c := &config{GroupSize: tuning.GroupSize, Blobs: tuning.Blobs, DatabaseURL: secret(d.databaseURL), Listen: d.listen, GitHubURL: d.sim.URL(), AppID: d.sim.AppID(), MaxFileBytes: 10 << 20,
		WebhookSecrets: []secret{secretText}, Workers: d.workers, MaxWrites: store.DefaultMaxWrites, privateKey: d.sim.PrivateKeyPEM()}
	if !loopback(c.Listen) {
		return fmt.Errorf("dev has no tokens and listens on loopback only, not on %s", c.Listen)
	}
	if d.service, err = newService(ctx, c, log, true); err != nil {
		return err
	}
	if d.pg != nil { // nobody else can be alive on a private Postgres
		if n, err := d.service.runner.ReclaimKilled(ctx); err != nil {
			return err
		} else if n > 0 {
			fmt.Fprintf(d.msg, "Took back %d jobs of a killed process.\n", n)
		}
	}
	if err := d.service.start(ctx, true); err != nil {
		return err
	}
	d.sim.SetWebhookURL(d.service.url() + "/webhooks/github")
	return d.addRepositories(ctx)
}

func (d *dev) openDatabase(ctx context.Context) error {
	if d.databaseURL != "" {
		return nil
	}
	if d.dataDir != "" {
		if err := os.MkdirAll(d.dataDir, 0o755); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
	}
	fmt.Fprintln(d.msg, "Starting a private Postgres ...")
	var err error
	settings := map[string]string{"max_connections": strconv.Itoa(connections(d.workers, store.DefaultMaxWrites) + 20)} // psql, and whoever else looks
	if d.pg, err = embedded.Start(ctx, embedded.Config{DataDir: d.dataDir, Settings: settings}); err != nil {
		return err
	}
	if err := d.pg.EnsureDatabase(ctx, "kgsync"); err != nil {
		return err
	}
	d.databaseURL = d.pg.URL("kgsync")
	return nil
}

// addRepositories serves the repositories and begins to watch their branches.
func (d *dev) addRepositories(ctx context.Context) error {
	for _, dir := range d.repos {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return fmt.Errorf("repository %s: %w", dir, err)
		}
		repo, err := d.sim.AddRepository(ctx, githubsim.RepositoryOptions{Owner: "local", Name: uniqueName(filepath.Base(abs), d.names), Dir: abs, DefaultBranch: d.branch})
		if err != nil {
			return fmt.Errorf("serve %s: %w", dir, err)
		}
		d.ids, d.names = append(d.ids, repo.ID), append(d.names, repo.FullName)
	}
	return nil
}

func (d *dev) close() error {
	var errs []error
	if d.service != nil {
		errs = append(errs, d.service.stop())
	}
	if d.sim != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		errs = append(errs, d.sim.Close(ctx))
	}
	if d.pg != nil {
		errs = append(errs, d.pg.Stop())
	}
	return errors.Join(errs...)
}
