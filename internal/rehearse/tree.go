package rehearse

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

const (
	modeRegular = "100644"
	draftsDir   = "drafts/" // what configurations exclude
)

// treeEntry is one file of a commit.
type treeEntry struct {
	mode, blob, path string
	size             int64 // in bytes, 0 for a submodule
}

// listTree lists a commit's files.
func listTree(r *gitfixture.Repo, commit string) ([]treeEntry, error) {
	out, err := r.Git("ls-tree", "-r", "-l", "-z", commit)
	if err != nil {
		return nil, err
	}
	var list []treeEntry
	for line := range strings.SplitSeq(out, "\x00") {
		meta, file, ok := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		if ok && len(fields) == 4 {
			size, _ := strconv.ParseInt(fields[3], 10, 64) // "-" of a submodule
			list = append(list, treeEntry{mode: fields[0], blob: fields[2], path: file, size: size})
		}
	}
	return list, nil
}

func isMarkdown(p string) bool {
	ext := strings.ToLower(path.Ext(p))
	return ext == ".md" || ext == ".markdown"
}

// readConfig reads the configuration files of a commit.
func readConfig(r *gitfixture.Repo, commit string) (map[string][]byte, error) {
	entries, err := listTree(r, commit)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !repoconfig.IsConfigPath(e.path) || !strings.HasPrefix(e.mode, "100") {
			continue
		}
		content, err := r.Git("cat-file", "blob", e.blob)
		if err != nil {
			return nil, err
		}
		files[e.path] = []byte(content)
	}
	return files, nil
}

// expectation is what the tables must hold, known from git alone.
type expectation struct {
	branch, head string
	blobs        map[string]string // path -> blob
}

// expect works out which branch is followed and which of its paths count.
func expect(r *gitfixture.Repo, defaultBranch string) (*expectation, error) {
	files, err := readConfig(r, "refs/heads/"+defaultBranch)
	if err != nil {
		return nil, fmt.Errorf("read the default branch's configuration: %w", err)
	}
	e := &expectation{branch: repoconfig.Load(files).Branch, blobs: map[string]string{}}
	if e.branch == "" || e.branch == defaultBranch {
		e.branch = defaultBranch
	} else {
		own := files[repoconfig.Path]
		if files, err = readConfig(r, "refs/heads/"+e.branch); err != nil {
			return nil, fmt.Errorf("read the followed branch's configuration: %w", err)
		}
		delete(files, repoconfig.Path)
		if own != nil {
			files[repoconfig.Path] = own
		}
	}
	if e.head, err = r.Git("rev-parse", "--verify", "refs/heads/"+e.branch); err != nil {
		return nil, err
	}
	config := repoconfig.Load(files)
	entries, err := listTree(r, e.head)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if isMarkdown(entry.path) && config.Selects(entry.path) {
			e.blobs[entry.path] = entry.blob
		}
	}
	return e, nil
}
