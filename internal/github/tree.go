package github

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
)

// TreeEntry is one entry of a tree. Type is blob, tree or commit (a submodule).
type TreeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	SHA  string `json:"sha"`
	Size int64  `json:"size"`
}

// TreeInfo is what a listing says of itself. A truncated one is not complete.
type TreeInfo struct {
	SHA       string
	Truncated bool
}

// Tree lists a tree or a commit's tree. It decodes token by token and yields each
// entry as it comes; only a listing read to its end without an error is a listing.
func (i *Installation) Tree(ctx context.Context, fullName, treeish string, recursive bool, yield func(TreeEntry) error) (TreeInfo, error) {
	path := "repos/" + fullName + "/git/trees/" + url.PathEscape(treeish)
	if recursive { // any value makes it recursive, even 0
		path += "?recursive=1"
	}
	res, err := i.get(ctx, "tree", path, nil)
	if err != nil {
		return TreeInfo{}, err
	}
	defer res.Body.Close()
	info, err := decodeTree(json.NewDecoder(res.Body), yield)
	var stop *yieldError
	if errors.As(err, &stop) {
		return TreeInfo{}, stop.err
	}
	if err != nil {
		return TreeInfo{}, &Error{Op: "tree", Class: Retry, Reason: "the listing broke off: " + cause(err), err: err}
	}
	return info, nil
}

type yieldError struct{ err error }

func (e *yieldError) Error() string { return e.err.Error() }

func decodeTree(d *json.Decoder, yield func(TreeEntry) error) (TreeInfo, error) {
	var info TreeInfo
	sawTree, sawTruncated := false, false
	if err := expect(d, json.Delim('{')); err != nil {
		return info, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return info, err
		}
		switch key {
		case "sha":
			err = d.Decode(&info.SHA)
		case "truncated":
			sawTruncated = true
			err = d.Decode(&info.Truncated)
		case "tree":
			sawTree = true
			err = decodeEntries(d, yield)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return info, err
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return info, err
	}
	if !sawTree || !sawTruncated {
		return info, errors.New("the answer is not a tree")
	}
	return info, nil
}

func decodeEntries(d *json.Decoder, yield func(TreeEntry) error) error {
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var e TreeEntry
		if err := d.Decode(&e); err != nil {
			return err
		}
		if err := yield(e); err != nil {
			return &yieldError{err}
		}
	}
	return expect(d, json.Delim(']'))
}

func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err == nil && t != want {
		return errors.New("unexpected JSON")
	}
	return err
}
