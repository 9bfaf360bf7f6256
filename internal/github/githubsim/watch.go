package githubsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of one push of many refs. Source: GitHub's OpenAPI description,
// webhook-push.
const (
	maxPushedBranches = 5000
	maxPushedTags     = 3
)

// Watch polls the repository's refs and sends a push webhook for each branch or
// tag that moved since AddRepository, the last Push or the last poll. It blocks
// until ctx ends and then returns nil. A poll that fails is logged and repeated;
// a delivery that fails is lost, as on GitHub (see Redeliver).
func (s *Server) Watch(ctx context.Context, repositoryID int64, every time.Duration) error {
	repo, err := s.byID(repositoryID)
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	if every <= 0 {
		return errors.New("watch: the interval must be positive")
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := s.poll(ctx, repo); err != nil && ctx.Err() == nil {
			s.config.Logger.Warn("poll of the repository failed", "repo_id", repositoryID, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// poll sends one push per ref that moved.
func (s *Server) poll(ctx context.Context, repo *repository) error {
	refs, err := repo.git.refs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range repo.moves(refs) {
		if m.silent {
			repo.tell(m.ref, m.after)
			continue
		}
		errs = append(errs, s.Push(ctx, repo.id, m.ref, m.before, m.after))
	}
	return errors.Join(errs...)
}

// refMove is a ref that changed; silent when GitHub would send nothing because
// too many changed at once.
type refMove struct {
	ref, before, after string
	silent             bool
}

// moves compares the refs with what webhooks have told, sorted by name.
func (repo *repository) moves(refs map[string]string) []refMove {
	repo.refsMu.Lock()
	defer repo.refsMu.Unlock()
	var moved []refMove
	for ref, after := range refs {
		if before := repo.seen[ref]; before != after {
			moved = append(moved, refMove{ref: ref, before: before, after: after})
		}
	}
	for ref, before := range repo.seen {
		if _, exists := refs[ref]; !exists {
			moved = append(moved, refMove{ref: ref, before: before, after: zeroSHA})
		}
	}
	tags := 0
	for _, m := range moved {
		if strings.HasPrefix(m.ref, "refs/tags/") {
			tags++
		}
	}
	for i, m := range moved {
		if strings.HasPrefix(m.ref, "refs/tags/") {
			moved[i].silent = tags > maxPushedTags
		} else {
			moved[i].silent = len(moved)-tags > maxPushedBranches
		}
	}
	slices.SortFunc(moved, func(a, b refMove) int { return strings.Compare(a.ref, b.ref) })
	return moved
}
