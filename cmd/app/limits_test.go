package main

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// shared are some processes' clients of one App on one Postgres, and a local GitHub
// that refuses what exceeds its limits.
type shared struct {
	t       *testing.T
	sim     *githubsim.Server
	store   *store.Store
	inst    int64
	content string
	limits  *github.Limits
}

func newShared(t *testing.T, enforced *githubsim.RateLimits, limits *github.Limits) *shared {
	t.Helper()
	s := &shared{t: t, store: storetest.Open(t), content: "a page\n", limits: limits}
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	s.ok(err)
	s.ok(git.Write("Page.md", s.content))
	_, err = git.Commit("a page")
	s.ok(err)
	s.sim, err = githubsim.New(githubsim.Config{RateLimits: enforced})
	s.ok(err)
	s.ok(s.sim.Start("127.0.0.1:0"))
	t.Cleanup(func() { _ = s.sim.Close(context.Background()) })
	r, err := s.sim.AddRepository(t.Context(), githubsim.RepositoryOptions{Owner: "local", Name: "vault", Dir: git.Dir})
	s.ok(err)
	s.inst, err = s.sim.Install(t.Context(), "local", r.ID)
	s.ok(err)
	return s
}

func (s *shared) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// join starts one more process's client; leave ends it as a stop does.
func (s *shared) join(work bool) (in *github.Installation, leave func()) {
	s.t.Helper()
	app, err := github.NewApp(github.AppConfig{AppID: s.sim.AppID(), PrivateKeyPEM: s.sim.PrivateKeyPEM(), BaseURL: s.sim.URL(),
		Limits: s.limits, Ledger: newLedger(s.store, work)})
	s.ok(err)
	leave, err = app.Share(s.t.Context())
	s.ok(err)
	s.t.Cleanup(func() { leave() })
	return app.Installation(s.inst), leave
}

// ask reads the page once.
func (s *shared) ask(ctx context.Context, in *github.Installation, live bool) error {
	_, err := in.Counting(&github.Usage{Live: live}).Blob(ctx, "local/vault", github.BlobSHA([]byte(s.content)), 1<<20)
	return err
}

// isWait reports whether a limit put the request off.
func isWait(err error) (time.Duration, bool) {
	var e *github.Error
	if errors.As(err, &e) && e.Class == github.Wait {
		return e.RetryAfter, true
	}
	return 0, false
}

// hurry asks with every client as fast as it goes until so many were answered.
func (s *shared) hurry(want int64, clients ...*github.Installation) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	var answered atomic.Int64
	var all sync.WaitGroup
	for _, in := range clients {
		for n := range 30 {
			all.Go(func() {
				for ctx.Err() == nil {
					err := s.ask(ctx, in, n%5 == 0)
					if err == nil && answered.Add(1) >= want {
						cancel()
					}
					if wait, ok := isWait(err); ok {
						select {
						case <-ctx.Done():
						case <-time.After(wait):
						}
					} else if err != nil && ctx.Err() == nil {
						s.t.Error(err)
						cancel()
					}
				}
			})
		}
	}
	all.Wait()
}

// TestProcessesTogetherStayWithinTheLimits: three processes with 30 requests at a
// time each ask for more than three windows' worth; a fourth joins meanwhile, and one
// leaves.
func TestProcessesTogetherStayWithinTheLimits(t *testing.T) {
	t.Parallel()
	s := newShared(t, &githubsim.RateLimits{Points: 300, PointsWindow: 2 * time.Second, Concurrent: 40},
		&github.Limits{Points: 300, Window: 2 * time.Second, Concurrent: 40, CPU: time.Hour, Contents: 500, Reserve: 10})
	s.sim.SetLatency(30 * time.Millisecond)
	a, _ := s.join(true)
	b, leave := s.join(true)
	c, _ := s.join(true)
	s.hurry(300, a, b, c)
	leave()
	d, _ := s.join(true)
	s.hurry(700, a, c, d)
	if got := s.sim.Refused(); got.Secondary != 0 {
		t.Errorf("%d requests exceeded a secondary limit", got.Secondary)
	}
	if n := s.sim.Requests()[githubsim.OpGetBlob]; n < 1000 {
		t.Errorf("only %d requests were sent", n)
	}
}

// TestWithoutLimitsTheSimulatorRefuses shows that the test above can fail.
func TestWithoutLimitsTheSimulatorRefuses(t *testing.T) {
	t.Parallel()
	s := newShared(t, &githubsim.RateLimits{Points: 100, PointsWindow: time.Minute}, nil)
	in, _ := s.join(true)
	for range 101 {
		if err := s.ask(t.Context(), in, false); err != nil {
			break
		}
	}
	if got := s.sim.Refused(); got.Secondary != 1 {
		t.Errorf("%d requests exceeded a secondary limit, want 1", got.Secondary)
	}
}

// TestOneLimitKeepsAllProcessesQuiet: what one process is told all know soon, and
// then nobody sends, whether GitHub says how long or not.
func TestOneLimitKeepsAllProcessesQuiet(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]githubsim.Fault{
		"403 with retry-after":    {Status: http.StatusForbidden, Header: http.Header{"Retry-After": {"1000"}}},
		"429 with retry-after":    {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1000"}}},
		"403 without retry-after": {Status: http.StatusForbidden, Body: `{"message":"You have exceeded a secondary rate limit."}`},
		"429 without retry-after": {Status: http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShared(t, nil, github.GitHubLimits())
			a, _ := s.join(true)
			b, _ := s.join(true)
			c, _ := s.join(false)
			answer.Contains, answer.Times = "/git/blobs/", 1
			s.sim.Inject(answer)
			for _, in := range []*github.Installation{a, b, c} { // the first is told by GitHub
				s.quiet(in)
			}
			late, _ := s.join(true) // knows from its first moment
			sent := s.sim.Requests()[githubsim.OpGetBlob]
			for _, in := range []*github.Installation{a, b, c, late} {
				for range 20 {
					if wait, ok := isWait(s.ask(t.Context(), in, true)); !ok || wait < 30*time.Second {
						t.Errorf("it shall wait for %v (%v)", wait, ok)
					}
				}
			}
			if now := s.sim.Requests()[githubsim.OpGetBlob]; now != sent {
				t.Errorf("%d requests were sent while GitHub asked to wait", now-sent)
			}
		})
	}
}

// quiet asks until the client knows that it must not.
func (s *shared) quiet(in *github.Installation) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if wait, ok := isWait(s.ask(s.t.Context(), in, false)); ok && wait > 30*time.Second {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("a process never heard of the limit")
		}
	}
}

// TestTheReserveIsKeptForPushes: when the primary limit is nearly used up, by
// whichever process, only pushes go on.
func TestTheReserveIsKeptForPushes(t *testing.T) {
	t.Parallel()
	const limit = 200
	s := newShared(t, &githubsim.RateLimits{Primary: limit},
		&github.Limits{Points: 1e6, Window: time.Minute, Concurrent: 100, CPU: 1e6 * time.Second, Contents: 500, Reserve: 10})
	a, _ := s.join(true)
	b, _ := s.join(true)
	for n := 0; ; n++ {
		if _, ok := isWait(s.ask(t.Context(), a, false)); ok {
			break
		}
		if n > limit {
			t.Fatal("nothing is kept for pushes")
		}
	}
	s.quiet(b)
	if left := a.Budget().Remaining; left < limit/10-3 {
		t.Errorf("%d of the limit are left for pushes, want about %d", left, limit/10)
	}
	for _, in := range []*github.Installation{a, b} {
		if err := s.ask(t.Context(), in, true); err != nil {
			t.Errorf("a push: %v", err)
		}
	}
	if got := s.sim.Refused(); got != (githubsim.Refused{}) {
		t.Errorf("refused: %+v", got)
	}
}

// TestAKilledProcessGivesItsShareBackLate: until the others can be sure that it is
// dead, its share is nobody's; a process that cannot renew its share stops by itself.
func TestAKilledProcessGivesItsShareBackLate(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t)
	deal := func(name string, weight int, holding float64) float64 {
		t.Helper()
		e, err := st.Exchange(t.Context(), store.Replica{Name: name, Weight: weight, Holding: holding, Expires: time.Hour}, nil, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return e.Share
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if got < want-0.001 || got > want+0.001 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("alone", deal("a", 10, 0), 0.9)
	near("the newcomer", deal("b", 10, 0), 0.1)
	near("the first, still busy", deal("a", 10, 0.8), 0.45)
	near("the newcomer, while the first is busy", deal("b", 10, 0.1), 0.2)
	near("the first, less busy", deal("a", 10, 0), 0.45)
	near("both alike", deal("b", 10, 0), 0.45)
	near("a web process", deal("w", 1, 0), 0.9/21)
	if err := st.Leave(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	near("after one left", deal("a", 10, 0), 0.9*10/11)
	if _, err := st.Pool().Exec(t.Context(), `UPDATE kgsync.replicas SET expires_at = now() - interval '1 second' WHERE name = 'w'`); err != nil {
		t.Fatal(err)
	}
	near("after one expired", deal("a", 10, 0), 0.9)
	var shares float64
	if err := st.Pool().QueryRow(t.Context(), `SELECT sum(held) FROM kgsync.replicas`).Scan(&shares); err != nil {
		t.Fatal(err)
	}
	near("all together", shares, 0.9)
}
