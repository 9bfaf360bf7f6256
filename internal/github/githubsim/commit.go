package githubsim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// commitHeader is a git commit object, read.
type commitHeader struct {
	tree, message     string
	parents           []string
	author, committer signature
}

type signature struct {
	name, email string
	when        time.Time
}

// parseCommit reads a commit object (git's Documentation: git-commit-tree(1),
// git-cat-file(1)); lines it does not need, such as gpgsig, are skipped.
func parseCommit(data []byte) commitHeader {
	header, message, _ := strings.Cut(string(data), "\n\n")
	parsed := commitHeader{message: strings.ToValidUTF8(strings.TrimSuffix(message, "\n"), "\uFFFD")}
	for line := range strings.Lines(header) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "tree":
			parsed.tree = value
		case "parent":
			parsed.parents = append(parsed.parents, value)
		case "author":
			parsed.author = parseSignature(value)
		case "committer":
			parsed.committer = parseSignature(value)
		}
	}
	return parsed
}

// parseSignature reads "Name <mail> 1700000000 +0100".
func parseSignature(line string) signature {
	name, rest, _ := strings.Cut(line, " <")
	email, stamp, _ := strings.Cut(rest, "> ")
	seconds, zone, _ := strings.Cut(stamp, " ")
	unix, _ := strconv.ParseInt(seconds, 10, 64)
	offset, _ := strconv.Atoi(zone)
	location := time.FixedZone("", (offset/100*60+offset%100)*60)
	return signature{
		name:  strings.ToValidUTF8(name, "\uFFFD"),
		email: strings.ToValidUTF8(email, "\uFFFD"),
		when:  time.Unix(unix, 0).In(location),
	}
}

// getCommit is GET /repos/{owner}/{repo}/commits/{ref}. With the sha media type
// it is the cheap head check: plain text, and 304 while the head has not moved.
func (s *Server) getCommit(c *call) error {
	ref := c.r.PathValue("ref")
	found, err := s.resolve(c, ref, "commit")
	if errors.Is(err, errNoObject) {
		return s.missing(c.r.Context(), c.repo, unprocessable("No commit found for SHA: "+ref))
	}
	if err != nil {
		return err
	}
	if c.media() == "sha" {
		c.w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
		if notModified(c.w, c.r, `"`+found.sha+`"`) {
			return nil
		}
		_, err := c.w.Write([]byte(found.sha))
		return err
	}
	return writeJSON(c.w, c.r, http.StatusOK, s.commitJSON(c, found))
}

func (s *Server) commitJSON(c *call, found object) map[string]any {
	owner, name, _ := s.names(c.repo)
	api := c.base + "/repos/" + owner + "/" + name
	page := c.base + "/" + owner + "/" + name
	parsed := parseCommit(found.data)
	person := func(p signature) map[string]any {
		return map[string]any{"name": p.name, "email": p.email, "date": p.when.UTC().Format(time.RFC3339)}
	}
	parents := []map[string]any{}
	for _, parent := range parsed.parents {
		parents = append(parents, map[string]any{
			"sha": parent, "url": api + "/commits/" + parent, "html_url": page + "/commit/" + parent,
		})
	}
	return map[string]any{
		"sha": found.sha, "node_id": "C_" + found.sha,
		"url": api + "/commits/" + found.sha, "html_url": page + "/commit/" + found.sha,
		"comments_url": api + "/commits/" + found.sha + "/comments",
		"commit": map[string]any{
			"url": api + "/git/commits/" + found.sha, "message": parsed.message, "comment_count": 0,
			"author": person(parsed.author), "committer": person(parsed.committer),
			"tree":         map[string]any{"sha": parsed.tree, "url": api + "/git/trees/" + parsed.tree},
			"verification": map[string]any{"verified": false, "reason": "unsigned", "payload": nil, "signature": nil, "verified_at": nil},
		},
		"author": nil, "committer": nil, "parents": parents,
	}
}
