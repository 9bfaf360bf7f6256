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
	Size int64  `json:"size"` // of a blob, in bytes
}

// TreeInfo is what a listing says of itself. A truncated one is not complete.
type TreeInfo struct {
	SHA       string
	Truncated bool
}

// Tree lists a tree, or a commit's tree, in constant memory: it decodes token by
// token and yields each entry as it comes. Only a call that returns no error has
// yielded the listing, and it is complete only if it is not Truncated (100,000
// entries or 7 MB). An error of yield ends the listing and is returned as it is.
func (i *Installation) Tree(ctx context.Context, fullName, treeish string, recursive bool, yield func(TreeEntry) error) (TreeInfo, error) {
	path := repoPath(fullName, "git/trees/"+url.PathEscape(treeish))
	if recursive { // any value makes it recursive, even 0
		path += "?recursive=1"
	}
	res, err := i.send(ctx, request{op: opTree, path: path, limit: i.client.times.listing})
	if err != nil {
		return TreeInfo{}, err
	}
	defer res.Body.Close()
	info, err := decodeTree(res.Body, yield)
	var stop *yieldError
	if errors.As(err, &stop) {
		return TreeInfo{}, stop.err
	}
	if err != nil {
		return TreeInfo{}, brokenOff(opTree, err)
	}
	return info, nil
}

// yieldError keeps an error of the consumer apart from one of the listing.
type yieldError struct{ err error }

func (e *yieldError) Error() string { return e.err.Error() }

var errNoTree = errors.New("it is not a tree")

// decodeTree reads an object with tree, sha and truncated in any order, to the
// end of the body: an object that is complete in a body that is not is none.
func decodeTree(r io.Reader, yield func(TreeEntry) error) (TreeInfo, error) {
	d := json.NewDecoder(r)
	var info TreeInfo
	var sawTree bool
	var truncated *bool
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
			err = d.Decode(&truncated)
		case "tree":
			sawTree = true
			err = decodeEntries(d, yield)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return info, unexpected(err)
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return info, err
	}
	if !sawTree || truncated == nil {
		return info, errNoTree
	}
	info.Truncated = *truncated
	if _, err := d.Token(); err != io.EOF {
		return info, cmpError(err, errNoTree)
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
		if e.Path == "" || e.Mode == "" || !isSHA(e.SHA) {
			return errors.New("an entry without path, mode or SHA")
		}
		if err := yield(e); err != nil {
			return &yieldError{err}
		}
	}
	return expect(d, json.Delim(']'))
}

func expect(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err == nil && t != want {
		return errNoTree
	}
	return unexpected(err)
}

// unexpected makes an end within the JSON an error that nobody takes for an end.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func cmpError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
