package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

const (
	kills     = 20
	killFiles = 800
)

// killed is a real server process over Postgres and the local GitHub, both of
// which outlive it.
type killed struct {
	t       *testing.T
	sim     *githubsim.Server
	store   *store.Store
	repo    int64
	env     []string
	address string
	process *program
}

// newKilled serves the repository; no process runs yet.
func newKilled(t *testing.T, dir string) *killed {
	t.Helper()
	k := &killed{t: t}
	const secretText = "a secret of the test"
	var err error
	if k.sim, err = githubsim.New(githubsim.Config{WebhookSecret: secretText}); err != nil {
		t.Fatal(err)
	}
	if err := k.sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.sim.Close(context.Background()) })
	repo, err := k.sim.AddRepository(t.Context(), githubsim.RepositoryOptions{Owner: "local", Name: "vault", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	k.repo = repo.ID
	url := storetest.URL(t)
	pool, err := store.Connect(t.Context(), url, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	k.store = store.New(pool, 0, nil)
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, k.sim.PrivateKeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	k.address = freeAddress(t)
	k.sim.SetWebhookURL("http://" + k.address + "/webhooks/github")
	k.env = []string{"KGSYNC_DATABASE_URL=" + url, "KGSYNC_LISTEN=" + k.address, "KGSYNC_GITHUB_URL=" + k.sim.URL(),
		"KGSYNC_GITHUB_APP_ID=" + strconv.FormatInt(k.sim.AppID(), 10), "KGSYNC_GITHUB_PRIVATE_KEY_FILE=" + key,
		"KGSYNC_WEBHOOK_SECRETS=" + secretText, "KGSYNC_JOB_TIMEOUT=3s", "KGSYNC_PLAN_LEASE=2s", "KGSYNC_SWEEP_EVERY=1s",
		"KGSYNC_GITHUB_LIMITS=off"}
	return k
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts a process and waits until it answers.
func (k *killed) start() {
	k.t.Helper()
	k.process = run(k.t, k.env, "serve")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if res, err := http.Get("http://" + k.address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-k.process.ended:
			k.t.Fatalf("the server ended:\n%s", k.process.said)
		default:
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("the server does not get ready:\n%s", k.process.said)
		}
	}
}

// progress is where the newest run stands; nil without one.
func (k *killed) progress() *store.Progress {
	k.t.Helper()
	run, err := k.store.NewestRun(k.t.Context(), k.repo, "")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	var p *store.Progress
	if err == nil {
		p, err = k.store.Progress(k.t.Context(), run)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// finish waits until no run is under way.
func (k *killed) finish() {
	k.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := k.store.UnfinishedRunOf(k.t.Context(), k.repo); errors.Is(err, store.ErrNotFound) {
			return
		} else if err != nil {
			k.t.Fatal(err)
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("a run does not finish: %+v\n%s", k.progress(), k.process.said)
		}
	}
}

func (k *killed) dump() string {
	k.t.Helper()
	var b strings.Builder
	if err := k.store.Dump(k.t.Context(), k.repo, &b); err != nil {
		k.t.Fatal(err)
	}
	return b.String()
}

// TestKillsDoNotStartASyncOver kills the real process 20 times while it syncs a
// repository for the first time, each at another moment, and starts another one.
func TestKillsDoNotStartASyncOver(t *testing.T) {
	t.Parallel()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range killFiles {
		if err := git.Write("pages/P"+strconv.Itoa(i)+".md", "public:: true\n\n- see [[P"+strconv.Itoa(i+1)+"]] #tag\n"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := git.Commit("a vault"); err != nil {
		t.Fatal(err)
	}
	k := newKilled(t, git.Dir)
	k.start()
	k.sim.SetLatency(20 * time.Millisecond)
	if _, err := k.sim.Install(t.Context(), "local", k.repo); err != nil {
		t.Fatal(err)
	}
	started, done, inside := int64(0), 0, 0 // the run, its files done, and the kills before its end
	for n := range kills {
		// Some die as they start, the others after some work.
		wanted, patience := rand.IntN(2*killFiles/kills), time.Duration(rand.IntN(2000))*time.Millisecond
		for deadline := time.Now().Add(patience); k.progress().FilesProcessed < done+wanted && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		k.process.kill()
		p := k.progress()
		// A plan that was killed before it wrote anything may be made anew, by
		// whoever looks at the repository first.
		if done > 0 && p.RunID != started || p.FilesProcessed < done {
			t.Fatalf("kill %d: run %d with %d files done became run %d with %d", n, started, done, p.RunID, p.FilesProcessed)
		}
		if !p.Ended() {
			inside++
		}
		started, done = p.RunID, p.FilesProcessed
		k.start()
	}
	k.sim.SetLatency(0)
	k.finish()
	requests := k.sim.Requests()
	t.Logf("%d kills, %d of them before the run's end; %d files, %d fetched singly, %d archives: %d fetched twice",
		kills, inside, killFiles, requests[githubsim.OpGetBlob], requests[githubsim.OpDownloadArchive],
		max(0, requests[githubsim.OpGetBlob]+requests[githubsim.OpDownloadArchive]*killFiles-killFiles))
	if p := k.progress(); p.State != "completed" || p.FilesSucceeded != killFiles {
		t.Errorf("%+v", p)
	}
	if inside < kills/2 {
		t.Errorf("only %d of %d kills came before the run's end", inside, kills)
	}
	fresh := newKilled(t, git.Dir)
	fresh.start()
	if _, err := fresh.sim.Install(t.Context(), "local", fresh.repo); err != nil {
		t.Fatal(err)
	}
	fresh.finish()
	if got, want := k.dump(), fresh.dump(); got != want || !strings.Contains(want, "P799") {
		t.Errorf("after the kills the views differ from a fresh sync's:\n%s", firstDifference(got, want))
	}
}

// firstDifference gives the first line that two dumps do not share.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i] + "\n" + y[i]
		}
	}
	return strconv.Itoa(len(x)) + " and " + strconv.Itoa(len(y)) + " lines"
}
