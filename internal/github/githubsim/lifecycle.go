package githubsim

import (
	"context"
	"fmt"
	"strings"
)

// SetDefaultBranch changes the default branch, here and not in the user's
// repository, and sends repository.edited.
func (s *Server) SetDefaultBranch(ctx context.Context, repositoryID int64, branch string) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("set default branch: %w", err)
	}
	s.mu.Lock()
	from := repo.defaultBranch
	repo.defaultBranch = branch
	s.mu.Unlock()
	changes := map[string]any{"default_branch": map[string]any{"from": from}}
	return s.sendRepository(ctx, repo, "edited", changes)
}

// Rename gives the repository a new name under the same owner and sends
// repository.renamed. Requests for the former name are redirected until another
// repository takes it.
func (s *Server) Rename(ctx context.Context, repositoryID int64, name string) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	s.mu.Lock()
	from := repo.name
	full := repo.owner + "/" + name
	if other := s.byNameLocked(full); other != nil && other != repo {
		s.mu.Unlock()
		return fmt.Errorf("rename: the name %s is taken", full)
	}
	s.formerNames[strings.ToLower(repo.owner+"/"+from)] = repo.id
	delete(s.formerNames, strings.ToLower(full))
	repo.name = name
	s.mu.Unlock()
	changes := map[string]any{"repository": map[string]any{"name": map[string]any{"from": from}}}
	return s.sendRepository(ctx, repo, "renamed", changes)
}

func (s *Server) sendRepository(ctx context.Context, repo *repository, action string, changes map[string]any) error {
	in := s.installationOf(repo.id)
	if in == nil {
		return nil
	}
	owner, _, _ := s.names(repo)
	return s.send(ctx, in, "repository", map[string]any{
		"action": action, "changes": changes, "repository": s.repositoryJSON(s.URL(), repo),
		"sender": ownerJSON(s.URL(), owner), "installation": map[string]any{"id": in.id, "node_id": fmt.Sprintf("I_%d", in.id)},
	})
}
