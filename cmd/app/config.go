package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/caarlos0/env/v11"
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

	privateKey []byte
}

// secret redacts itself when logged or printed.
type secret string

func (secret) String() string       { return "[redacted]" }
func (secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

func loadConfig() (*config, error) {
	var c config
	if err := env.ParseWithOptions(&c, env.Options{Prefix: "KGSYNC_"}); err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return &c, nil
}

// validate reports all problems of a server's configuration together.
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
	need(c.Workers > 0 && c.Workers <= 256, "KGSYNC_WORKERS is %d, choose 1 to 256", c.Workers)
	need(c.MaxWrites > 0, "KGSYNC_MAX_WRITES is %d, choose at least 1", c.MaxWrites)
	need(c.AdminToken != "" && c.ReadToken != "" || loopback(c.Listen),
		"%s is not a loopback address: set KGSYNC_ADMIN_TOKEN and KGSYNC_READ_TOKEN first, or listen on 127.0.0.1", c.Listen)
	if c.PrivateKeyFile != "" {
		key, err := os.ReadFile(c.PrivateKeyFile)
		if err != nil {
			problems = append(problems, fmt.Errorf("read the App's private key: %w", err))
		}
		c.privateKey = key
	}
	return errors.Join(problems...)
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *config) secrets() [][]byte {
	list := make([][]byte, len(c.WebhookSecrets))
	for i, s := range c.WebhookSecrets {
		list[i] = []byte(s)
	}
	return list
}
