package github

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // git's own object name
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

var rawHeader = http.Header{"Accept": {"application/vnd.github.raw+json"}}

// Blob reads a blob's bytes. ErrTooLarge over the limit, ErrNotFound without it.
func (i *Installation) Blob(ctx context.Context, fullName, sha string, limit int64) ([]byte, error) {
	return i.raw(ctx, "blob", "repos/"+fullName+"/git/blobs/"+url.PathEscape(sha), limit)
}

// File reads a file's bytes at a commit. A symlink gives its target's bytes, as
// GitHub's contents API does. ErrNotFound, ErrTooLarge.
func (i *Installation) File(ctx context.Context, fullName, commit, path string, limit int64) ([]byte, error) {
	return i.raw(ctx, "file", "repos/"+fullName+"/contents/"+escapePath(path)+"?ref="+url.QueryEscape(commit), limit)
}

func (i *Installation) raw(ctx context.Context, op, path string, limit int64) ([]byte, error) {
	res, err := i.get(ctx, op, path, rawHeader)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.ContentLength > limit {
		return nil, tooLarge(op, limit)
	}
	var b bytes.Buffer
	if res.ContentLength > 0 {
		b.Grow(int(res.ContentLength) + bytes.MinRead)
	}
	n, err := io.Copy(&b, io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, &Error{Op: op, Class: Retry, Reason: "the body broke off: " + cause(err), err: err}
	case n > limit:
		return nil, tooLarge(op, limit)
	}
	return b.Bytes(), nil
}

func tooLarge(op string, limit int64) *Error {
	return &Error{Op: op, Class: Gone, is: ErrTooLarge, Reason: fmt.Sprintf("larger than %d bytes", limit)}
}

// BlobSHA is git's name of the content as a blob (git-hash-object).
func BlobSHA(content []byte) string {
	h := sha1.New() //nolint:gosec // git's own object name
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
