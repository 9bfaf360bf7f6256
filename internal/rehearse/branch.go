package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

var branchKinds = []kind{
	{"amend", "history", 4, amend},
	{"reset-back", "history", 4, resetBack},
	{"revert", "history", 2, revert},
	{"rewrite", "history", 2, rewrite},
	{"commit-vanishes", "history", 2, vanish},
	{"merge", "history", 3, merge(false)},
	{"evil-merge", "history", 3, merge(true)},
	{"many-commits", "history", 2, manyCommits},
	{"other-branch", "history", 2, otherBranch},
	{"tag", "history", 1, tag},
	{"switch-default", "history", 2, switchDefault},
	{"rename-default", "history", 2, renameDefault},
	{"follow-branch", "history", 2, followBranch},
	{"branch-recreated", "history", 2, recreateBranch},
}

// pushCurrent tells GitHub's news of the branch that is checked out.
func (w *world) pushCurrent(ctx context.Context) error {
	branch, err := w.current()
	if err != nil {
		return err
	}
	return w.push(ctx, branch)
}

// amend replaces the newest commit by another one.
func amend(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 {
		return "", err
	}
	if err := w.write(files[0], w.vault.page(w.read(files[0]), rng)); err != nil {
		return "", err
	}
	if _, err := w.git.Git("add", "-A", "--force", "."); err != nil {
		return "", err
	}
	if _, err := w.git.Git("commit", "-q", "--amend", "--allow-empty", "-m", fmt.Sprintf("Amended %d", rng.Uint32())); err != nil {
		return "", err
	}
	return files[0], w.pushCurrent(ctx)
}

// back names a commit up to n before the newest, "" when there is none in this
// rehearsal: the base's own past may lack files that are never to be missing.
func (w *world) back(n int) string {
	base, err := w.git.Git("rev-parse", "--verify", "-q", "refs/tags/"+baseTag)
	if err != nil {
		return ""
	}
	for ; n > 0; n-- {
		revision := fmt.Sprintf("HEAD~%d", n)
		if _, err := w.git.Git("merge-base", "--is-ancestor", base, revision); err == nil {
			return revision
		}
	}
	return ""
}

// resetBack forces the branch to older content, whose newer version may still be retried.
func resetBack(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	revision := w.back(1 + rng.IntN(5))
	if revision == "" {
		return "", nil
	}
	if err := w.git.Reset(revision); err != nil {
		return "", err
	}
	return "to " + revision, w.pushCurrent(ctx)
}

// revert commits older content as new.
func revert(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	revision := w.back(1 + rng.IntN(4))
	if revision == "" {
		return "", nil
	}
	if _, err := w.git.Git("read-tree", "-u", "--reset", revision); err != nil {
		return "", err
	}
	return "to " + revision, w.commit(ctx, rng, "Revert to "+revision)
}

// rewrite forces the branch to other commits with the same content.
func rewrite(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	tree, err := w.git.Git("rev-parse", "HEAD^{tree}")
	if err != nil {
		return "", err
	}
	parent := w.back(1 + rng.IntN(3))
	if parent == "" {
		return "", nil
	}
	commit, err := w.git.Git("commit-tree", tree, "-p", parent, "-m", fmt.Sprintf("Rewritten %d", rng.Uint32()))
	if err != nil {
		return "", err
	}
	if err := w.git.Reset(commit); err != nil {
		return "", err
	}
	return "onto " + parent, w.pushCurrent(ctx)
}

// vanish forces the newest commits away and has GitHub collect them at once.
func vanish(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	what, err := resetBack(w, ctx, rng)
	if err != nil || what == "" {
		return "", err
	}
	for _, args := range [][]string{{"reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"}, {"update-ref", "-d", "ORIG_HEAD"}, {"prune", "--expire=now"}} {
		if _, err := w.git.Git(args...); err != nil {
			return "", err
		}
	}
	return what + ", the rest is pruned", nil
}

// merge merges a side branch; an evil one changes a file that neither side did.
func merge(evil bool) func(*world, context.Context, *rand.Rand) (string, error) {
	return func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		files, err := w.some(rng, 2)
		base, herr := w.git.Head()
		branch, berr := w.current()
		if err != nil || herr != nil || berr != nil || len(files) < 2 {
			return "", err
		}
		if _, err := w.git.Git("checkout", "-q", "--detach"); err != nil {
			return "", err
		}
		if err := w.write(files[0], w.vault.page(w.read(files[0]), rng)); err != nil {
			return "", err
		}
		side, err := w.git.Commit("On the side")
		if err != nil {
			return "", err
		}
		if err := w.git.Branch(branch); err != nil {
			return "", err
		}
		if _, err := w.git.Git("merge", "-q", "--no-ff", "--no-commit", side); err != nil {
			return "", err
		}
		if evil {
			if err := w.write(files[1], w.vault.page(w.read(files[1]), rng)); err != nil {
				return "", err
			}
			w.net.doom(thinned)
		}
		if _, err := w.git.Commit("Merge"); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s into %.8s, evil %v in %s", files[0], base, evil, files[1]), w.pushCurrent(ctx)
	}
}

// manyCommits come in one push.
func manyCommits(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	n := 2 + rng.IntN(5)
	for range n {
		files, err := w.some(rng, 1+rng.IntN(3))
		if err != nil || len(files) == 0 {
			return "", err
		}
		for _, f := range files {
			if err := w.write(f, w.vault.page(w.read(f), rng)); err != nil {
				return "", err
			}
		}
		if _, err := w.git.Commit("One of many"); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d commits in one push", n), w.pushCurrent(ctx)
}

// otherBranch pushes to a branch that nobody follows.
func otherBranch(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	back, err := w.current()
	if err != nil {
		return "", err
	}
	const branch = "elsewhere"
	if back == branch {
		return "", nil
	}
	if err := w.git.Branch(branch); err != nil {
		return "", err
	}
	if err := w.write("pages/Elsewhere.md", w.vault.page("", rng)); err != nil {
		return "", err
	}
	if _, err := w.git.Commit("Elsewhere"); err != nil {
		return "", err
	}
	if err := w.push(ctx, branch); err != nil {
		return "", err
	}
	return branch, w.git.Branch(back)
}

func tag(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	head, err := w.git.Head()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("v%d", rng.Uint32())
	if _, err := w.git.Git("tag", name); err != nil {
		return "", err
	}
	return name, w.sim.Push(ctx, w.repo, "refs/tags/"+name, "", head)
}

// branchOff checks a branch out, made from here if it is new, and pushes it.
func (w *world) branchOff(ctx context.Context, branch string) error {
	if err := w.git.Branch(branch); err != nil {
		return err
	}
	return w.push(ctx, branch)
}

// switchDefault makes another branch GitHub's default one.
func switchDefault(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	branch := []string{w.stage.branch, "next"}[rng.IntN(2)]
	if branch == w.defaultBranch {
		return "", nil
	}
	w.oneBranch = false
	if err := w.branchOff(ctx, branch); err != nil {
		return "", err
	}
	w.defaultBranch = branch
	if err := w.sim.SetDefaultBranch(ctx, w.repo, branch); err != nil {
		return "", err
	}
	return branch, nil
}

// renameDefault gives the default branch another name. Which pushes GitHub sends then
// is not documented: here both, or none.
func renameDefault(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	from, to := w.defaultBranch, fmt.Sprintf("trunk-%d", rng.IntN(3))
	if _, err := w.git.Git("rev-parse", "--verify", "-q", "refs/heads/"+to); err == nil {
		return "", nil // taken
	}
	w.oneBranch = false
	if _, err := w.git.Git("branch", "-m", from, to); err != nil {
		return "", err
	}
	w.defaultBranch = to
	if rng.IntN(2) == 0 {
		for _, branch := range []string{to, from} {
			if err := w.push(ctx, branch); err != nil {
				return "", err
			}
		}
	} else if told, ok := w.pushed[from]; ok {
		delete(w.pushed, from)
		w.pushed[to] = told
	}
	return from + " to " + to, w.sim.SetDefaultBranch(ctx, w.repo, to)
}

// followBranch names another branch in .kgsync.yml, or none any more.
func followBranch(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	w.oneBranch = false
	content, where := "", w.defaultBranch
	if rng.IntN(2) == 0 {
		where = "published"
		content = "branch: " + where + "\n"
		if _, err := w.git.Git("rev-parse", "--verify", "-q", "refs/heads/"+where); err != nil {
			if err := w.branchOff(ctx, where); err != nil {
				return "", err
			}
		}
	}
	err := w.onDefault(func() error {
		if err := w.write(".kgsync.yml", content); err != nil {
			return err
		}
		if _, err := w.git.Commit("Follow " + where); err != nil {
			return err
		}
		return w.pushCurrent(ctx)
	})
	if err != nil {
		return "", err
	}
	return where, w.git.Branch(where)
}

// keepBranchKey keeps the branch that .kgsync.yml names when the rest of it changes.
func (w *world) keepBranchKey(content *string) error {
	old := w.read(".kgsync.yml")
	named := repoconfig.Load(map[string][]byte{repoconfig.Path: []byte(old)}).Branch
	if named != "" && !strings.Contains(*content, "[\n") {
		*content += "branch: " + named + "\n"
	}
	return nil
}

// recreateBranch deletes the branch that is followed and pushes it anew, elsewhere.
func recreateBranch(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	branch, err := w.current()
	if err != nil {
		return "", err
	}
	head, err := w.git.Head()
	if err != nil {
		return "", err
	}
	if _, err := w.git.Git("checkout", "-q", "--detach"); err != nil {
		return "", err
	}
	if err := w.git.DeleteBranch(branch); err != nil {
		return "", err
	}
	if err := w.push(ctx, branch); err != nil {
		return "", err
	}
	if err := pause(ctx, rng); err != nil {
		return "", err
	}
	if _, err := w.git.Git("checkout", "-q", "-b", branch); err != nil {
		return "", err
	}
	files, err := w.some(rng, 2)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if err := w.write(f, w.vault.page(w.read(f), rng)); err != nil {
			return "", err
		}
	}
	if _, err := w.git.Commit("Created again"); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s at %.8s", branch, head), w.push(ctx, branch)
}
