package main

import (
	"context"
	"errors"
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
	made  map[string]string // repositories by name
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
	l := &lab{options: o, dir: dir, pages: o.corpus, made: map[string]string{}}
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
	return l.copied(fmt.Sprintf("x%d", copies), copies, func(int, string) error { return nil })
}

// distinct is a repository like that in which no file is the copy of another.
func (l *lab) distinct(copies int) (string, error) {
	return l.copied(fmt.Sprintf("distinct%d", copies), copies, func(i int, folder string) error {
		paths, err := markdown(folder)
		for _, path := range paths {
			if err == nil {
				err = appendTo(path, fmt.Sprintf("\n- copy %d\n", i))
			}
		}
		return err
	})
}

// copied makes a repository of copies of the corpus, each changed in its way, once.
func (l *lab) copied(name string, copies int, change func(i int, folder string) error) (string, error) {
	if dir := l.made[name]; dir != "" {
		return dir, nil
	}
	dir := filepath.Join(l.dir, name)
	for i := range copies {
		folder := filepath.Join(dir, fmt.Sprintf("v%d", i+1))
		if err := os.CopyFS(folder, os.DirFS(l.pages)); err != nil {
			return "", fmt.Errorf("copy the corpus: %w", err)
		}
		if err := change(i, folder); err != nil {
			return "", fmt.Errorf("change a copy of the corpus: %w", err)
		}
	}
	if err := commitAll(dir); err != nil {
		return "", err
	}
	l.made[name] = dir
	return dir, nil
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
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
