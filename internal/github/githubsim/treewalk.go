package githubsim

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"path"
	"strings"
)

const (
	modeTree      = "40000" // as tree objects spell it
	modeSymlink   = "120000"
	modeSubmodule = "160000"

	shaBytes         = 20
	maxTreeReadBytes = 256 << 20
)

// node is one name in a tree object.
type node struct{ mode, sha string }

// find looks a path up from a tree, one tree object a level, without starting
// a process. The empty path is the tree itself; errNoObject if there is none.
func (g *gitDir) find(ctx context.Context, tree, filePath string) (node, error) {
	at := node{mode: modeTree, sha: tree}
	if filePath == "" {
		return at, nil
	}
	for _, name := range strings.Split(filePath, "/") {
		if at.mode != modeTree {
			return node{}, errNoObject
		}
		found, err := g.objects.read(ctx, at.sha, maxTreeReadBytes)
		if err != nil {
			return node{}, err
		}
		var ok bool
		if at, ok, err = childOf(found.data, name); err != nil {
			return node{}, err
		}
		if !ok {
			return node{}, errNoObject
		}
	}
	return at, nil
}

// childOf scans a tree object: "mode SP name NUL" and 20 bytes of SHA, repeated.
func childOf(tree []byte, name string) (node, bool, error) {
	for len(tree) > 0 {
		head, rest, ok := bytes.Cut(tree, []byte{0})
		mode, entry, spaced := bytes.Cut(head, []byte{' '})
		if !ok || !spaced || len(rest) < shaBytes {
			return node{}, false, errors.New("malformed tree object")
		}
		if string(entry) == name {
			return node{mode: string(mode), sha: hex.EncodeToString(rest[:shaBytes])}, true, nil
		}
		tree = rest[shaBytes:]
	}
	return node{}, false, nil
}

// follow returns the normal file that a symlink at linkPath leads to inside the
// tree; errNoObject if it leads elsewhere. Chains of links are followed a few
// steps, so that a circle ends.
func (g *gitDir) follow(ctx context.Context, tree, linkPath string, link node) (node, error) {
	const maxSteps = 8
	for range maxSteps {
		target, err := g.objects.read(ctx, link.sha, maxCommitBytes)
		if err != nil {
			return node{}, err
		}
		linkPath = path.Join(path.Dir(linkPath), string(target.data))
		if path.IsAbs(string(target.data)) || linkPath == ".." || strings.HasPrefix(linkPath, "../") {
			return node{}, errNoObject
		}
		if link, err = g.find(ctx, tree, linkPath); err != nil {
			return node{}, err
		}
		switch link.mode {
		case modeSymlink:
		case modeTree, modeSubmodule:
			return node{}, errNoObject
		default:
			return link, nil
		}
	}
	return node{}, errNoObject
}
