package githubsim

import (
	"context"
	"errors"
	"regexp"
	"strings"
)

var (
	fullSHA  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	shortSHA = regexp.MustCompile(`^[0-9a-f]{4,39}$`)
)

const maxCommitBytes = 16 << 20

// candidates are the git names that a REST "ref" may stand for, best first.
// They are built so that nobody can reach git's own revision syntax.
func candidates(ref, defaultBranch string) []string {
	switch {
	case ref == "" || ref == "HEAD":
		return []string{"refs/heads/" + defaultBranch}
	case fullSHA.MatchString(ref):
		return []string{ref}
	case strings.ContainsAny(ref, " ~^:?*[\\\x7f") || strings.Contains(ref, "..") || strings.Contains(ref, "@{"):
		return nil
	}
	names := []string{"refs/heads/" + ref, "refs/tags/" + ref}
	if strings.HasPrefix(ref, "heads/") || strings.HasPrefix(ref, "tags/") {
		names = append(names, "refs/"+ref)
	}
	if strings.HasPrefix(ref, "refs/") {
		names = append(names, ref)
	}
	if shortSHA.MatchString(ref) {
		names = append(names, ref)
	}
	return names
}

// resolve finds the object a ref stands for, as kind "commit" or "tree". A
// fault's StaleHead takes the place of whatever a name that can move resolves to.
func (s *Server) resolve(c *call, ref, kind string) (object, error) {
	_, _, branch := s.names(c.repo)
	names := candidates(ref, branch)
	if stale := c.w.fault.StaleHead; stale != "" && !fullSHA.MatchString(ref) {
		names = []string{stale}
	}
	for _, name := range names {
		found, err := c.repo.git.objects.read(c.r.Context(), name+"^{"+kind+"}", maxCommitBytes)
		if !errors.Is(err, errNoObject) {
			return found, err
		}
	}
	return object{}, errNoObject
}

// missing picks the answer for a ref that resolves to nothing: 409 in a
// repository without commits, else the operation's own.
func (s *Server) missing(ctx context.Context, repo *repository, otherwise error) error {
	refs, err := repo.git.refs(ctx)
	if err != nil {
		return err
	}
	if len(refs) == 0 {
		return emptyRepository()
	}
	return otherwise
}
