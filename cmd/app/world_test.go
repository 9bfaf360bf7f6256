package main

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// world is the whole product over real parts: a git repository, the local GitHub,
// Postgres, the service.
type world struct {
	t       *testing.T
	git     *gitfixture.Repo
	sim     *githubsim.Server
	service *service
	repo    int64
	inst    int64 // the installation
}

// newWorld makes a world of one repository with these files, none committed when
// files is nil. Timers are short; tune changes the configuration.
func newWorld(t *testing.T, files map[string]string, tune ...func(*config)) *world {
	t.Helper()
	return newWorldOf(t, githubsim.Config{}, files, tune...)
}

// newWorldOf makes a world with a local GitHub of this configuration.
func newWorldOf(t *testing.T, local githubsim.Config, files map[string]string, tune ...func(*config)) *world {
	t.Helper()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, git: git}
	if files != nil {
		w.commit(files)
	}
	const secretText = "a secret of the test"
	local.WebhookSecret = secretText
	if w.sim, err = githubsim.New(local); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.sim.Close(context.Background()) })
	c := &config{DatabaseURL: secret(storetest.URL(t)), Listen: "127.0.0.1:0", GitHubURL: w.sim.URL(), AppID: w.sim.AppID(), MaxFileBytes: 4096,
		WebhookSecrets: []secret{secretText}, Workers: 4, MaxWrites: 4, MaxAttempts: 3, SweepEvery: time.Second, HealEvery: time.Hour,
		SettleDelay: time.Second, privateKey: w.sim.PrivateKeyPEM()}
	for _, f := range tune {
		f(c)
	}
	if w.service, err = newService(t.Context(), c, slog.New(slog.DiscardHandler), true); err != nil {
		t.Fatal(err)
	}
	if err := w.service.start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.service.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	w.sim.SetWebhookURL(w.service.url() + "/webhooks/github")
	r, err := w.sim.AddRepository(t.Context(), githubsim.RepositoryOptions{Owner: "local", Name: "vault", Dir: git.Dir})
	if err != nil {
		t.Fatal(err)
	}
	w.repo = r.ID
	return w
}

// commit writes the files (an empty content removes) and commits.
func (w *world) commit(files map[string]string) (before, after string) {
	w.t.Helper()
	before, _ = w.git.Head()
	for path, content := range files {
		err := error(nil)
		if content == "" {
			err = w.git.Remove(path)
		} else {
			err = w.git.Write(path, content)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	after, err := w.git.Commit("a change")
	if err != nil {
		w.t.Fatal(err)
	}
	return before, after
}

func (w *world) install() {
	w.t.Helper()
	var err error
	if w.inst, err = w.sim.Install(w.t.Context(), "local", w.repo); err != nil {
		w.t.Fatal(err)
	}
	w.settled()
}

func (w *world) push(before, after string) {
	w.t.Helper()
	if err := w.sim.Push(w.t.Context(), w.repo, "refs/heads/main", before, after); err != nil {
		w.t.Fatal(err)
	}
}

// settled waits until no run is under way and gives the newest one.
func (w *world) settled() int64 {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	d := dev{service: w.service}
	run, err := w.service.store.NewestRun(ctx, w.repo, "")
	if err == nil {
		err = d.awaitApplied(ctx, w.repo)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// count answers a query of one number.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.service.store.Pool().QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) verify() store.Verification {
	w.t.Helper()
	v, err := w.service.runner.Sync().Verify(w.t.Context(), w.repo)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.Verification
}

func (w *world) dump() string {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.service.store.Dump(w.t.Context(), w.repo, &b); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}

// want fails unless a query counts what it should.
func (w *world) want(n int, sql string, args ...any) {
	w.t.Helper()
	if got := w.count(sql, args...); got != n {
		w.t.Errorf("%s: %d, want %d", sql, got, n)
	}
}

// eventually waits until a query counts what it should.
func (w *world) eventually(n int, sql string, args ...any) {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		got := w.count(sql, args...)
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: still %d, want %d", sql, got, n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ok fails the test at an error.
func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func vault() map[string]string {
	files := map[string]string{"README.txt": "not Markdown"}
	for i := range 20 {
		files["pages/Page "+strconv.Itoa(i)+".md"] = "public:: true\n\n- see [[Page " + strconv.Itoa(i+1) + "]] #tag\n"
	}
	return files
}

// tracked gives the tracked files of a repository as they are at its head.
func tracked(r *gitfixture.Repo) map[string]string {
	list, err := r.Git("ls-files", "-z")
	if err != nil {
		panic(err)
	}
	files := map[string]string{}
	for _, p := range bytes.Split([]byte(list), []byte{0}) {
		if len(p) > 0 {
			content, err := r.Git("show", "HEAD:"+string(p))
			if err != nil {
				panic(err)
			}
			files[string(p)] = content + "\n"
		}
	}
	return files
}
