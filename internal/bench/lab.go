package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kgsync/kgsync/internal/samplevault"
	"github.com/kgsync/kgsync/internal/store/embedded"
)

// lab holds what measurements share: the corpus as repositories, and a Postgres with
// its default, durable settings.
type lab struct {
	options
	dir   string
	pages string // the folder of Markdown files
	pg    *embedded.Server
	made  map[int]string // repositories by number of copies
	names int

	started func() // called when a first sync is about to begin, if set
}

func newLab(ctx context.Context, o options) (*lab, error) {
	if _, err := os.Stat(o.program); err != nil {
		return nil, fmt.Errorf("%s is not there: run `make build` first", o.program)
	}
	dir, err := os.MkdirTemp("", "kgsync-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // Postgres may run as another user
		return nil, err
	}
	l := &lab{options: o, dir: dir, pages: o.corpus, made: map[int]string{}}
	if l.pages == "" {
		if l.pages, err = manyVaults(filepath.Join(dir, "vaults")); err != nil {
			return nil, err
		}
	}
	if l.pg, err = embedded.Start(ctx, embedded.Config{DataDir: filepath.Join(dir, "postgres"), Settings: map[string]string{"max_connections": "200"}}); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *lab) close() {
	if l.pg != nil {
		_ = l.pg.Stop() // throwaway data
	}
	_ = os.RemoveAll(l.dir)
}

// manyVaults makes a corpus of about a thousand files where none is named.
func manyVaults(dir string) (string, error) {
	vault := dir + "-one"
	if err := samplevault.Repository(vault); err != nil {
		return "", err
	}
	if err := os.RemoveAll(filepath.Join(vault, ".git")); err != nil {
		return "", err
	}
	for i := range 24 {
		if err := os.CopyFS(filepath.Join(dir, fmt.Sprintf("vault%d", i)), os.DirFS(vault)); err != nil {
			return "", fmt.Errorf("copy the sample vault: %w", err)
		}
	}
	return dir, nil
}

// repository gives a git repository with the corpus in so many folders.
func (l *lab) repository(copies int) (string, error) {
	if dir := l.made[copies]; dir != "" {
		return dir, nil
	}
	dir := filepath.Join(l.dir, fmt.Sprintf("x%d", copies))
	for i := range copies {
		if err := os.CopyFS(filepath.Join(dir, fmt.Sprintf("v%d", i+1)), os.DirFS(l.pages)); err != nil {
			return "", fmt.Errorf("copy the corpus: %w", err)
		}
	}
	if err := commitAll(dir); err != nil {
		return "", err
	}
	l.made[copies] = dir
	return dir, nil
}

// commitAll makes a repository of a folder. Git's own housekeeping would begin behind
// a large commit, and the one that is asked for here would find it at work.
func commitAll(dir string) error {
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "gc.auto=0", "commit", "-q", "-m", "The corpus"}, {"gc", "-q"}} {
		if _, err := git(dir, args...); err != nil {
			return err
		}
	}
	return nil
}

func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "core.autocrlf=false"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// markdown lists the Markdown files of a folder.
func markdown(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s holds no Markdown files", dir)
	}
	return paths, err
}
