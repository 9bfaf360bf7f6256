package sync

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// stageBatch is how many tree entries are held at a time [10].
const stageBatch = 1000

// stageTree lists the pinned commit's tree into the staging table. A truncated
// listing is walked directory by directory; each finished directory is a
// checkpoint, and an attempt that has worked long enough asks for another one.
func (p *plan) stageTree(ctx context.Context) error {
	if p.run.Commit == "" { // an empty repository has no tree
		return p.markWalked(ctx, "")
	}
	if err := p.store.StageSubtrees(ctx, p.run.ID, []store.Subtree{{Path: "", SHA: p.run.Commit}}); err != nil {
		return err
	}
	for {
		next, err := p.store.NextSubtree(ctx, p.run.ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		bytes, err := p.stageSubtree(ctx, next)
		if err != nil {
			return err
		}
		if err := p.store.SubtreeDone(ctx, p.run.ID, next.Path, bytes); err != nil {
			return err
		}
		if err := p.checkpoint(ctx); err != nil {
			return err
		}
	}
}

func (p *plan) markWalked(ctx context.Context, dir string) error {
	if err := p.store.StageSubtrees(ctx, p.run.ID, []store.Subtree{{Path: dir}}); err != nil {
		return err
	}
	return p.store.SubtreeDone(ctx, p.run.ID, dir, 0)
}

func (p *plan) checkpoint(ctx context.Context) error {
	if p.leaseless {
		return nil
	}
	held, err := p.store.RenewLease(ctx, p.repo.ID, p.job.ID, time.Now().Add(p.opts.LeaseDuration))
	if err != nil {
		return err
	}
	if !held || time.Since(p.started) > p.opts.CheckpointTime {
		return &Wait{After: 0, Reason: "the listing goes on from its checkpoint"}
	}
	return nil
}

func (p *plan) stageSubtree(ctx context.Context, dir store.Subtree) (bytes int64, err error) {
	bytes, truncated, err := p.list(ctx, dir, true)
	if err != nil || !truncated {
		return bytes, err
	}
	bytes, truncated, err = p.list(ctx, dir, false)
	if err == nil && truncated { // what it leaves out must not count as gone [7]
		err = fmt.Errorf("list the directory %q of %s at %s: GitHub shows only a part of it; split it into smaller ones", dir.Path, p.repo.FullName, p.run.Commit)
	}
	return bytes, err
}

// list stages the files of one listing and gives the bytes of all that it names;
// not recursive, it also leaves the directories to walk.
func (p *plan) list(ctx context.Context, dir store.Subtree, recursive bool) (bytes int64, truncated bool, err error) {
	var files []store.TreeEntry
	var trees []store.Subtree
	flush := func() error {
		if err := p.store.StageTree(ctx, p.run.ID, files); err != nil {
			return err
		}
		files = files[:0]
		return nil
	}
	info, err := p.src.Tree(ctx, p.repo.FullName, dir.SHA, recursive, func(e github.TreeEntry) error {
		full := path.Join(dir.Path, e.Path)
		if len(full) > repoconfig.MaxPathBytes {
			p.log.WarnContext(ctx, "a path is too long and left out", "repo_id", p.repo.ID, "run_id", p.run.ID, "bytes", len(full), "begins", full[:80])
			return nil
		}
		if e.Type == "tree" {
			if !recursive {
				trees = append(trees, store.Subtree{Path: full, SHA: e.SHA})
			}
			return nil
		}
		bytes += e.Size
		config := repoconfig.IsConfigPath(full) && isRegular(e.Mode)
		if !config && !isMarkdown(full) {
			return nil
		}
		files = append(files, store.TreeEntry{Path: full, Blob: e.SHA, Mode: e.Mode, Size: e.Size, Config: config})
		if len(files) == stageBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	if err := flush(); err != nil {
		return 0, false, err
	}
	return bytes, info.Truncated, p.store.StageSubtrees(ctx, p.run.ID, trees)
}

// isMarkdown is the first sieve of a listing; the configuration's globs follow.
func isMarkdown(p string) bool {
	ext := strings.ToLower(path.Ext(p))
	return ext == ".md" || ext == ".markdown"
}
