package githubsim

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
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

// SetPrivate hides or shows the repository and sends repository.privatized or
// repository.publicized.
func (s *Server) SetPrivate(ctx context.Context, repositoryID int64, private bool) error {
	return s.mark(ctx, repositoryID, private, "privatized", "publicized", func(r *repository) *atomic.Bool { return &r.private })
}

// SetArchived makes the repository read-only or ends that and sends
// repository.archived or repository.unarchived.
func (s *Server) SetArchived(ctx context.Context, repositoryID int64, archived bool) error {
	return s.mark(ctx, repositoryID, archived, "archived", "unarchived", func(r *repository) *atomic.Bool { return &r.archived })
}

func (s *Server) mark(ctx context.Context, repositoryID int64, on bool, set, unset string, of func(*repository) *atomic.Bool) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	of(repo).Store(on)
	action := unset
	if on {
		action = set
	}
	return s.sendRepository(ctx, repo, action, map[string]any{})
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

// Transfer gives the repository to another account: the installations of others lose
// it and are told so, the account's own, if there is one, gains it and also gets
// repository.transferred. Requests for the former name are redirected.
func (s *Server) Transfer(ctx context.Context, repositoryID int64, account string) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	s.mu.Lock()
	from, full := repo.owner, account+"/"+repo.name
	if other := s.byNameLocked(full); other != nil && other != repo {
		s.mu.Unlock()
		return fmt.Errorf("transfer: the name %s is taken", full)
	}
	s.formerNames[strings.ToLower(from+"/"+repo.name)] = repo.id
	delete(s.formerNames, strings.ToLower(full))
	repo.owner = account
	var losers, gainers []int64
	for id, in := range s.installations {
		switch {
		case in.account == account:
			gainers = append(gainers, id)
		case in.repositories[repositoryID]:
			losers = append(losers, id)
		}
	}
	s.mu.Unlock()
	for _, id := range losers {
		if err := s.RemoveFromInstallation(ctx, id, repositoryID); err != nil {
			return err
		}
	}
	for _, id := range gainers {
		if err := s.AddToInstallation(ctx, id, repositoryID); err != nil {
			return err
		}
	}
	return s.sendRepository(ctx, repo, "transferred", map[string]any{"owner": map[string]any{"from": map[string]any{"organization": ownerJSON(s.URL(), from)}}})
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
