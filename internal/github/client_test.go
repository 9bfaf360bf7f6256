package github

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// simulated is an App installed on one repository of the local GitHub.
type simulated struct {
	*Installation
	app  *App
	sim  *githubsim.Server
	git  *gitfixture.Repo
	id   int64
	name string
	head string
}

func simulate(t *testing.T, files map[string]string) *simulated {
	t.Helper()
	git, err := gitfixture.New(t.TempDir())
	ok(t, err)
	for path, content := range files {
		ok(t, git.Write(path, content))
	}
	s := &simulated{git: git}
	s.head, err = git.Commit("files")
	ok(t, err)
	s.sim, err = githubsim.New(githubsim.Config{})
	ok(t, err)
	ok(t, s.sim.Start("127.0.0.1:0"))
	t.Cleanup(func() { ok(t, s.sim.Close(context.Background())) })
	repo, err := s.sim.AddRepository(t.Context(), githubsim.RepositoryOptions{Owner: "o", Name: "r", Dir: git.Dir, Private: true})
	ok(t, err)
	s.id, s.name = repo.ID, repo.FullName
	in, err := s.sim.Install(t.Context(), "o", repo.ID)
	ok(t, err)
	s.app, err = NewApp(AppConfig{AppID: s.sim.AppID(), PrivateKeyPEM: s.sim.PrivateKeyPEM(), BaseURL: s.sim.URL()})
	ok(t, err)
	s.Installation = s.app.Installation(in)
	return s
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want fails unless err is of the class, and of the sentinel if that is not nil.
func want(t *testing.T, err error, class Class, sentinel error) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Class != class || sentinel != nil && !errors.Is(err, sentinel) {
		t.Errorf("%v (%v), want class %v, %v", err, e, class, sentinel)
	}
}

func (s *simulated) blob(content string) ([]byte, error) {
	return s.Blob(context.Background(), s.name, BlobSHA([]byte(content)), 1<<20)
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	refuse := githubsim.Fault{Contains: "/git/blobs/", Status: 401, Body: `{"message":"Bad credentials"}`, Times: 1}
	s.sim.Inject(refuse)
	if got, err := s.blob("a"); err != nil || string(got) != "a" {
		t.Errorf("after one 401: %q, %v", got, err)
	}
	if n := s.sim.Requests(); n[githubsim.OpCreateToken] != 2 || n[githubsim.OpGetBlob] != 2 {
		t.Errorf("requests: %v", n)
	}
	s.sim.ResetRequests()
	refuse.Times = 2
	s.sim.Inject(refuse)
	_, err := s.blob("a")
	want(t, err, Retry, ErrUnauthorized)
	if n := s.sim.Requests(); n[githubsim.OpCreateToken] != 1 || n[githubsim.OpGetBlob] != 2 {
		t.Errorf("requests of the second time: %v", n)
	}
	if _, err := s.blob("a"); err != nil {
		t.Errorf("once GitHub knows the token: %v", err)
	}
}

// TestANewTokenThatIsNotKnownEverywhere: parts of GitHub answer 404 or 403 for
// seconds; nothing may be believed gone or forbidden of that.
func TestANewTokenThatIsNotKnownEverywhere(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	for _, status := range []int{403, 404} {
		s.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Status: status, Body: `{"message":"Resource not accessible by integration"}`, Times: 1})
		_, err := s.blob("a")
		want(t, err, Retry, nil)
	}
}

func TestABlobIsWhatItsNameSays(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	s.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Status: 200, Body: "<html>a proxy's page</html>", Times: 1})
	_, err := s.blob("a")
	want(t, err, Retry, nil)
	content, err := s.blob("a")
	ok(t, err)
	if string(content) != "a" {
		t.Errorf("read %q", content)
	}
}

// TestThePrimaryLimitIsWaitedForOnGitHubsClock has GitHub's clock ten minutes behind.
func TestThePrimaryLimitIsWaitedForOnGitHubsClock(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	_, err := s.blob("a") // the token is there
	ok(t, err)
	s.sim.SetClockSkew(-10 * time.Minute)
	s.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Status: 403, Body: `{"message":"API rate limit exceeded"}`,
		Header: http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Limit": {"5000"}}, ResetIn: time.Minute, Times: 1})
	_, err = s.blob("a")
	want(t, err, Wait, ErrRateLimited)
	var e *Error
	if errors.As(err, &e); e.RetryAfter < 50*time.Second || e.RetryAfter > 70*time.Second {
		t.Errorf("waits %v", e.RetryAfter)
	}
}

func TestALimitKeepsTheInstallationQuiet(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	s.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Status: 429, Header: http.Header{"Retry-After": {"1000"}}, Times: 1})
	for range 2 {
		_, err := s.blob("a")
		want(t, err, Wait, ErrRateLimited)
		var e *Error
		if errors.As(err, &e); e.RetryAfter < 900*time.Second || e.RetryAfter > 1000*time.Second {
			t.Errorf("waits %v", e.RetryAfter)
		}
	}
	if n := s.sim.Requests()[githubsim.OpGetBlob]; n != 1 {
		t.Errorf("%d requests were sent while GitHub asked to wait", n)
	}
}

// TestConnectionsThatBreak cuts each kind of answer after some bytes: never may a
// part be taken for the whole.
func TestConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("text ", 2000)
	s := simulate(t, map[string]string{"a.md": long, "b.md": "b"})
	_, err := s.blob("b") // the token is there
	ok(t, err)
	for part, read := range map[string]func() error{
		"/git/blobs/": func() error { _, err := s.blob(long); return err },
		"/contents/":  func() error { _, err := s.File(t.Context(), s.name, s.head, "a.md", 1<<20); return err },
		"/git/trees/": func() error {
			_, err := s.Tree(t.Context(), s.name, s.head, true, func(TreeEntry) error { return nil })
			return err
		},
		"/commits/":      func() error { _, err := s.Head(t.Context(), s.name, "main", ""); return err },
		"/repositories/": func() error { _, err := s.Repository(t.Context(), s.id); return err },
		"/installation/": func() error {
			for _, err := range s.Repositories(t.Context(), "") {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"/legacy.tar.gz/": func() error {
			a, err := s.Archive(t.Context(), s.name, s.head)
			if err != nil {
				return err
			}
			defer func() { ok(t, a.Close()) }()
			for {
				_, content, err := a.Next()
				if err == io.EOF {
					return nil
				}
				if err == nil {
					_, err = io.Copy(io.Discard, content)
				}
				if err != nil {
					return err
				}
			}
		},
	} {
		for _, bytes := range []int{1, 30, 60} {
			remove := s.sim.Inject(githubsim.Fault{Contains: part, CutAfterBytes: bytes})
			if err := read(); part != "/commits/" || bytes < 40 { // a SHA ends there
				want(t, err, Retry, nil)
			}
			remove()
		}
		if err := read(); err != nil {
			t.Errorf("%s after the fault: %v", part, err)
		}
	}
}

// httpServer gives an installation's client of a server that answers with serve once
// it has given a token.
func httpServer(t *testing.T, serve http.HandlerFunc) (*App, *Installation) {
	t.Helper()
	s, err := githubsim.New(githubsim.Config{}) // for its key
	ok(t, err)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/access_tokens") {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"token":"ghs_of_the_test","expires_at":"2999-01-01T00:00:00Z"}`)
			return
		}
		serve(w, r)
	}))
	t.Cleanup(web.Close)
	app, err := NewApp(AppConfig{AppID: 1, PrivateKeyPEM: s.PrivateKeyPEM(), BaseURL: web.URL})
	ok(t, err)
	return app, app.Installation(7)
}

func TestABodyThatStalls(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"before its header": "", "in its middle": "some bytes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app, in := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
				if before != "" {
					_, _ = io.WriteString(w, before)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			})
			app.times.idle = 100 * time.Millisecond
			_, err := in.Blob(t.Context(), "o/r", BlobSHA(nil), 1<<20)
			want(t, err, Retry, nil)
			if !strings.Contains(err.Error(), errStalled.Error()) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// drip sends a byte every two milliseconds until the client goes away.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		time.Sleep(2 * time.Millisecond)
	}
}

func TestABodyThatDripsForEver(t *testing.T) {
	t.Parallel()
	app, in := httpServer(t, drip)
	app.times.small = 200 * time.Millisecond
	_, err := in.Blob(t.Context(), "o/r", BlobSHA(nil), 1<<20)
	want(t, err, Retry, nil)
	if !strings.Contains(err.Error(), errTooLong.Error()) {
		t.Errorf("it says %v", err)
	}
}

func TestABodyWithoutEndIsTooLarge(t *testing.T) {
	t.Parallel()
	_, in := httpServer(t, drip)
	_, err := in.Blob(t.Context(), "o/r", BlobSHA(nil), 20)
	want(t, err, Gone, ErrTooLarge)
}

// TestASlowConsumerIsNoStall: the time between two reads is the consumer's own.
func TestASlowConsumerIsNoStall(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": strings.Repeat("a", 100), "b.md": "b"})
	s.app.times.idle = time.Second
	a, err := s.Archive(t.Context(), s.name, s.head)
	ok(t, err)
	defer func() { ok(t, a.Close()) }()
	n := 0
	for {
		_, _, err := a.Next()
		if err == io.EOF {
			break
		}
		ok(t, err)
		n++
		time.Sleep(1500 * time.Millisecond)
	}
	if n != 2 {
		t.Errorf("%d files, want 2", n)
	}
}

func TestACallerThatLeaves(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	_, in := httpServer(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := in.Blob(ctx, "o/r", BlobSHA(nil), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the context was cancelled", err)
	}
}

func TestARefusedConnection(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	gone, err := NewApp(AppConfig{AppID: 1, PrivateKeyPEM: s.sim.PrivateKeyPEM(), BaseURL: "http://127.0.0.1:1"})
	ok(t, err)
	_, err = gone.Installation(1).Blob(t.Context(), "o/r", BlobSHA(nil), 10)
	want(t, err, Retry, nil)
}

func TestARenamedRepositoryIsFollowed(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	ok(t, s.sim.Rename(t.Context(), s.id, "renamed"))
	if got, err := s.blob("a"); err != nil || string(got) != "a" {
		t.Errorf("by its former name: %q, %v", got, err)
	}
}

// TestTheTokenStaysWithGitHub: a redirect elsewhere is refused before it is followed.
func TestTheTokenStaysWithGitHub(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request went elsewhere, with authorization %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	_, in := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusMovedPermanently)
	})
	_, err := in.Blob(t.Context(), "o/r", BlobSHA(nil), 10)
	want(t, err, Retry, nil)
	if err != nil && !strings.Contains(err.Error(), "another host") {
		t.Errorf("it says %v", err)
	}
}

// TestErrorsKeepSecrets: neither a token nor a signed link stands in an error.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	_, in := httpServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"message":"no: `+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+`"}`)
	})
	_, err := in.Blob(t.Context(), "o/r", BlobSHA(nil), 10)
	want(t, err, Broken, nil)
	if strings.Contains(err.Error(), "of_the_test") || !strings.Contains(err.Error(), "[secret]") {
		t.Errorf("it says %v", err)
	}
	s := simulate(t, map[string]string{"a.md": "a"})
	s.sim.Inject(githubsim.Fault{Contains: "/legacy.tar.gz/", Status: 500})
	_, err = s.Archive(t.Context(), s.name, s.head)
	want(t, err, Retry, nil)
	if strings.Contains(err.Error(), "legacy.tar.gz") || strings.Contains(err.Error(), "://") {
		t.Errorf("it says %v", err)
	}
}
