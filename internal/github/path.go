package github

import (
	"net/url"
	"strings"
)

// escapePath escapes every segment of a path for a URL. Segments of dots alone
// are escaped too, or URL handling would resolve them.
func escapePath(p string) string {
	segments := strings.Split(p, "/")
	for n, s := range segments {
		if s == "." || s == ".." {
			segments[n] = strings.ReplaceAll(s, ".", "%2E")
			continue
		}
		segments[n] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// repoPath is the API path of something in a repository.
func repoPath(fullName, rest string) string { return "repos/" + escapePath(fullName) + "/" + rest }
