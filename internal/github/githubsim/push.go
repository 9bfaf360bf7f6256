package githubsim

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Limits of a push payload. Source: GitHub's OpenAPI description, webhook-push.
const (
	maxPushCommits     = 2048
	maxPushCommitFiles = 3000
)

// zeroSHA stands for "no commit": before a branch's creation, after its deletion.
const zeroSHA = "0000000000000000000000000000000000000000"

// Push sends the push event of a ref (full name) that moved from before to
// after; 40 zeros, or the empty string, mean that it was created or deleted.
// Nothing is sent when both are equal, when no active installation reaches the
// repository, or (as on GitHub) when the payload exceeds 25 MB.
func (s *Server) Push(ctx context.Context, repositoryID int64, ref, before, after string) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	if before == "" {
		before = zeroSHA
	}
	if after == "" {
		after = zeroSHA
	}
	others := repo.tell(ref, after)
	in := s.installationOf(repositoryID)
	if before == after || in == nil {
		return nil
	}
	payload, err := s.pushPayload(ctx, repo, in, move{ref: ref, before: before, after: after, others: others})
	if err != nil {
		return fmt.Errorf("push %s: %w", ref, err)
	}
	err = s.send(ctx, in, "push", payload)
	if errors.Is(err, ErrPayloadTooLarge) {
		s.config.Logger.Warn("push not sent", "repo_id", repositoryID, "ref", ref, "err", err)
		return nil
	}
	return err
}

// tell notes what webhooks have now said about a ref and returns the objects of
// all other refs.
func (repo *repository) tell(ref, after string) (others []string) {
	repo.refsMu.Lock()
	defer repo.refsMu.Unlock()
	if after == zeroSHA {
		delete(repo.seen, ref)
	} else {
		repo.seen[ref] = after
	}
	for name, sha := range repo.seen {
		if name != ref {
			others = append(others, sha)
		}
	}
	return others
}

// move is one ref's change. others are the objects of the repository's other
// refs: commits they reach are not new to GitHub.
type move struct {
	ref, before, after string
	others             []string
}

func (m move) created() bool { return m.before == zeroSHA }
func (m move) deleted() bool { return m.after == zeroSHA }
func (m move) tag() bool     { return strings.HasPrefix(m.ref, "refs/tags/") }

type pushPayload struct {
	Ref          string         `json:"ref"`
	Before       string         `json:"before"`
	After        string         `json:"after"`
	Repository   map[string]any `json:"repository"`
	Pusher       map[string]any `json:"pusher"`
	Sender       map[string]any `json:"sender"`
	Installation map[string]any `json:"installation"`
	Created      bool           `json:"created"`
	Deleted      bool           `json:"deleted"`
	Forced       bool           `json:"forced"`
	BaseRef      *string        `json:"base_ref"`
	Compare      string         `json:"compare"`
	Commits      []pushCommit   `json:"commits"`
	HeadCommit   *pushCommit    `json:"head_commit"`
}

type pushCommit struct {
	ID        string     `json:"id"`
	TreeID    string     `json:"tree_id"`
	Distinct  bool       `json:"distinct"`
	Message   string     `json:"message"`
	Timestamp string     `json:"timestamp"`
	URL       string     `json:"url"`
	Author    pushPerson `json:"author"`
	Committer pushPerson `json:"committer"`
	Added     []string   `json:"added"`
	Removed   []string   `json:"removed"`
	Modified  []string   `json:"modified"`
}

type pushPerson struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

func (s *Server) pushPayload(ctx context.Context, repo *repository, in *installation, m move) (*pushPayload, error) {
	base := s.URL()
	owner, name, _ := s.names(repo)
	page := base + "/" + owner + "/" + name
	p := &pushPayload{
		Ref: m.ref, Before: m.before, After: m.after, Created: m.created(), Deleted: m.deleted(),
		Repository: s.pushRepository(base, repo), Sender: ownerJSON(base, owner),
		Installation: map[string]any{"id": in.id, "node_id": fmt.Sprintf("I_%d", in.id)},
		Pusher:       map[string]any{"name": owner, "email": (&mail.Address{Address: owner + "@users.noreply.localhost"}).Address},
		Compare:      page + "/compare/" + m.before[:12] + "..." + m.after[:12], Commits: []pushCommit{},
	}
	if m.deleted() {
		return p, nil
	}
	if err := repo.git.fillPush(ctx, p, m); err != nil {
		return nil, err
	}
	for i := range p.Commits {
		p.Commits[i].URL = page + "/commit/" + p.Commits[i].ID
	}
	if p.HeadCommit != nil {
		p.HeadCommit.URL = page + "/commit/" + p.HeadCommit.ID
	}
	return p, nil
}

// fillPush adds what only the repository knows: the commits and the force flag.
func (g *gitDir) fillPush(ctx context.Context, p *pushPayload, m move) error {
	p.Forced = !m.created() && !g.isAncestor(ctx, m.before, m.after)
	head, err := g.commits(ctx, "-1", m.after)
	if err != nil {
		return err
	}
	if len(head) == 1 {
		head[0].Distinct = true
		p.HeadCommit = &head[0]
	}
	if m.tag() {
		return nil
	}
	excluded := []string{m.before}
	if m.created() || !g.has(ctx, m.before) {
		excluded = m.others
	}
	if p.Commits, err = g.commits(ctx, fmt.Sprintf("-%d", maxPushCommits), m.after, excluded...); err != nil {
		return err
	}
	return g.markDistinct(ctx, p.Commits, m)
}

// pushRepository is the repository as push events carry it: created_at and
// pushed_at are integers there.
func (s *Server) pushRepository(base string, repo *repository) map[string]any {
	value := s.repositoryJSON(base, repo)
	value["created_at"] = repo.createdAt.Unix()
	value["pushed_at"] = s.now().Unix()
	value["updated_at"] = s.now().UTC().Format(time.RFC3339)
	value["master_branch"] = value["default_branch"]
	return value
}
