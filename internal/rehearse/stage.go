package rehearse

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// Config of a Stage.
type Config struct {
	// Repository is the git repository that every history starts from, never
	// written to. Empty means a small vault that holds one of everything.
	Repository string
	// DatabaseServer is the URL of a Postgres where throwaway databases are made.
	DatabaseServer string
	// Start starts the product.
	Start Start
	// Steps of a history; zero lets the seed decide (10 to 40).
	Steps int
	// Emphasis replaces the weights of kinds of steps.
	Emphasis map[string]int
	// Logger hears the product; nil discards.
	Logger *slog.Logger
}

// Stage is what histories share: the server, the repository they start from and a
// running product that syncs afresh what each of them ends with. It is safe for
// concurrent use.
type Stage struct {
	config    Config
	dir       string
	base      string // the repository to clone
	branch    string
	maxFile   int64           // bytes; larger files are a diagnostic
	kept      map[string]bool // Markdown paths of the base that histories never take away
	cluster   *cluster
	reference *reference
}

// NewStage prepares a Stage. Close it.
func NewStage(ctx context.Context, c Config) (s *Stage, err error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s = &Stage{config: c}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	if s.dir, err = os.MkdirTemp("", "kgsync-rehearsal-"); err != nil {
		return s, fmt.Errorf("make a temporary directory: %w", err)
	}
	if err := s.findBase(); err != nil {
		return s, err
	}
	if s.cluster, err = newCluster(ctx, c.DatabaseServer); err != nil {
		return s, err
	}
	s.reference, err = newReference(ctx, s)
	return s, err
}

// findBase opens the repository to start from, or makes one.
func (s *Stage) findBase() error {
	s.base, s.maxFile = s.config.Repository, 1<<20
	if s.base == "" {
		s.maxFile = 8 << 10 // quick to exceed
		s.base = filepath.Join(s.dir, "base")
		if err := writeBase(s.base); err != nil {
			return err
		}
	}
	abs, err := filepath.Abs(s.base)
	if err != nil {
		return fmt.Errorf("repository %s: %w", s.base, err)
	}
	s.base = abs
	r := &gitfixture.Repo{Dir: abs}
	if s.branch, err = r.Git("symbolic-ref", "--short", "HEAD"); err != nil {
		return fmt.Errorf("%s is not a git repository with a branch checked out: %w", s.base, err)
	}
	if _, err := r.Head(); err != nil {
		return fmt.Errorf("%s has no commit yet: %w", s.base, err)
	}
	return s.keep(r)
}

// keep chooses a third of the base's files that no step takes away, and only edits
// change: whatever goes wrong, they must never be missing.
func (s *Stage) keep(r *gitfixture.Repo) error {
	entries, err := listTree(r, "HEAD")
	if err != nil {
		return err
	}
	s.kept = map[string]bool{}
	for _, e := range entries {
		h := fnv.New32a()
		h.Write([]byte(e.path))
		if isMarkdown(e.path) && e.mode == modeRegular && h.Sum32()%3 == 0 && !strings.HasPrefix(e.path, draftsDir) {
			s.kept[e.path] = true
		}
	}
	return nil
}

// clone gives a work tree of the base with all its branches. Objects are shared;
// new ones stay in the clone.
func (s *Stage) clone(dir string) (*gitfixture.Repo, error) {
	in := &gitfixture.Repo{Dir: filepath.Dir(dir)}
	if _, err := in.Git("clone", "-q", "--shared", "--no-checkout", "--branch", s.branch, s.base, dir); err != nil {
		return nil, err
	}
	r := &gitfixture.Repo{Dir: dir}
	list, err := r.Git("for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin")
	if err != nil {
		return nil, err
	}
	for _, b := range strings.Fields(list) {
		if b != s.branch && b != "HEAD" {
			if _, err := r.Git("branch", "-q", "--no-track", b, "refs/remotes/origin/"+b); err != nil {
				return nil, err
			}
		}
	}
	if _, err := r.Git("remote", "remove", "origin"); err != nil {
		return nil, err
	}
	if _, err := r.Git("checkout", "-q", s.branch); err != nil {
		return nil, err
	}
	return r, nil
}

// times are the waits of a history's processes.
func (s *Stage) times() Times {
	t := shortTimes()
	t.MaxFileBytes = s.maxFile
	return t
}

// Close ends the reference and removes what is temporary.
func (s *Stage) Close(ctx context.Context) error {
	var errs []error
	if s.reference != nil {
		errs = append(errs, s.reference.close(ctx))
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.close(ctx))
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
