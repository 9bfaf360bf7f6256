package githubsim

import (
	"context"
	"fmt"
	"strings"
)

// commitFormat prints one commit's fields, NUL between them (git-log(1), -z).
const (
	commitFormat = "--format=%x01%H%x00%T%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B%x00"
	commitFields = 8
)

// isAncestor tells whether the old commit is contained in the new one; a commit
// that is gone is not.
func (g *gitDir) isAncestor(ctx context.Context, old, current string) bool {
	_, err := g.run(ctx, "merge-base", "--is-ancestor", old, current)
	return err == nil
}

func (g *gitDir) has(ctx context.Context, sha string) bool {
	_, err := g.run(ctx, "cat-file", "-e", sha+"^{commit}")
	return err == nil
}

// commits lists the newest commits reachable from tip and not from excluded,
// oldest first, each with the files it changed against its first parent.
func (g *gitDir) commits(ctx context.Context, limit, tip string, excluded ...string) ([]pushCommit, error) {
	out, err := g.runInput(ctx, revisions(tip, excluded), "log", limit, "--topo-order", "--reverse", "--ignore-missing", "--stdin",
		"--diff-merges=first-parent", "--no-renames", "--no-ext-diff", "--no-mailmap", "--no-color", "--no-decorate", "--no-notes",
		"--name-status", "-z", commitFormat)
	if err != nil {
		return nil, fmt.Errorf("list commits: %w", err)
	}
	list := []pushCommit{}
	tokens := strings.Split(string(out), "\x00")
	for i := 0; i < len(tokens); {
		sha, ok := strings.CutPrefix(strings.TrimLeft(tokens[i], "\n"), "\x01")
		if !ok {
			i++ // the separator between commits
			continue
		}
		if i+commitFields > len(tokens) {
			return nil, fmt.Errorf("list commits: output ends inside commit %s", sha)
		}
		commit := newPushCommit(sha, tokens[i+1:i+commitFields])
		i = commit.readFiles(tokens, i+commitFields)
		list = append(list, commit)
	}
	return list, nil
}

func newPushCommit(sha string, fields []string) pushCommit {
	return pushCommit{
		ID: sha, TreeID: fields[0],
		Author:    pushPerson{Name: fields[1], Email: fields[2]},
		Committer: pushPerson{Name: fields[3], Email: fields[4]},
		Timestamp: fields[5], Message: strings.TrimRight(fields[6], "\n"),
		Added: []string{}, Removed: []string{}, Modified: []string{},
	}
}

// readFiles reads "status NUL path NUL" pairs up to the next commit, at most
// 3,000 of them into the payload, and returns where it stopped.
func (c *pushCommit) readFiles(tokens []string, i int) int {
	for reported := 0; i+1 < len(tokens); i += 2 {
		status := strings.TrimLeft(tokens[i], "\n")
		if status == "" && strings.HasPrefix(tokens[i+1], "\x01") || strings.HasPrefix(status, "\x01") {
			return i
		}
		if status == "" {
			i-- // git puts an empty field between a message and its files
			continue
		}
		if reported++; reported > maxPushCommitFiles {
			continue
		}
		switch path := tokens[i+1]; status[0] {
		case 'A':
			c.Added = append(c.Added, path)
		case 'D':
			c.Removed = append(c.Removed, path)
		default: // M, and T: a file became a symlink or back
			c.Modified = append(c.Modified, path)
		}
	}
	return len(tokens)
}

// markDistinct marks the commits that no other ref held before the push.
func (g *gitDir) markDistinct(ctx context.Context, commits []pushCommit, m move) error {
	excluded := m.others
	if !m.created() {
		excluded = append(excluded[:len(excluded):len(excluded)], m.before)
	}
	out, err := g.runInput(ctx, revisions(m.after, excluded), "rev-list", "--ignore-missing", "--stdin")
	if err != nil {
		return fmt.Errorf("list distinct commits: %w", err)
	}
	distinct := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		distinct[strings.TrimSpace(line)] = true
	}
	for i := range commits {
		commits[i].Distinct = distinct[commits[i].ID]
	}
	return nil
}

// revisions are the --stdin lines for "tip but not excluded". Standard input
// holds any number of refs, an argument list does not.
func revisions(tip string, excluded []string) []string {
	lines := []string{tip}
	for _, sha := range excluded {
		lines = append(lines, "^"+sha)
	}
	return lines
}
