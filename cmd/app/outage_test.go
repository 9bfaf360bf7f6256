package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/store/embedded"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// ownPostgres is a Postgres of one test, which can be stopped and started again
// behind the same address.
type ownPostgres struct {
	t       *testing.T
	dir     string
	sockets string // stays; leads to the running server's sockets
	server  *embedded.Server
}

func newOwnPostgres(t *testing.T) *ownPostgres {
	t.Helper()
	p := &ownPostgres{t: t, dir: storetest.DataDir(t)}
	p.sockets = filepath.Join(filepath.Dir(p.dir), "sockets")
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *ownPostgres) start() {
	p.t.Helper()
	var err error
	if p.server, err = embedded.Start(p.t.Context(), embedded.Config{DataDir: p.dir}); err != nil {
		p.t.Fatal(err)
	}
	u, err := url.Parse(p.server.URL("kgsync"))
	if err == nil {
		err = os.Symlink(u.Query().Get("host"), p.sockets)
	}
	if err == nil {
		err = p.server.EnsureDatabase(p.t.Context(), "kgsync")
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *ownPostgres) stop() {
	if p.server == nil {
		return
	}
	if err := p.server.Stop(); err != nil {
		p.t.Error(err)
	}
	if err := os.Remove(p.sockets); err != nil {
		p.t.Error(err)
	}
	p.server = nil
}

func (p *ownPostgres) url() string { return embedded.SocketURL(p.sockets, "kgsync") }

// status gives the status of a GET.
func (w *world) status(path string) int {
	w.t.Helper()
	res, err := http.Get(w.service.url() + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// ready waits until the service is ready.
func (w *world) ready() {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); w.status("/readyz") != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("/readyz does not get ready again")
		}
	}
}

// TestAStoppedPostgresLosesNoPush: a delivery that cannot be made durable is
// answered 503, and nothing of it stays behind that would swallow its redelivery [2].
func TestAStoppedPostgresLosesNoPush(t *testing.T) {
	t.Parallel()
	pg := newOwnPostgres(t)
	w := newWorld(t, vault(), func(c *config) { c.DatabaseURL = secret(pg.url()) })
	w.install()
	if got := w.status("/readyz"); got != http.StatusOK {
		t.Errorf("/readyz answers %d while the database is up", got)
	}

	before, after := w.commit(map[string]string{"pages/Late.md": "public:: true\n"})
	pg.stop()
	w.push(before, after)
	list := w.sim.Deliveries()
	last := list[len(list)-1]
	if last.Event != "push" || last.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the %s was answered %d, want 503", last.Event, last.StatusCode)
	}
	for path, want := range map[string]int{"/readyz": http.StatusServiceUnavailable, "/healthz": http.StatusOK, "/metrics": http.StatusOK} {
		if got := w.status(path); got != want {
			t.Errorf("%s answers %d without a database, want %d", path, got, want)
		}
	}

	pg.start()
	w.ready()
	if got := w.outcomes("push", "unavailable"); got != 1 {
		t.Errorf("%d pushes counted as unavailable, want 1", got)
	}
	w.want(0, `SELECT count(*) FROM kg.pages WHERE name = 'Late'`)
	w.want(0, `SELECT count(*) FROM kgsync.deliveries WHERE guid = $1`, last.GUID)
	w.ok(w.sim.Redeliver(t.Context(), last.GUID))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Late'`)
	w.eventually(0, `SELECT count(*) FROM kg.runs WHERE finished_at IS NULL`)
	list = w.sim.Deliveries()
	if got := list[len(list)-1].StatusCode; got != http.StatusOK {
		t.Errorf("the redelivery was answered %d", got)
	}
	if v := w.verify(); !v.Equal() {
		t.Errorf("%+v", v)
	}
}
