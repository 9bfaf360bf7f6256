package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

// ask sends one request to the service and gives the answer and its body.
func (w *world) ask(method, path, body string, header map[string]string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.service.url()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range header {
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res, string(said)
}

// TestRequestsMeanWhatTheySay: what cannot be taken as it stands is refused, and
// nothing is done.
func TestRequestsMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n"})
	w.install()
	runs := w.count(`SELECT count(*) FROM kgsync.runs`)
	const admin, read = "/admin/repos/local/vault/", "/api/v1/repositories/local/vault/"
	for _, r := range []struct {
		method, path, body string
		header             map[string]string
		status             int
	}{
		{"POST", admin + "resync", `{"ful":true}`, nil, 400},
		{"POST", admin + "resync", `full=true`, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 400},
		{"POST", admin + "resync", `{"full":"` + strings.Repeat("a", 2<<20) + `"}`, nil, 400},
		{"POST", admin + "retry", `{"paths":["\u0000"]}`, nil, 400},
		{"POST", "/admin/repos/local/%00/resync", ``, nil, 400},
		{"GET", read + "graph?page=%00", "", nil, 400},
		{"GET", read + "page?key=%ff", "", nil, 400},
		{"POST", admin + "resync", "", map[string]string{"Host": "rebound.example.org"}, 403},
		{"POST", admin + "resync", "", map[string]string{"Origin": "https://example.org"}, 403},
		{"GET", read + "graph", "", map[string]string{"Host": "rebound.example.org:80"}, 403},
	} {
		res, said := w.ask(r.method, r.path, r.body, r.header)
		if res.StatusCode != r.status || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s %.40s is answered %s, %s", r.method, r.path, r.body, res.Status, said)
		}
	}
	if n := w.count(`SELECT count(*) FROM kgsync.runs`); n != runs {
		t.Errorf("%d runs came of refused requests", n-runs)
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": w.service.url()} // as curl -d sends it
	if res, said := w.ask("POST", admin+"resync", `{"full":true}`, form); res.StatusCode != 202 || w.count(`SELECT count(*) FROM kgsync.runs WHERE full_resync`) != 1 {
		t.Errorf("a full resync is answered %s, %s", res.Status, said)
	}
	w.settled()
}

// TestNothingIsStartedWhereNothingCanBeRead: a suspended installation is a conflict,
// a GitHub that does not answer a bad gateway.
func TestNothingIsStartedWhereNothingCanBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pages/A.md": "- a\n"})
	w.install()
	const admin = "/admin/repos/local/vault/"
	ends := w.sim.Inject(githubsim.Fault{Contains: "/repos/", Status: http.StatusBadGateway})
	if res, said := w.ask("POST", admin+"verify", "", nil); res.StatusCode != 502 || !strings.Contains(said, "GitHub") {
		t.Errorf("verify without GitHub is answered %s, %s", res.Status, said)
	}
	ends()
	if err := w.sim.Suspend(t.Context(), w.inst); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"resync", "verify", "retry"} {
		if res, said := w.ask("POST", admin+action, "", nil); res.StatusCode != 409 || !strings.Contains(said, "suspended") {
			t.Errorf("%s of a suspended repository is answered %s, %s", action, res.Status, said)
		}
	}
}

// TestTokens: each opens its routes, and only as a bearer token.
func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(c *config) { c.AdminToken, c.ReadToken = "admin", "read" })
	for _, r := range []struct {
		method, path, authorization string
		status                      int
	}{
		{"GET", "/api/v1/repositories", "", 401},
		{"GET", "/api/v1/repositories", "read", 401},
		{"GET", "/api/v1/repositories", "Bearer read", 200},
		{"GET", "/api/v1/repositories", "Bearer admin", 200},
		{"POST", "/admin/repos/o/r/resync", "Bearer read", 401},
		{"POST", "/admin/repos/o/r/resync", "Bearer admin", 404},
	} {
		res, said := w.ask(r.method, r.path, "", map[string]string{"Authorization": r.authorization, "Host": "kgsync.example.org"})
		if res.StatusCode != r.status || r.status == 401 && res.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s %s with %q is answered %s, %s", r.method, r.path, r.authorization, res.Status, said)
		}
	}
}

// TestANameIsKnownByWhatLinksToIt: an alias leads to its page, and a name without a
// file still has its backlinks. What alias:: names counts as linked to.
func TestANameIsKnownByWhatLinksToIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"pages/Handcart.md": "public:: true\nalias:: HC\n\n- [[Wheel]]\n", "pages/B.md": "public:: true\n\n- [[HC]] [[Wheel]]\n"})
	w.install()
	page := func(key string) (list []struct {
		Path, Name       string
		Links, Backlinks []struct{ Path string }
	}) {
		res, said := w.ask("GET", "/api/v1/repositories/local/vault/page?key="+key, "", nil)
		if err := json.Unmarshal([]byte(said), &list); err != nil || res.StatusCode != 200 {
			t.Fatalf("%s is answered %s, %s", key, res.Status, said)
		}
		return list
	}
	for key, want := range map[string]string{"hc": "[pages/Handcart.md 2 2]", "handcart": "[pages/Handcart.md 2 0]", "wheel": "[ 0 2]", "nothing": "[ 0 0]"} {
		var got []string
		for _, p := range page(key) {
			got = append(got, fmt.Sprintf("%s %d %d", p.Path, len(p.Links), len(p.Backlinks)))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s: file, links, backlinks", key, got, want)
		}
	}
	if _, said := w.ask("GET", "/api/v1/repositories/local/vault/graph", "", nil); !strings.Contains(strings.ReplaceAll(said, " ", ""), `"name":"hc","page":true`) {
		t.Errorf("an alias is no page in the graph: %s", said)
	}
}

// TestAnOpenStreamOfEventsEndsWithTheService: it is ended, not cut off.
func TestAnOpenStreamOfEventsEndsWithTheService(t *testing.T) {
	t.Parallel()
	f := newFleet(t, committed(t, bulky(4)).Dir, 1, "all")
	f.env = append(f.env, "KGSYNC_ARCHIVES=off")
	m := f.members[0]
	f.start(m)
	f.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Delay: forever})
	if _, err := f.sim.Install(t.Context(), "local", f.repo); err != nil {
		t.Fatal(err)
	}
	f.eventually(1, `SELECT count(*) FROM kgsync.runs WHERE state = 'running'`)
	res, err := http.Get(fmt.Sprintf("http://%s/api/v1/runs/%d/events", f.alive[0], f.count(`SELECT max(id) FROM kgsync.runs`)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, res.Body)
		ended <- err
	}()
	f.end(m, false)
	if err := <-ended; err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
}
