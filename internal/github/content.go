package github

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // git's own object name
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
)

var rawHeader = http.Header{"Accept": {"application/vnd.github.raw+json"}}

// Blob reads a blob's bytes, which are what its name says: a proxy's page in their
// place is an error to retry. ErrTooLarge over limit bytes (GitHub serves at most
// 100 MB), ErrNotFound without it.
func (i *Installation) Blob(ctx context.Context, fullName, sha string, limit int64) ([]byte, error) {
	content, err := i.raw(ctx, opBlob, repoPath(fullName, "git/blobs/"+url.PathEscape(sha)), limit)
	if err != nil {
		return nil, err
	}
	if got := BlobSHA(content); got != sha {
		return nil, &Error{Op: opBlob, Class: Retry, Reason: "the bytes hash to " + got}
	}
	return content, nil
}

// File reads a file's bytes at a commit. Nothing proves that they are its bytes. A symlink to a file gives that file's
// bytes, as GitHub's contents API does; a directory or a submodule is
// ErrNotFound. ErrTooLarge over limit bytes.
func (i *Installation) File(ctx context.Context, fullName, commit, path string, limit int64) ([]byte, error) {
	return i.raw(ctx, opFile, repoPath(fullName, "contents/"+escapePath(path)+"?ref="+url.QueryEscape(commit)), limit)
}

func (i *Installation) raw(ctx context.Context, op, path string, limit int64) ([]byte, error) {
	res, err := i.send(ctx, request{op: op, path: path, header: rawHeader})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	// Raw bytes carry GitHub's raw media type; plain JSON is a description of
	// what has no bytes.
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "application/json" {
		return nil, &Error{Op: op, Status: res.StatusCode, Class: Gone, is: ErrNotFound, Reason: "it is a directory or a submodule, no file"}
	}
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
		return nil, brokenOff(op, err)
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
