package github

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Repository is what the sync needs to know of a repository. ID is the key:
// names change.
type Repository struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	Private       bool   `json:"private"`
	Archived      bool   `json:"archived"`
}

// Repository reads a repository by its id.
func (i *Installation) Repository(ctx context.Context, id int64) (Repository, error) {
	var r Repository
	res, err := i.get(ctx, "repository", "repositories/"+strconv.FormatInt(id, 10), nil)
	if err != nil {
		return r, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&r); err != nil {
		return r, &Error{Op: "repository", Class: Retry, Reason: "the answer could not be decoded", err: err}
	}
	return r, nil
}

// Head is a branch's commit.
type Head struct {
	SHA         string
	NotModified bool // it still is the known one; such an answer costs no quota
}

// Head reads a branch's commit, conditionally when knownSHA is not empty.
// ErrEmptyRepository for a repository without commits, ErrNotFound without the branch.
func (i *Installation) Head(ctx context.Context, fullName, branch, knownSHA string) (Head, error) {
	header := http.Header{"Accept": {"application/vnd.github.sha"}}
	if knownSHA != "" {
		header.Set("If-None-Match", strconv.Quote(knownSHA))
	}
	res, err := i.get(ctx, "head", "repos/"+fullName+"/commits/"+url.PathEscape("heads/"+branch), header)
	if err != nil {
		return Head{}, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotModified {
		return Head{SHA: knownSHA, NotModified: true}, nil
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	sha := strings.TrimSpace(string(b))
	if err != nil || len(sha) != 40 {
		return Head{}, &Error{Op: "head", Class: Retry, Reason: "the answer is not a commit SHA", err: err}
	}
	return Head{SHA: sha}, nil
}
