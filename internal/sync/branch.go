package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// Which branch is followed says .kgsync.yml on the default branch. While that is
// the default branch itself, the configuration comes with its tree and nothing
// here costs a request. Otherwise each plan reads the default branch's head and
// the file there. Reads lag behind webhooks there too, so what is read is held
// against what was pushed, and a change of the branch is looked at again by a settle.

// errNoRepository says that GitHub no longer shows us the repository.
var errNoRepository = errors.New("the repository cannot be read")

// defaultConfig is .kgsync.yml on the default branch.
type defaultConfig struct {
	commit  string
	blob    string // "" if there is none
	content []byte
}

func (c *defaultConfig) commitOrNone() string {
	if c == nil {
		return ""
	}
	return c.commit
}

// followsOther reports whether the followed branch is not the default one.
func (p *plan) followsOther() bool {
	return p.repo.Branch != "" && p.repo.Branch != p.repo.DefaultBranch
}

// readHead finds the followed branch and gives its commit, "" for a repository
// without any. The run has ended when the configuration names another branch.
func (p *plan) readHead(ctx context.Context) (string, error) {
	info, err := p.src.Repository(ctx, p.repo.ID)
	if errors.Is(err, github.ErrNotFound) {
		return "", fmt.Errorf("read repository %s: %w: %w", p.repo.FullName, errNoRepository, err)
	}
	if err != nil {
		return "", fmt.Errorf("read repository %s: %w", p.repo.FullName, err)
	}
	p.repo.FullName, p.repo.DefaultBranch = info.FullName, info.DefaultBranch
	branch, before := info.DefaultBranch, p.repo.Branch
	if p.followsOther() {
		if branch, err = p.namedBranch(ctx); err != nil {
			return "", err
		}
	}
	if p.leaseless {
		p.repo.Branch = branch
	} else {
		if before == "" {
			before = branch
		}
		if err := p.store.SetBranch(ctx, p.job.ID, p.repo.ID, info.FullName, info.DefaultBranch, before, info.Private, info.Archived); err != nil {
			return "", err
		}
		if branch != before {
			return "", p.follow(ctx, branch)
		}
		p.repo.Branch = branch
	}
	head, err := p.src.Head(ctx, info.FullName, branch, "")
	if errors.Is(err, github.ErrEmptyRepository) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the head of branch %s of %s: %w", branch, info.FullName, err)
	}
	return head.SHA, nil
}

// hintedHead is the short way of a settle after pushes only: where the branch that the push named
// still has the pushed commit, nothing else needs to be asked. Names and default branches
// that changed without an event are found by the listing. Otherwise it gives "",
// also for an error: the long way meets it again.
func (p *plan) hintedHead(ctx context.Context) string {
	if p.run.Trigger != "settle" || p.run.Whole || p.repo.HintSHA == "" || p.repo.Branch == "" || p.followsOther() {
		return ""
	}
	head, err := p.src.Head(ctx, p.repo.FullName, p.repo.Branch, "")
	if err != nil || head.SHA != p.repo.HintSHA {
		return ""
	}
	return head.SHA
}

// namedBranch gives the branch that .kgsync.yml on the default branch names.
func (p *plan) namedBranch(ctx context.Context) (string, error) {
	c, err := p.readDefaultConfig(ctx)
	if errors.Is(err, github.ErrEmptyRepository) {
		return p.repo.DefaultBranch, nil
	}
	if err != nil {
		return "", err
	}
	if named := repoconfig.Load(c.files()).Branch; named != "" {
		return named, nil
	}
	return p.repo.DefaultBranch, nil
}

func (c *defaultConfig) files() map[string][]byte {
	if c.blob == "" {
		return nil
	}
	return map[string][]byte{repoconfig.Path: c.content}
}

// readDefaultConfig reads .kgsync.yml at the default branch's head, once a plan.
func (p *plan) readDefaultConfig(ctx context.Context) (*defaultConfig, error) {
	if p.config != nil {
		return p.config, nil
	}
	head, err := p.src.Head(ctx, p.repo.FullName, p.repo.DefaultBranch, "")
	empty := errors.Is(err, github.ErrEmptyRepository)
	if err != nil && !empty {
		return nil, fmt.Errorf("read the head of the default branch of %s: %w", p.repo.FullName, err)
	}
	if expected := cmp.Or(p.repo.DefaultHint, p.repo.ConfigSHA); expected != "" && head.SHA != expected {
		if err := p.askAgain(ctx, "the default branch's head is not yet the pushed commit"); err != nil {
			return nil, err
		}
		p.believed = true
	}
	if empty {
		return nil, err
	}
	c := &defaultConfig{commit: head.SHA}
	entry, err := p.entryAt(ctx, p.src, p.repo.FullName, head.SHA, repoconfig.Path)
	if err == nil && isRegular(entry.Mode) {
		c.blob = entry.SHA
		c.content, err = p.src.Blob(ctx, p.repo.FullName, entry.SHA, maxConfigBytes)
	}
	if err != nil && !errors.Is(err, errGone) && !isTooLarge(err) { // those say nothing
		return nil, fmt.Errorf("read %s of %s: %w", repoconfig.Path, p.repo.FullName, err)
	}
	p.config = c
	return c, nil
}

// otherBranch gives the branch that the loaded configuration names, if it is not
// the one whose tree was staged.
func (p *plan) otherBranch(config *repoconfig.Config) string {
	named := config.Branch
	if named == "" {
		named = p.repo.DefaultBranch
	}
	if p.leaseless || p.repo.Branch == "" || named == p.repo.Branch {
		return ""
	}
	return named
}

// defaultHead is what the next plan shall expect the default branch's head to be: what a
// push has said and no plan has seen yet, or where .kgsync.yml was known before. Only where
// nothing is known it is what this plan read: a read that was believed against
// expectation would confirm itself.
func (p *plan) defaultHead(now *store.Repository) string {
	if !p.followsOther() {
		return cmp.Or(now.HintSHA, p.run.Commit)
	}
	return cmp.Or(now.DefaultHint, now.ConfigSHA, p.config.commitOrNone())
}

// follow ends the run and plans again, on the branch that the configuration names.
// Its pushes so far were not ours to hear, and reads of both branches may lag: a
// settle looks again.
func (p *plan) follow(ctx context.Context, branch string) error {
	return p.ifOpen(ctx, func(tx pgx.Tx, repo *store.Repository) error {
		if err := store.Follow(ctx, tx, repo.ID, branch, p.defaultHead(repo)); err != nil {
			return err
		}
		repo.SettleSince = nil // one that is due already would be this run's successor
		if err := p.settleLater(ctx, tx, repo, true); err != nil {
			return err
		}
		return p.endSuperseded(ctx, tx, repo, "the configuration names branch "+branch, true)
	})
}
