package githubsim

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// maxBlobBytes is the largest blob the API serves. Source: GitHub's OpenAPI
// description, git/get-blob and repos/get-content.
const maxBlobBytes = 100 << 20

func tooLarge() error {
	return failure(http.StatusForbidden, "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API.")
}

// getBlob is GET /repos/{owner}/{repo}/git/blobs/{file_sha}.
func (s *Server) getBlob(c *call) error {
	sha := c.r.PathValue("file_sha")
	if !fullSHA.MatchString(sha) {
		return unprocessable("The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
	}
	found, err := c.repo.git.objects.read(c.r.Context(), sha, maxBlobBytes)
	switch {
	case errors.Is(err, errNoObject):
		return s.missing(c.r.Context(), c.repo, notFound())
	case errors.Is(err, errObjectTooLarge) && found.kind == "blob":
		return tooLarge()
	case err != nil:
		return err
	case found.kind != "blob":
		return notFound()
	}
	if c.media() == "raw" {
		return writeRaw(c, found)
	}
	owner, name, _ := s.names(c.repo)
	return writeJSON(c.w, c.r, http.StatusOK, map[string]any{
		"sha": sha, "node_id": "B_" + sha, "size": len(found.data),
		"url":     c.base + "/repos/" + owner + "/" + name + "/git/blobs/" + sha,
		"content": encodeBase64(found.data), "encoding": "base64",
	})
}

func writeRaw(c *call, blob object) error {
	c.w.Header().Set("Content-Type", "application/vnd.github.raw; charset=utf-8")
	if notModified(c.w, c.r, `"`+blob.sha+`"`) {
		return nil
	}
	c.w.Header().Set("Content-Length", strconv.Itoa(len(blob.data)))
	_, err := c.w.Write(blob.data)
	return err
}

// encodeBase64 breaks lines after 60 characters, as GitHub does (RFC 2045
// allows up to 76): a client that does not skip newlines fails.
func encodeBase64(data []byte) string {
	const lineLength = 60
	encoded := base64.StdEncoding.EncodeToString(data)
	var out strings.Builder
	out.Grow(len(encoded) + len(encoded)/lineLength + 1)
	for len(encoded) > 0 {
		n := min(lineLength, len(encoded))
		out.WriteString(encoded[:n])
		out.WriteByte('\n')
		encoded = encoded[n:]
	}
	return out.String()
}
