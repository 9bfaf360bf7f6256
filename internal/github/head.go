package github

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Head is a branch's commit.
type Head struct {
	SHA         string
	NotModified bool // it still is the known one; such an answer costs no quota
}

// Head reads a branch's commit, conditionally when knownSHA is not empty.
// ErrEmptyRepository for a repository without commits, ErrNotFound without the
// repository or the branch.
func (i *Installation) Head(ctx context.Context, fullName, branch, knownSHA string) (Head, error) {
	header := http.Header{"Accept": {"application/vnd.github.sha"}}
	if knownSHA != "" {
		header["If-None-Match"] = []string{strconv.Quote(knownSHA)}
	}
	// "heads/" so that no tag of that name can answer.
	res, err := i.send(ctx, request{op: opHead, path: repoPath(fullName, "commits/"+url.PathEscape("heads/"+branch)), header: header})
	if err != nil {
		return Head{}, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified {
		return Head{SHA: knownSHA, NotModified: true}, nil
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	if err != nil {
		return Head{}, brokenOff(opHead, err)
	}
	sha := strings.TrimSpace(string(b))
	if !isSHA(sha) {
		return Head{}, &Error{Op: opHead, Status: res.StatusCode, Class: Retry, Reason: "the answer is not a commit SHA"}
	}
	return Head{SHA: sha}, nil
}

// isSHA reports whether s is an object name, SHA-1 or SHA-256, in full.
func isSHA(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}
