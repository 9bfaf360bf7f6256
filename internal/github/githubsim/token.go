package githubsim

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	tokenLife            = time.Hour
	maxTokenRepositories = 500
	tokenRandomBytes     = 300 // 400 characters, the length of GitHub's newer tokens
)

// appPermissions are what the App was granted by every owner.
func appPermissions() map[string]string {
	return map[string]string{"contents": "read", "metadata": "read", "checks": "write"}
}

// token is an installation access token. It never changes once issued.
type token struct {
	installationID int64
	repositories   map[int64]bool // nil means all of the installation
	permissions    map[string]string
	expires        time.Time
}

type tokenRequest struct {
	Repositories  []string          `json:"repositories"`
	RepositoryIDs []int64           `json:"repository_ids"`
	Permissions   map[string]string `json:"permissions"`
}

// createToken is POST /app/installations/{id}/access_tokens.
func (s *Server) createToken(c *call) error {
	id, err := c.pathID("installation_id")
	if err != nil {
		return err
	}
	var wanted tokenRequest
	if err := json.NewDecoder(c.r.Body).Decode(&wanted); err != nil && err != io.EOF {
		return failure(http.StatusBadRequest, "Problems parsing JSON")
	}
	s.mu.Lock()
	in, issued, err := s.issueLocked(id, wanted)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	value, err := s.newTokenValue()
	if err != nil {
		s.mu.Unlock()
		return err
	}
	s.tokens[value] = issued
	s.mu.Unlock()

	answer := map[string]any{
		"token": value, "expires_at": issued.expires.UTC().Format(time.RFC3339), "permissions": issued.permissions,
		"repository_selection": "selected",
	}
	if issued.repositories != nil {
		answer["repositories"] = s.repositoriesJSON(c, func(repo *repository) bool { return issued.repositories[repo.id] })
	}
	s.config.Logger.Debug("installation token issued", "installation_id", in.id)
	return writeJSON(c.w, c.r, http.StatusCreated, answer)
}

func (s *Server) issueLocked(id int64, wanted tokenRequest) (*installation, *token, error) {
	in, ok := s.installations[id]
	if !ok {
		return nil, nil, notFound()
	}
	if in.suspendedAt != nil {
		return nil, nil, errSuspended()
	}
	issued := &token{installationID: id, permissions: appPermissions(), expires: s.now().Add(tokenLife)}
	if len(wanted.Permissions) > 0 {
		for name, level := range wanted.Permissions {
			if !permits(issued.permissions[name], level) {
				return nil, nil, unprocessable("The permissions requested are not granted to this installation.")
			}
		}
		issued.permissions = maps.Clone(wanted.Permissions)
		issued.permissions["metadata"] = cmp.Or(issued.permissions["metadata"], "read")
	}
	if len(wanted.RepositoryIDs)+len(wanted.Repositories) == 0 {
		return in, issued, nil
	}
	selected, err := s.selectLocked(in, wanted)
	issued.repositories = selected
	return in, issued, err
}

// selectLocked turns the requested names and ids into repositories of the
// installation.
func (s *Server) selectLocked(in *installation, wanted tokenRequest) (map[int64]bool, error) {
	ids := slices.Clone(wanted.RepositoryIDs)
	for _, name := range wanted.Repositories {
		for id := range in.repositories {
			if strings.EqualFold(s.repositories[id].name, name) {
				ids = append(ids, id)
			}
		}
	}
	selected := map[int64]bool{}
	for _, id := range ids {
		selected[id] = true
		if !in.repositories[id] {
			ids = nil
			break
		}
	}
	if len(ids) < len(wanted.RepositoryIDs)+len(wanted.Repositories) {
		return nil, unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
	}
	if len(ids) > maxTokenRepositories {
		return nil, unprocessable(fmt.Sprintf("A token can be scoped to at most %d repositories.", maxTokenRepositories))
	}
	return selected, nil
}

// newTokenValue has the shape of the tokens issued since 2026: longer than the
// former 40 characters, with the App id in front. Clients must not look inside.
func (s *Server) newTokenValue() (string, error) {
	random := make([]byte, tokenRandomBytes)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return fmt.Sprintf("ghs_%d_%s", s.config.AppID, base64.RawURLEncoding.EncodeToString(random)), nil
}

// grants tells whether a token reaches a repository at this moment.
func (s *Server) grants(t *token, repositoryID int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.installations[t.installationID]
	return ok && in.repositories[repositoryID] && (t.repositories == nil || t.repositories[repositoryID])
}
