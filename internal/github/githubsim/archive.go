package githubsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	codeloadPath = "/_codeload/"
	// linkLife is how long a link to a private archive works. Source: GitHub's
	// OpenAPI description, repos/download-tarball-archive.
	linkLife    = 5 * time.Minute
	shortSHALen = 7
)

// getTarball is GET /repos/{owner}/{repo}/tarball/{ref}: a redirect to codeload,
// here on the same address, with a signature instead of credentials.
func (s *Server) getTarball(c *call) error {
	commit, err := s.resolve(c, c.r.PathValue("ref"), "commit")
	if errors.Is(err, errNoObject) {
		return notFound()
	}
	if err != nil {
		return err
	}
	owner, name, _ := s.names(c.repo)
	expires := strconv.FormatInt(s.now().Add(linkLife).Unix(), 10)
	query := url.Values{"repository": {strconv.FormatInt(c.repo.id, 10)}, "expires": {expires}}
	query.Set("token", s.linkSignature(c.repo.id, commit.sha, expires))
	c.w.Header().Set("Location", c.base+codeloadPath+owner+"/"+name+"/legacy.tar.gz/"+commit.sha+"?"+query.Encode())
	c.w.WriteHeader(http.StatusFound)
	return nil
}

func (s *Server) linkSignature(repositoryID int64, sha, expires string) string {
	mac := hmac.New(sha256.New, s.linkKey)
	fmt.Fprintf(mac, "%d %s %s", repositoryID, sha, expires)
	return hex.EncodeToString(mac.Sum(nil))
}

// downloadArchive streams `git archive`, which obeys .gitattributes
// (export-ignore, export-subst, eol): archives need not hold the blobs' bytes.
func (s *Server) downloadArchive(c *call) error {
	query := c.r.URL.Query()
	id, _ := strconv.ParseInt(query.Get("repository"), 10, 64)
	sha, expires := c.r.PathValue("sha"), query.Get("expires")
	wanted := s.linkSignature(id, sha, expires)
	until, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || s.now().Unix() > until || !hmac.Equal([]byte(wanted), []byte(query.Get("token"))) {
		return notFound()
	}
	repo, err := s.byID(id)
	if err != nil {
		return notFound()
	}
	owner, name, _ := s.names(repo)
	root := owner + "-" + name + "-" + sha[:shortSHALen]
	c.w.Header().Set("Content-Type", "application/x-gzip")
	c.w.Header().Set("Content-Disposition", "attachment; filename="+root+".tar.gz")
	c.w.WriteHeader(http.StatusOK) // from here on a failure breaks the connection
	if err := s.copyArchive(c, repo, root, sha); err != nil {
		return fmt.Errorf("archive %s: %w", sha, err)
	}
	return nil
}

func (s *Server) copyArchive(c *call, repo *repository, root, sha string) error {
	to := io.Writer(struct{ io.Writer }{c.w})
	made := func() error { return nil }
	if s.config.ArchiveDir != "" {
		kept := filepath.Join(s.config.ArchiveDir, strconv.FormatInt(repo.id, 10)+"-"+sha+".tar.gz")
		if f, err := os.Open(kept); err == nil {
			defer f.Close()
			_, err := io.Copy(to, f)
			return err
		}
		f, err := os.CreateTemp(s.config.ArchiveDir, "making-")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name()) //nolint:errcheck // renamed when it is whole
		defer f.Close()
		to, made = io.MultiWriter(to, f), func() error { return os.Rename(f.Name(), kept) }
	}
	err := repo.git.stream(c.r.Context(), func(r io.Reader) error {
		_, err := io.Copy(to, r)
		return err
	}, "archive", "--format=tar.gz", "--prefix="+root+"/", sha)
	if err != nil {
		return err
	}
	return made()
}
