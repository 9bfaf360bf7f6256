package githubsim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a recursive tree. Source: GitHub's OpenAPI description, git/get-tree.
// What the 7 MB measure is not documented; here it is git's own listing (mode,
// type, SHA, size and path), without the URLs that the JSON adds.
const (
	maxTreeEntries = 100_000
	maxTreeBytes   = 7 << 20
)

var errTreeTruncated = errors.New("tree truncated")

// treeEntry is one element of a tree. Size is nil for all but blobs; URL is
// empty for submodules.
type treeEntry struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Type string `json:"type"`
	SHA  string `json:"sha"`
	Size *int64 `json:"size,omitempty"`
	URL  string `json:"url,omitempty"`
}

// listedBytes is the length of the entry's line in git's listing.
func (e treeEntry) listedBytes() int {
	const separators = 5
	size := len(e.Mode) + len(e.Type) + len(e.SHA) + len(e.Path) + separators
	if e.Size != nil {
		size += len(strconv.FormatInt(*e.Size, 10))
	}
	return size
}

// getTree is GET /repos/{owner}/{repo}/git/trees/{tree_sha}. Entries are
// streamed as git lists them; any value of recursive, even 0, recurses.
func (s *Server) getTree(c *call) error {
	revision := c.r.PathValue("tree_sha")
	found, err := s.resolve(c, revision, "tree")
	if errors.Is(err, errNoObject) {
		return s.missing(c.r.Context(), c.repo, notFound())
	}
	if err != nil {
		return err
	}
	owner, name, _ := s.names(c.repo)
	api := c.base + "/repos/" + owner + "/" + name + "/git/"
	if notModified(c.w, c.r, `W/"`+found.sha+`"`) {
		return nil
	}
	args := []string{"ls-tree", "-l", "-z"}
	recursive := c.r.URL.Query().Get("recursive") != ""
	if recursive {
		args = append(args, "-r", "-t")
	}
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	out := &treeWriter{w: bufio.NewWriterSize(c.w, 64<<10), api: api, limited: recursive}
	fmt.Fprintf(out.w, `{"sha":%q,"url":%q,"tree":[`, found.sha, api+"trees/"+found.sha)
	err = c.repo.git.stream(c.r.Context(), func(r io.Reader) error { return eachTreeEntry(r, out.write) }, append(args, found.sha)...)
	truncated := errors.Is(err, errTreeTruncated)
	if err != nil && !truncated {
		_ = out.w.Flush()
		if c.w.status == 0 {
			c.w.WriteHeader(200) // the answer is broken off, never completed
		}
		return fmt.Errorf("list tree: %w", err)
	}
	fmt.Fprintf(out.w, `],"truncated":%t}`, truncated)
	return out.w.Flush()
}

// treeWriter writes the elements of a tree array and stops it at the limits.
type treeWriter struct {
	w              *bufio.Writer
	api            string
	limited        bool
	entries, bytes int
}

func (t *treeWriter) write(entry treeEntry) error {
	switch entry.Type {
	case "blob":
		entry.URL = t.api + "blobs/" + entry.SHA
	case "tree":
		entry.URL = t.api + "trees/" + entry.SHA
	}
	encoded, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("encode tree entry: %w", err)
	}
	size := entry.listedBytes()
	if t.limited && (t.entries == maxTreeEntries || t.bytes+size > maxTreeBytes) {
		return errTreeTruncated
	}
	if t.entries > 0 {
		_ = t.w.WriteByte(',') // bufio keeps the first error for Flush
	}
	t.entries++
	t.bytes += size
	_, err = t.w.Write(encoded)
	return err
}

// eachTreeEntry reads the output of `git ls-tree -l -z`:
// "mode SP type SP sha SP size TAB path NUL", size padded, "-" if none.
func eachTreeEntry(r io.Reader, each func(treeEntry) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadBytes(0)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read git ls-tree: %w", err)
		}
		meta, path, ok := bytes.Cut(line[:len(line)-1], []byte{'\t'})
		fields := strings.Fields(string(meta))
		if !ok || len(fields) != 4 {
			return fmt.Errorf("unexpected git ls-tree line %q", line)
		}
		entry := treeEntry{Mode: fields[0], Type: fields[1], SHA: fields[2], Path: string(path)}
		if size, err := strconv.ParseInt(fields[3], 10, 64); err == nil {
			entry.Size = &size
		}
		if err := each(entry); err != nil {
			return err
		}
	}
}
