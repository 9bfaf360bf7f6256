// Package gitfixture makes small real git repositories for tests and demos. It
// owns the repositories it creates; it imports nothing of this module and
// never the testing package, so every method returns its error.
//
// Commits carry fixed authors and dates one minute apart, so that the same
// calls always make the same commit SHAs.
package gitfixture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// firstCommitTime is the date of a repository's first commit.
var firstCommitTime = time.Date(2024, time.January, 1, 12, 0, 0, 0, time.UTC)

// Repo is a git repository with a work tree. It is not safe for concurrent use.
type Repo struct {
	// Dir is the top of the work tree.
	Dir string

	commits int
}

// New creates an empty repository in dir (made if missing) whose unborn branch
// is "main".
func New(dir string) (*Repo, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make repository directory: %w", err)
	}
	r := &Repo{Dir: dir}
	if _, err := r.Git("init", "-q", "--initial-branch=main", "."); err != nil {
		return nil, err
	}
	return r, nil
}

// Write creates or replaces a file, with its directories, in the work tree.
func (r *Repo) Write(path, content string) error {
	full := filepath.Join(r.Dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Symlink creates a symbolic link at path that holds target.
func (r *Repo) Symlink(path, target string) error {
	full := filepath.Join(r.Dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return fmt.Errorf("link %s: %w", path, err)
	}
	if err := os.Symlink(target, full); err != nil {
		return fmt.Errorf("link %s: %w", path, err)
	}
	return nil
}

// Remove deletes a file or a directory with all it holds; a missing path is an
// error.
func (r *Repo) Remove(path string) error {
	full := filepath.Join(r.Dir, filepath.FromSlash(path))
	if _, err := os.Lstat(full); err != nil {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	if err := os.RemoveAll(full); err != nil {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return nil
}

// Rename moves a file or directory, making the directories of its new path.
func (r *Repo) Rename(from, to string) error {
	target := filepath.Join(r.Dir, filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("rename %s: %w", from, err)
	}
	if err := os.Rename(filepath.Join(r.Dir, filepath.FromSlash(from)), target); err != nil {
		return fmt.Errorf("rename %s: %w", from, err)
	}
	return nil
}

// Commit records the whole work tree, even when nothing changed, and returns
// the new commit's SHA.
func (r *Repo) Commit(message string) (string, error) {
	if _, err := r.Git("add", "-A", "--force", "."); err != nil {
		return "", err
	}
	if _, err := r.Git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message); err != nil {
		return "", err
	}
	r.commits++
	return r.Head()
}

// Branch switches to a branch and creates it at the current commit if it does
// not exist.
func (r *Repo) Branch(name string) error {
	if _, err := r.Git("rev-parse", "--verify", "-q", "refs/heads/"+name); err == nil {
		_, err = r.Git("checkout", "-q", name)
		return err
	}
	_, err := r.Git("checkout", "-q", "-b", name)
	return err
}

// DeleteBranch deletes a branch that is not the current one.
func (r *Repo) DeleteBranch(name string) error {
	_, err := r.Git("branch", "-q", "-D", name)
	return err
}

// Merge merges a branch into the current one, always with a merge commit, and
// returns its SHA. A conflict is an error.
func (r *Repo) Merge(branch string) (string, error) {
	if _, err := r.Git("merge", "-q", "--no-ff", "-m", "Merge "+branch, branch); err != nil {
		return "", err
	}
	r.commits++
	return r.Head()
}

// Reset moves the current branch and the work tree to a revision.
func (r *Repo) Reset(revision string) error {
	_, err := r.Git("reset", "-q", "--hard", revision)
	return err
}

// Head returns the SHA of the current commit; an error before the first one.
func (r *Repo) Head() (string, error) {
	return r.Git("rev-parse", "--verify", "HEAD")
}

// Git runs any git command in the repository and returns its trimmed output.
func (r *Repo) Git(args ...string) (string, error) {
	date := firstCommitTime.Add(time.Duration(r.commits) * time.Minute).Format(time.RFC3339)
	cmd := exec.CommandContext(context.Background(), "git", append([]string{
		"-c", "core.autocrlf=false", "-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
	}, args...)...)
	cmd.Dir = r.Dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=Ada Author", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=Carl Committer", "GIT_COMMITTER_EMAIL=carl@example.com", "GIT_COMMITTER_DATE=" + date,
	}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
