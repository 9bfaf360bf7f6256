package embedded

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// MinVersion is the oldest major version of Postgres that we run on.
const MinVersion = 15

// ErrNoPostgres says that no usable server is installed.
var ErrNoPostgres = errors.New("no Postgres server (15 or newer) is installed: on Debian or Ubuntu run 'apt-get install postgresql', on macOS 'brew install postgresql@17', or pass --database-url")

var versionOf = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// FindBinaries finds the newest installed server, by number and not by name.
func FindBinaries(ctx context.Context) (dir string, major int, err error) {
	var candidates []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			candidates = append(candidates, filepath.Dir(p))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin", "/usr/local/pgsql/bin"} {
		found, _ := filepath.Glob(pattern)
		candidates = append(candidates, found...)
	}
	for _, c := range candidates {
		out, err := exec.CommandContext(ctx, filepath.Join(c, "postgres"), "--version").Output()
		if err != nil {
			continue
		}
		if m := versionOf.FindSubmatch(out); m != nil {
			if v, _ := strconv.Atoi(string(m[1])); v >= MinVersion && v > major {
				dir, major = c, v
			}
		}
	}
	if dir == "" {
		return "", 0, ErrNoPostgres
	}
	return dir, major, nil
}
