package githubsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// RepositoryOptions describes a repository to serve.
type RepositoryOptions struct {
	// Owner and Name make the full name "owner/name".
	Owner, Name string
	// Dir is a bare repository or the top of a work tree; it may have no commit
	// yet.
	Dir string
	// DefaultBranch is the short branch name; empty means the branch HEAD is on.
	DefaultBranch string
	// Private repositories do not exist for callers without access.
	Private bool
}

// Repository is what AddRepository made of the options.
type Repository struct {
	ID                      int64
	FullName, DefaultBranch string
}

// repository is served by the server; owner, name and defaultBranch change
// under Server.mu only.
type repository struct {
	id                         int64
	owner, name, defaultBranch string
	private, archived          atomic.Bool
	createdAt                  time.Time
	git                        *gitDir

	refsMu sync.Mutex
	seen   map[string]string // refs as the last push webhooks told them
}

// AddRepository starts serving the git repository in a directory. It only ever
// reads it. Changes from now on are what Watch reports. It fails when the
// directory is no git repository or the full name is taken.
func (s *Server) AddRepository(ctx context.Context, options RepositoryOptions) (Repository, error) {
	full := options.Owner + "/" + options.Name
	if options.Owner == "" || options.Name == "" || strings.Count(full, "/") != 1 {
		return Repository{}, fmt.Errorf("add repository: %q is not of the form owner/name", full)
	}
	git, err := openGit(ctx, options.Dir)
	if err != nil {
		return Repository{}, fmt.Errorf("add repository %s: %w", full, err)
	}
	repo := &repository{
		owner: options.Owner, name: options.Name, createdAt: s.now(), git: git, defaultBranch: options.DefaultBranch,
	}
	repo.private.Store(options.Private)
	if repo.defaultBranch == "" {
		if repo.defaultBranch, err = git.headBranch(ctx); err != nil {
			return Repository{}, fmt.Errorf("add repository %s: %w", full, err)
		}
	}
	if repo.seen, err = git.refs(ctx); err != nil {
		return Repository{}, fmt.Errorf("add repository %s: %w", full, err)
	}
	repo.id = s.newID()

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byNameLocked(full) != nil {
		return Repository{}, fmt.Errorf("add repository: the name %s is taken", full)
	}
	s.repositories[repo.id] = repo
	delete(s.formerNames, strings.ToLower(full))
	return Repository{ID: repo.id, FullName: full, DefaultBranch: repo.defaultBranch}, nil
}

// RemoveRepository stops serving a repository, without an event, and ends its git
// processes.
func (s *Server) RemoveRepository(id int64) error {
	repo, err := s.byID(id)
	if err != nil {
		return fmt.Errorf("remove repository: %w", err)
	}
	s.mu.Lock()
	delete(s.repositories, id)
	s.mu.Unlock()
	repo.git.close()
	return nil
}

// headBranch is the branch HEAD is on, born or not; with a detached HEAD it is
// main, master or the only branch.
func (g *gitDir) headBranch(ctx context.Context) (string, error) {
	if out, err := g.run(ctx, "symbolic-ref", "--short", "-q", "HEAD"); err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	refs, err := g.refs(ctx)
	if err != nil {
		return "", err
	}
	var branches []string
	for ref := range refs {
		if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
			branches = append(branches, name)
		}
	}
	for _, name := range []string{"main", "master"} {
		if slices.Contains(branches, name) {
			return name, nil
		}
	}
	if len(branches) == 1 {
		return branches[0], nil
	}
	return "", errors.New("HEAD is detached: name the default branch")
}

// refs maps every branch and tag (full name) to its object.
func (g *gitDir) refs(ctx context.Context) (map[string]string, error) {
	out, err := g.run(ctx, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return nil, fmt.Errorf("list refs: %w", err)
	}
	refs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if sha, ref, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
			refs[ref] = sha
		}
	}
	return refs, nil
}

func (s *Server) byNameLocked(full string) *repository {
	for _, repo := range s.repositories {
		if strings.EqualFold(repo.owner+"/"+repo.name, full) {
			return repo
		}
	}
	return nil
}

// byID returns a repository, or an error for callers of the Go API.
func (s *Server) byID(id int64) (*repository, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if repo, ok := s.repositories[id]; ok {
		return repo, nil
	}
	return nil, fmt.Errorf("no repository has the id %d", id)
}

// findRepository sets c.repo from the path, following former names.
func (s *Server) findRepository(c *call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.r.PathValue("repository_id") != "" {
		id, err := c.pathID("repository_id")
		if err != nil {
			return err
		}
		c.repo = s.repositories[id]
	} else {
		full := c.r.PathValue("owner") + "/" + c.r.PathValue("repo")
		c.repo = cmp.Or(s.byNameLocked(full), s.repositories[s.formerNames[strings.ToLower(full)]])
	}
	if c.repo == nil {
		return notFound()
	}
	return nil
}

// redirectRenamed answers 301 to the id's URL when the path has a former name.
func (s *Server) redirectRenamed(c *call) bool {
	owner, name, _ := s.names(c.repo)
	if c.r.PathValue("repository_id") != "" ||
		strings.EqualFold(c.r.PathValue("owner")+"/"+c.r.PathValue("repo"), owner+"/"+name) {
		return false
	}
	parts := strings.SplitN(c.r.URL.EscapedPath(), "/", 5) // "", repos, owner, repo, rest
	target := fmt.Sprintf("%s/repositories/%d", c.base, c.repo.id)
	if len(parts) == 5 {
		target += "/" + parts[4]
	}
	if c.r.URL.RawQuery != "" {
		target += "?" + c.r.URL.RawQuery
	}
	c.w.Header().Set("Location", target)
	status := http.StatusMovedPermanently
	if c.r.Method != http.MethodGet {
		status = http.StatusTemporaryRedirect
	}
	(&apiError{status: status, message: "Moved Permanently"}).write(c.w)
	return true
}

func (s *Server) names(repo *repository) (owner, name, defaultBranch string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return repo.owner, repo.name, repo.defaultBranch
}

// getRepository is GET /repos/{owner}/{repo} and GET /repositories/{id}.
func (s *Server) getRepository(c *call) error {
	return writeJSON(c.w, c.r, http.StatusOK, s.repositoryJSON(c.base, c.repo))
}
