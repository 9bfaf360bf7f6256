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
}

func newWorld(t *testing.T, files map[string]string) *world {
	t.Helper()
	git, err := gitfixture.New(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, git: git}
	w.commit(files)
	const secretText = "a secret of the test"
	if w.sim, err = githubsim.New(githubsim.Config{WebhookSecret: secretText}); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.sim.Close(context.Background()) })
	c := &config{DatabaseURL: secret(storetest.URL(t)), Listen: "127.0.0.1:0", GitHubURL: w.sim.URL(), AppID: w.sim.AppID(), MaxFileBytes: 4096,
		WebhookSecrets: []secret{secretText}, Workers: 4, MaxWrites: 4, privateKey: w.sim.PrivateKeyPEM()}
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
	if _, err := w.sim.Install(w.t.Context(), "local", w.repo); err != nil {
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
	return *v
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

func vault() map[string]string {
	files := map[string]string{"README.txt": "not Markdown"}
	for i := range 20 {
		files["pages/Page "+strconv.Itoa(i)+".md"] = "public:: true\n\n- see [[Page " + strconv.Itoa(i+1) + "]] #tag\n"
	}
	return files
}

func TestAPushTouchesOnlyItsFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.want(20, `SELECT count(*) FROM kg.pages`)
	w.want(19, `SELECT count(*) FROM kg.links WHERE kind = 'page' AND resolved`)

	if err := w.git.Rename("pages/Page 3.md", "pages/Moved.md"); err != nil {
		t.Fatal(err)
	}
	before, after := w.commit(map[string]string{
		"pages/Page 1.md": "public:: true\n\n- now sees [[Somewhere else]]\n", "pages/New.md": "public:: true\n\n- new\n", "pages/Page 2.md": ""})
	w.push(before, after)
	run := w.settled()
	w.want(20, `SELECT count(*) FROM kg.pages`)
	w.want(1, `SELECT count(*) FROM kg.links WHERE target = 'Somewhere else' AND NOT resolved`)
	w.want(0, `SELECT count(*) FROM kg.files WHERE path IN ('pages/Page 2.md', 'pages/Page 3.md')`)
	w.want(5, `SELECT total_files FROM kg.runs WHERE id = $1 AND trigger = 'push'`, run)
	w.want(2, `SELECT deleted_files FROM kg.runs WHERE id = $1`, run)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift: %+v", v)
	}

	fresh := newWorld(t, tracked(w.git))
	fresh.install()
	if a, b := w.dump(), fresh.dump(); a != b {
		t.Errorf("the increments and a fresh sync differ:\n%s\n---\n%s", a, b)
	}
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

func TestADuplicateDeliveryMakesNoWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	before, after := w.commit(map[string]string{"pages/Page 1.md": "public:: true\n\n- changed\n"})
	w.push(before, after)
	w.settled()
	runs := w.count(`SELECT count(*) FROM kg.runs WHERE trigger = 'push'`)
	deliveries := w.sim.Deliveries()
	if err := w.sim.Redeliver(t.Context(), deliveries[len(deliveries)-1].GUID); err != nil {
		t.Fatal(err)
	}
	w.want(runs, `SELECT count(*) FROM kg.runs WHERE trigger = 'push'`)
	w.want(len(deliveries), `SELECT count(*) FROM kgsync.deliveries`)
}

func TestBadInputGivesRowsOrADiagnostic(t *testing.T) {
	t.Parallel()
	files := vault()
	files["bad utf8.md"] = "public:: true\n\n- \xff\xfe\n"
	files["binary.md"] = "a\x00b"
	files["big.md"] = "public:: true\n" + strconv.Itoa(1) + string(bytes.Repeat([]byte("x"), 5000))
	files["crlf.md"] = "\ufeffpublic:: true\r\n\r\n- see [[Page 1]]\r\n"
	files["51% Attack.md"] = "public:: true\n\n- percent\n"
	files["pages/A___B Testing.md"] = "public:: true\n\n- namespace\n"
	w := newWorld(t, files)
	if err := w.git.Symlink("link.md", "crlf.md"); err != nil {
		t.Fatal(err)
	}
	w.commit(nil)
	w.install()
	w.want(0, `SELECT count(*) FROM kg.files WHERE state NOT IN ('current', 'skipped')`)
	for path, code := range map[string]string{"bad utf8.md": "file-not-utf8", "binary.md": "file-binary", "big.md": "file-too-large", "link.md": "not-regular-file"} {
		w.want(1, `SELECT count(*) FROM kg.diagnostics WHERE path = $1 AND code = $2`, path, code)
	}
	w.want(1, `SELECT count(*) FROM kg.files WHERE path = 'big.md' AND size_bytes > 5000`) // a plan knows its blob alone
	w.want(1, `SELECT count(*) FROM kg.links WHERE path = 'crlf.md' AND target = 'Page 1'`)
	w.want(1, `SELECT count(*) FROM kg.pages WHERE name = '51% Attack'`)
	w.want(1, `SELECT count(*) FROM kg.pages WHERE namespace = 'A'`)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift: %+v", v)
	}
}
