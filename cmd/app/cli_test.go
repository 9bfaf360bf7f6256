package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/parse"
)

// cli runs the program as a shell does.
func cli(t *testing.T, args ...string) (out, said string, code int) {
	t.Helper()
	built.Store(true)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &o, &e, []string{"PATH=/usr/bin:/bin"}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// TestBadInputEndsInOneClearLine: every command says in one line on standard error
// what is wrong, and exits with 1.
func TestBadInputEndsInOneClearLine(t *testing.T) {
	t.Parallel()
	const nobody = "--server=http://127.0.0.1:1"
	for line, want := range map[string]string{
		"sing":                                   `unknown command "sing"`,
		"serve --role singer":                    `choose all, web or worker`,
		"dev stray":                              `unknown command "stray"`,
		"dev --workers many":                     `invalid argument "many"`,
		"migrate":                                `accepts 1 arg`,
		"migrate sideways --database-url x":      `choose up, down or status`,
		"migrate up":                             `name a database`,
		"migrate status --data-dir /nowhere":     `/nowhere holds no database`,
		"resync":                                 `accepts 1 arg`,
		"resync vault":                           `write OWNER/REPO`,
		"resync o/r " + nobody:                   `reach the server`,
		"verify o/":                              `write OWNER/REPO`,
		"verify o/r " + nobody:                   `reach the server`,
		"files o/r --state odd --database-url x": `choose current, pending`,
		"files o/r":                              `name a database`,
		"retry":                                  `requires at least 1 arg`,
		"retry o/r pages/A.md " + nobody:         `reach the server`,
		"cancel seven " + nobody:                 `not a run's number`,
		"cancel 7 " + nobody:                     `reach the server`,
		"watch seven --database-url x":           `not a run's number`,
		"watch":                                  `name a database`,
		"psql":                                   `name a database`,
		"psql --data-dir /nowhere":               `/nowhere holds no database`,
		"dump r":                                 `write OWNER/REPO`,
		"health " + nobody:                       `reach the server`,
		"export":                                 `not available in this version`,
		"doctor":                                 `not available in this version`,
		"version now":                            `unknown command "now"`,
		"rehearse --repo /nowhere --histories none": `invalid argument "none"`,
	} {
		out, said, code := cli(t, strings.Fields(line)...)
		if code != 1 || out != "" || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "kgsync: ") || !strings.Contains(said, want) {
			t.Errorf("kgsync %s exits with %d, prints %q and says %q, want 1 and %q", line, code, out, said, want)
		}
	}
}

// TestAProgramThatFailsInsideIsExplained: git says its own, and so do we.
func TestAProgramThatFailsInsideIsExplained(t *testing.T) {
	t.Parallel()
	plain := t.TempDir()
	for _, line := range []string{"dev --once --repo " + plain, "rehearse --repo " + plain} {
		_, said, code := cli(t, strings.Fields(line)...)
		if code != 1 || !strings.Contains(said, "kgsync: ") || !strings.Contains(said, "is not a git repository") {
			t.Errorf("kgsync %s exits with %d and says %q", line, code, said)
		}
	}
}

// TestAllProblemsAreReportedTogether, also those of values that cannot be read.
func TestAllProblemsAreReportedTogether(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, []byte("a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"WORKERS": "eight", "WEBHOOK_SECRETS": "a,", "MAX_FILE_BYTES": "-1", "GITHUB_URL": "github.com", "GITHUB_PRIVATE_KEY_FILE": key} {
		t.Setenv("KGSYNC_"+name, value)
	}
	_, err := loadConfig()
	if err == nil {
		t.Fatal("a server starts with it")
	}
	for _, problem := range []string{`"eight"`, "KGSYNC_DATABASE_URL", "empty secret", "KGSYNC_MAX_FILE_BYTES", "KGSYNC_GITHUB_URL", "key.pem: the App's private key"} {
		if !strings.Contains(err.Error(), problem) {
			t.Errorf("%s is not reported: %v", problem, err)
		}
	}
}

func TestVersionIsPrintedForPeopleAndPrograms(t *testing.T) {
	t.Parallel()
	if out, said, code := cli(t, "version"); code != 0 || out != "dev\n" || said != "" {
		t.Errorf("exits with %d, prints %q and says %q", code, out, said)
	}
	out, _, _ := cli(t, "version", "--json")
	var v struct {
		Version       string
		ParserVersion int    `json:"parser_version"`
		GoVersion     string `json:"go_version"`
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Version != "dev" || v.ParserVersion != parse.Version || v.GoVersion == "" {
		t.Errorf("%s: %v", out, err)
	}
}
