package githubsim

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Limits of the contents API. Source: GitHub's OpenAPI description,
// repos/get-content.
const (
	maxInlineBytes      = 1 << 20 // beyond it JSON carries no content
	maxDirectoryEntries = 1000
)

var errDirectoryFull = errors.New("directory listing is full")

// getContent is GET /repos/{owner}/{repo}/contents/{path}?ref=.
func (s *Server) getContent(c *call) error {
	ref := c.r.URL.Query().Get("ref")
	commit, err := s.resolve(c, ref, "commit")
	if errors.Is(err, errNoObject) {
		return failure(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	if err != nil {
		return err
	}
	tree := parseCommit(commit.data).tree
	filePath := strings.Trim(c.r.PathValue("path"), "/")
	found, err := c.repo.git.find(c.r.Context(), tree, filePath)
	if errors.Is(err, errNoObject) {
		return notFound()
	}
	if err != nil {
		return err
	}
	view := s.contentView(c, ref)
	switch found.mode {
	case modeTree:
		return view.directory(filePath, found)
	case modeSubmodule:
		return writeJSON(c.w, c.r, http.StatusOK, view.describe(filePath, "submodule", found.sha, 0))
	case modeSymlink:
		target, err := c.repo.git.follow(c.r.Context(), tree, filePath, found)
		if err == nil {
			return view.file(filePath, target)
		}
		if !errors.Is(err, errNoObject) {
			return err
		}
		return view.symlink(filePath, found)
	}
	return view.file(filePath, found)
}

// contentView renders one contents request.
type contentView struct {
	c         *call
	api, page string // of the repository
	ref       string
}

func (s *Server) contentView(c *call, ref string) contentView {
	owner, name, branch := s.names(c.repo)
	if ref == "" {
		ref = branch
	}
	return contentView{
		c: c, ref: ref,
		api:  c.base + "/repos/" + owner + "/" + name,
		page: c.base + "/" + owner + "/" + name,
	}
}

func (v contentView) describe(filePath, kind, sha string, size int64) map[string]any {
	escaped := (&url.URL{Path: filePath}).EscapedPath()
	self := v.api + "/contents/" + escaped + "?ref=" + url.QueryEscape(v.ref)
	object, folder := v.api+"/git/blobs/"+sha, "/blob/"
	if kind == "dir" {
		object, folder = v.api+"/git/trees/"+sha, "/tree/"
	}
	html := v.page + folder + v.ref + "/" + escaped
	return map[string]any{
		"type": kind, "name": path.Base("/" + filePath), "path": filePath, "sha": sha, "size": size,
		"url": self, "git_url": object, "html_url": html, "download_url": nil,
		"_links": map[string]any{"self": self, "git": object, "html": html},
	}
}

func (v contentView) read(found node) (object, error) {
	blob, err := v.c.repo.git.objects.read(v.c.r.Context(), found.sha, maxBlobBytes)
	if errors.Is(err, errObjectTooLarge) {
		return blob, tooLarge()
	}
	return blob, err
}

func (v contentView) file(filePath string, found node) error {
	blob, err := v.read(found)
	if err != nil {
		return err
	}
	if v.c.media() == "raw" {
		return writeRaw(v.c, blob)
	}
	value := v.describe(filePath, "file", blob.sha, int64(len(blob.data)))
	value["content"], value["encoding"] = encodeBase64(blob.data), "base64"
	if len(blob.data) > maxInlineBytes {
		value["content"], value["encoding"] = "", "none"
	}
	return writeJSON(v.c.w, v.c.r, http.StatusOK, value)
}

// symlink describes a link that leads to no normal file of the repository.
func (v contentView) symlink(filePath string, found node) error {
	blob, err := v.read(found)
	if err != nil {
		return err
	}
	if v.c.media() == "raw" {
		return writeRaw(v.c, blob)
	}
	value := v.describe(filePath, "symlink", blob.sha, int64(len(blob.data)))
	value["target"] = string(blob.data)
	return writeJSON(v.c.w, v.c.r, http.StatusOK, value)
}

// directory lists at most 1,000 entries, submodules as files for history's sake.
func (v contentView) directory(filePath string, found node) error {
	list := []map[string]any{}
	err := v.c.repo.git.stream(v.c.r.Context(), func(r io.Reader) error {
		return eachTreeEntry(r, func(entry treeEntry) error {
			if len(list) == maxDirectoryEntries {
				return errDirectoryFull
			}
			var size int64
			if entry.Size != nil {
				size = *entry.Size
			}
			list = append(list, v.describe(path.Join(filePath, entry.Path), listedType(entry), entry.SHA, size))
			return nil
		})
	}, "ls-tree", "-l", "-z", found.sha)
	if err != nil && !errors.Is(err, errDirectoryFull) {
		return err
	}
	if v.c.media() == "object" {
		value := v.describe(filePath, "dir", found.sha, 0)
		value["entries"] = list
		return writeJSON(v.c.w, v.c.r, http.StatusOK, value)
	}
	return writeJSON(v.c.w, v.c.r, http.StatusOK, list)
}

func listedType(entry treeEntry) string {
	switch {
	case entry.Type == "tree":
		return "dir"
	case entry.Mode == modeSymlink:
		return "symlink"
	}
	return "file"
}
