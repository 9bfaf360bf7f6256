package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// fleet are several server processes on one Postgres and one local GitHub, behind a
// proxy that hands each delivery to any of those that live.
type fleet struct {
	*killed
	rng *rand.Rand

	mu       sync.Mutex
	alive    []string   // addresses of processes that take deliveries
	dice     *rand.Rand // of the proxy, which runs beside the test
	accepted []string   // GUIDs of deliveries that were answered 200
	members  []*member
}

// member is one place of the fleet: a process and, after its end, the next one.
type member struct {
	role, address string
	process       *program
}

// newFleet serves the repository with a process for each role; none runs yet.
func newFleet(t *testing.T, dir string, seed uint64, roles ...string) *fleet {
	t.Helper()
	f := &fleet{killed: newKilled(t, dir), rng: rand.New(rand.NewPCG(seed, 1)), dice: rand.New(rand.NewPCG(seed, 2))}
	for _, role := range roles {
		f.members = append(f.members, &member{role: role, address: freeAddress(t)})
	}
	proxy := httptest.NewServer(http.HandlerFunc(f.forward))
	t.Cleanup(proxy.Close)
	f.sim.SetWebhookURL(proxy.URL + "/webhooks/github")
	return f
}

// start starts a member's process and waits until it is ready.
func (f *fleet) start(m *member) {
	f.t.Helper()
	m.process = run(f.t, append(slices.Clone(f.env), "KGSYNC_LISTEN="+m.address), "serve", "--role", m.role)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if res, err := http.Get("http://" + m.address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		select {
		case <-m.process.ended:
			f.t.Fatalf("a process of role %s ended:\n%s", m.role, m.process.said)
		default:
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("a process of role %s does not get ready:\n%s", m.role, m.process.said)
		}
	}
	f.retarget()
}

// end kills a member's process, or has it stop; deliveries may be on their way to it.
func (f *fleet) end(m *member, kill bool) {
	f.t.Helper()
	if kill {
		m.process.kill()
	} else if err := m.process.Process.Signal(syscall.SIGTERM); err != nil {
		f.t.Fatal(err)
	}
	select {
	case <-m.process.ended:
	case <-time.After(time.Minute):
		f.t.Fatalf("a process of role %s does not stop:\n%s", m.role, m.process.said)
	}
	if code := m.process.ProcessState.ExitCode(); !kill && code != 0 {
		f.t.Errorf("a process of role %s stopped with exit code %d:\n%s", m.role, code, m.process.said)
	}
	m.process = nil
	f.retarget()
}

// retarget tells the proxy who takes deliveries.
func (f *fleet) retarget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alive = nil
	for _, m := range f.members {
		if m.process != nil && m.role != "worker" {
			f.alive = append(f.alive, m.address)
		}
	}
}

// forward hands a delivery to one process.
func (f *fleet) forward(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	address := ""
	if len(f.alive) > 0 {
		address = f.alive[f.dice.IntN(len(f.alive))]
	}
	f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || address == "" {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+address+r.URL.Path, bytes.NewReader(body))
	if err == nil {
		out.Header = r.Header.Clone()
		var res *http.Response
		if res, err = http.DefaultClient.Do(out); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				f.mu.Lock()
				f.accepted = append(f.accepted, r.Header.Get("X-GitHub-Delivery"))
				f.mu.Unlock()
			}
			w.WriteHeader(res.StatusCode)
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// admin posts to any process that answers the API and decodes its answer.
func (f *fleet) admin(path string, body, answer any) error {
	f.mu.Lock()
	address := f.alive[0]
	f.mu.Unlock()
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	res, err := http.Post("http://"+address+"/admin/repos/local/vault/"+path, "application/json", bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s %s %w", path, res.Status, said, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}

// count answers a query of one number.
func (f *fleet) count(sql string, args ...any) (n int) {
	f.t.Helper()
	if err := f.store.Pool().QueryRow(f.t.Context(), sql, args...).Scan(&n); err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// zero fails unless a query counts nothing.
func (f *fleet) zero(what, sql string, args ...any) {
	f.t.Helper()
	if n := f.count(sql, args...); n != 0 {
		f.t.Errorf("%d %s", n, what)
	}
}
