package githubsim

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// installation is the App on one account. Its fields change under Server.mu.
type installation struct {
	id           int64
	account      string
	repositories map[int64]bool
	createdAt    time.Time
	suspendedAt  *time.Time
}

func errSuspended() error {
	return failure(http.StatusForbidden, "This installation has been suspended")
}

// Install installs the App on an account for the given repositories, sends
// installation.created with all of them, and returns the installation's id.
func (s *Server) Install(ctx context.Context, account string, repositoryIDs ...int64) (int64, error) {
	in := &installation{id: s.newID(), account: account, repositories: map[int64]bool{}, createdAt: s.now()}
	for _, id := range repositoryIDs {
		if _, err := s.byID(id); err != nil {
			return 0, fmt.Errorf("install on %s: %w", account, err)
		}
		in.repositories[id] = true
	}
	s.mu.Lock()
	s.installations[in.id] = in
	s.mu.Unlock()
	return in.id, s.sendInstallation(ctx, in, "created", s.briefs(repositoryIDs))
}

// AddToInstallation gives the installation more repositories and sends
// installation_repositories.added.
func (s *Server) AddToInstallation(ctx context.Context, installationID int64, repositoryIDs ...int64) error {
	return s.changeSelection(ctx, installationID, "added", repositoryIDs, func(in *installation, id int64) { in.repositories[id] = true })
}

// RemoveFromInstallation takes repositories away and sends
// installation_repositories.removed.
func (s *Server) RemoveFromInstallation(ctx context.Context, installationID int64, repositoryIDs ...int64) error {
	return s.changeSelection(ctx, installationID, "removed", repositoryIDs, func(in *installation, id int64) { delete(in.repositories, id) })
}

func (s *Server) changeSelection(ctx context.Context, installationID int64, action string, ids []int64, change func(*installation, int64)) error {
	in, err := s.installation(installationID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := s.byID(id); err != nil {
			return err
		}
	}
	s.mu.Lock()
	for _, id := range ids {
		change(in, id)
	}
	s.mu.Unlock()
	payload := map[string]any{
		"action": action, "installation": s.installationJSON(s.URL(), in), "repository_selection": "selected",
		"repositories_added": []any{}, "repositories_removed": []any{}, "requester": nil, "sender": ownerJSON(s.URL(), in.account),
	}
	payload["repositories_"+action] = s.briefs(ids)
	return s.send(ctx, in, "installation_repositories", payload)
}

// Suspend sends installation.suspend; from then on the API answers 403 and no
// webhook is sent.
func (s *Server) Suspend(ctx context.Context, installationID int64) error {
	in, err := s.installation(installationID)
	if err != nil {
		return err
	}
	at := s.now()
	s.mu.Lock()
	in.suspendedAt = &at
	s.mu.Unlock()
	return s.sendInstallation(ctx, in, "suspend", nil)
}

// Unsuspend ends a suspension and sends installation.unsuspend.
func (s *Server) Unsuspend(ctx context.Context, installationID int64) error {
	in, err := s.installation(installationID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	in.suspendedAt = nil
	s.mu.Unlock()
	return s.sendInstallation(ctx, in, "unsuspend", nil)
}

// Uninstall removes the installation, invalidates its tokens and sends
// installation.deleted.
func (s *Server) Uninstall(ctx context.Context, installationID int64) error {
	in, err := s.installation(installationID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.installations, installationID)
	ids := slices.Sorted(maps.Keys(in.repositories))
	s.mu.Unlock()
	return s.sendInstallation(ctx, in, "deleted", s.briefs(ids))
}

func (s *Server) installation(id int64) (*installation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in, ok := s.installations[id]; ok {
		return in, nil
	}
	return nil, fmt.Errorf("no installation has the id %d", id)
}

// installationOf is the active installation that reaches a repository, if any.
func (s *Server) installationOf(repositoryID int64) *installation {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.installations)) {
		if in := s.installations[id]; in.repositories[repositoryID] && in.suspendedAt == nil {
			return in
		}
	}
	return nil
}

func (s *Server) repositoryCount(installationID int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in, ok := s.installations[installationID]; ok {
		return len(in.repositories)
	}
	return 0
}

// briefs are the repositories as installation webhooks carry them.
func (s *Server) briefs(ids []int64) []map[string]any {
	list := make([]map[string]any, 0, len(ids))
	for _, id := range ids {
		if repo, err := s.byID(id); err == nil {
			owner, name, _ := s.names(repo)
			list = append(list, map[string]any{
				"id": id, "node_id": nodeID(id), "name": name, "full_name": owner + "/" + name, "private": repo.private.Load(),
			})
		}
	}
	return list
}

// sendInstallation sends an installation event; suspend and unsuspend carry no
// repositories.
func (s *Server) sendInstallation(ctx context.Context, in *installation, action string, repositories []map[string]any) error {
	payload := map[string]any{
		"action": action, "installation": s.installationJSON(s.URL(), in), "sender": ownerJSON(s.URL(), in.account),
	}
	if repositories != nil {
		payload["repositories"] = repositories
	}
	_, err := s.Deliver(ctx, "installation", payload)
	return err
}

// send delivers an event of an installation unless that is suspended or nil.
func (s *Server) send(ctx context.Context, in *installation, event string, payload any) error {
	if in == nil {
		return nil
	}
	s.mu.Lock()
	suspended := in.suspendedAt != nil
	s.mu.Unlock()
	if suspended {
		return nil
	}
	_, err := s.Deliver(ctx, event, payload)
	return err
}

func (s *Server) installationJSON(base string, in *installation) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	api := fmt.Sprintf("%s/app/installations/%d", base, in.id)
	value := map[string]any{
		"id": in.id, "account": ownerJSON(base, in.account), "app_id": s.config.AppID, "app_slug": "local-app",
		"access_tokens_url": api + "/access_tokens", "repositories_url": base + "/installation/repositories", "html_url": api,
		"target_id": accountID(in.account), "target_type": "Organization", "permissions": appPermissions(),
		"events": []string{"push", "create", "delete", "repository"}, "repository_selection": "selected",
		"created_at": in.createdAt.UTC().Format(time.RFC3339), "updated_at": in.createdAt.UTC().Format(time.RFC3339),
		"single_file_name": nil, "suspended_at": nil, "suspended_by": nil,
	}
	if in.suspendedAt != nil {
		value["suspended_at"] = in.suspendedAt.UTC().Format(time.RFC3339)
		value["suspended_by"] = ownerJSON(base, in.account)
	}
	return value
}
