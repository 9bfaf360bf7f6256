package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/jobs"
	reposync "github.com/kgsync/kgsync/internal/sync"
	"github.com/kgsync/kgsync/internal/web"
)

// config is read from KGSYNC_* once, at start.
type config struct {
	DatabaseURL    secret   `env:"DATABASE_URL"`
	Listen         string   `env:"LISTEN" envDefault:"127.0.0.1:8080"`
	GitHubURL      string   `env:"GITHUB_URL" envDefault:"https://api.github.com"`
	AppID          int64    `env:"GITHUB_APP_ID"`
	PrivateKeyFile string   `env:"GITHUB_PRIVATE_KEY_FILE"`
	WebhookSecrets []secret `env:"WEBHOOK_SECRETS"`
	AdminToken     secret   `env:"ADMIN_TOKEN"`
	ReadToken      secret   `env:"READ_TOKEN"`
	Workers        int      `env:"WORKERS" envDefault:"8"`
	MaxWrites      int      `env:"MAX_WRITES" envDefault:"4"`
	MaxFileBytes   int64    `env:"MAX_FILE_BYTES" envDefault:"10485760"`
	MaxAttempts    int      `env:"MAX_ATTEMPTS" envDefault:"8"`
	GroupSize      int      `env:"GROUP_SIZE" envDefault:"50"`
	Archives       string   `env:"ARCHIVES" envDefault:"on"`
	GitHubLimits   string   `env:"GITHUB_LIMITS" envDefault:"on"`
	Blobs          string   `env:"BLOBS" envDefault:"keep"`
	DebugListen    string   `env:"DEBUG_LISTEN"`

	SettleDelay    time.Duration `env:"SETTLE_DELAY" envDefault:"5s"`
	SettleLimit    time.Duration `env:"SETTLE_LIMIT" envDefault:"30s"`
	ReconcileEvery time.Duration `env:"RECONCILE_EVERY" envDefault:"10m"`
	ListingEvery   time.Duration `env:"LISTING_EVERY" envDefault:"1h"`
	HealEvery      time.Duration `env:"HEAL_EVERY" envDefault:"5m"`
	SweepEvery     time.Duration `env:"SWEEP_EVERY" envDefault:"15s"`
	Grace          time.Duration `env:"LOST_ACCESS_GRACE" envDefault:"720h"`
	JobTimeout     time.Duration `env:"JOB_TIMEOUT" envDefault:"30s"` // a killed process's jobs are taken over 15 s later
	PlanLease      time.Duration `env:"PLAN_LEASE" envDefault:"60s"`

	privateKey []byte
	limits     *github.Limits // nil: only what GitHub's answers ask for is heeded
	bulkFiles  int            // zero means the algorithm's own
}

// secret redacts itself when logged or printed.
type secret string

func (secret) String() string       { return "[redacted]" }
func (secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// jobs gives the settings of the Runner.
func (c *config) jobs(log *slog.Logger, reg prometheus.Registerer) jobs.Config {
	return jobs.Config{JobTimeout: c.JobTimeout, Workers: c.Workers, MaxAttempts: c.MaxAttempts, SweepEvery: c.SweepEvery, HealEvery: c.HealEvery, Logger: log, Registerer: reg,
		Sync: reposync.Options{MaxFileBytes: c.MaxFileBytes, GroupSize: c.GroupSize, BulkFiles: c.bulkFiles, NoArchives: c.Archives == "off", DropBlobs: c.Blobs == "off", SettleDelay: c.SettleDelay, SettleLimit: c.SettleLimit,
			ReconcileEvery: c.ReconcileEvery, ListingEvery: c.ListingEvery, Grace: c.Grace, LeaseDuration: c.PlanLease}}
}

// loadConfig reads the configuration of a server and reports all its problems together.
func loadConfig() (*config, error) {
	c, err := readConfig()
	if err := errors.Join(err, c.validate()); err != nil {
		return nil, err
	}
	return c, nil
}

// readConfig reads what is set, whether or not a server can start with it.
func readConfig() (*config, error) {
	var c config
	err := env.ParseWithOptions(&c, env.Options{Prefix: "KGSYNC_"})
	if err != nil {
		err = fmt.Errorf("read the configuration: %w", err)
	}
	for i, s := range c.WebhookSecrets {
		c.WebhookSecrets[i] = secret(strings.TrimSpace(string(s)))
	}
	if c.GitHubLimits == "on" {
		c.limits = github.GitHubLimits()
	}
	return &c, err
}

// validateSaving reports what no process can save files with.
func (c *config) validateSaving() error {
	var problems []error
	if c.GroupSize <= 0 || c.GroupSize > 1000 {
		problems = append(problems, fmt.Errorf("KGSYNC_GROUP_SIZE is %d, choose 1 to 1000 files", c.GroupSize))
	}
	if c.Blobs != "keep" && c.Blobs != "off" {
		problems = append(problems, fmt.Errorf("KGSYNC_BLOBS is %q, choose keep or off", c.Blobs))
	}
	return errors.Join(problems...)
}

// validate reports what no server can start with.
func (c *config) validate() error {
	var problems []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	need(c.DatabaseURL != "", "set KGSYNC_DATABASE_URL to a Postgres URL")
	need(c.AppID > 0, "set KGSYNC_GITHUB_APP_ID to the GitHub App's id")
	need(c.PrivateKeyFile != "", "set KGSYNC_GITHUB_PRIVATE_KEY_FILE to the App's private key file")
	need(len(c.WebhookSecrets) > 0, "set KGSYNC_WEBHOOK_SECRETS to the App's webhook secret (several, comma separated, while rotating)")
	need(!slices.Contains(c.WebhookSecrets, ""), "KGSYNC_WEBHOOK_SECRETS names an empty secret, with which anybody could sign: separate secrets by single commas")
	need(c.MaxFileBytes > 0, "KGSYNC_MAX_FILE_BYTES is %d, choose at least 1 byte", c.MaxFileBytes)
	need(c.Workers > 0 && c.Workers <= 256, "KGSYNC_WORKERS is %d, choose 1 to 256", c.Workers)
	need(c.MaxWrites > 0, "KGSYNC_MAX_WRITES is %d, choose at least 1", c.MaxWrites)
	need(c.Archives == "on" || c.Archives == "off", "KGSYNC_ARCHIVES is %q, choose on or off", c.Archives)
	need(c.GitHubLimits == "on" || c.GitHubLimits == "off", "KGSYNC_GITHUB_LIMITS is %q, choose on or off", c.GitHubLimits)
	need(c.DebugListen == "" || loopback(c.DebugListen), "KGSYNC_DEBUG_LISTEN is %q: profiles show what the process holds, choose a loopback address like 127.0.0.1:6060", c.DebugListen)
	need(c.MaxAttempts > 0, "KGSYNC_MAX_ATTEMPTS is %d, choose at least 1", c.MaxAttempts)
	for name, d := range map[string]time.Duration{"SETTLE_DELAY": c.SettleDelay, "SETTLE_LIMIT": c.SettleLimit, "RECONCILE_EVERY": c.ReconcileEvery,
		"LISTING_EVERY": c.ListingEvery, "HEAL_EVERY": c.HealEvery, "SWEEP_EVERY": c.SweepEvery, "LOST_ACCESS_GRACE": c.Grace,
		"JOB_TIMEOUT": c.JobTimeout, "PLAN_LEASE": c.PlanLease} {
		need(d > 0, "KGSYNC_%s is %v, choose a duration above zero like 30s or 10m", name, d)
	}
	need(c.AdminToken != "" && c.ReadToken != "" || loopback(c.Listen),
		"%s is not a loopback address: set KGSYNC_ADMIN_TOKEN and KGSYNC_READ_TOKEN first, or listen on 127.0.0.1", c.Listen)
	if c.PrivateKeyFile != "" {
		key, err := os.ReadFile(c.PrivateKeyFile)
		if err != nil {
			problems = append(problems, fmt.Errorf("read the App's private key: %w", err))
		} else if err := github.CheckKey(key); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", c.PrivateKeyFile, err))
		}
		c.privateKey = key
	}
	if _, err := github.BaseURL(c.GitHubURL); err != nil {
		problems = append(problems, fmt.Errorf("KGSYNC_GITHUB_URL: %w", err))
	}
	return errors.Join(append(problems, c.validateSaving())...)
}

func loopback(listen string) bool {
	_, _, err := net.SplitHostPort(listen)
	return err == nil && web.Loopback(listen)
}

func (c *config) secrets() [][]byte {
	list := make([][]byte, len(c.WebhookSecrets))
	for i, s := range c.WebhookSecrets {
		list[i] = []byte(s)
	}
	return list
}
