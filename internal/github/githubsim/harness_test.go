package githubsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

const testSecret = "It's a Secret to Everybody"

// world is a server with one installed private repository, o/r, and a receiver
// of its webhooks.
type world struct {
	*Server
	t    *testing.T
	git  *gitfixture.Repo
	repo Repository
	in   int64
	hook *receiver
}

// receiver records webhooks and answers 200, or status if that is set.
type receiver struct {
	mu     sync.Mutex
	got    []received
	status int
	notify chan struct{}
}

type received struct {
	header http.Header
	body   []byte
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.got = append(r.got, received{request.Header.Clone(), body})
	status := r.status
	r.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
	}
	select {
	case r.notify <- struct{}{}:
	default:
	}
}

func (r *receiver) events() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

// last decodes the newest webhook of an event.
func (w *world) last(event string, into any) received {
	w.t.Helper()
	events := w.hook.events()
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].header.Get("X-GitHub-Event") == event {
			if err := json.Unmarshal(events[i].body, into); err != nil {
				w.t.Fatal(err)
			}
			return events[i]
		}
	}
	w.t.Fatalf("no %s webhook arrived", event)
	return received{}
}

// newWorld serves an empty repository; change it through w.git.
func newWorld(t *testing.T, limits *RateLimits) *world {
	t.Helper()
	git := must(gitfixture.New(t.TempDir()))(t)
	w := &world{t: t, git: git, hook: &receiver{notify: make(chan struct{}, 100)}}
	web := httptest.NewServer(w.hook)
	t.Cleanup(web.Close)
	w.Server = must(New(Config{WebhookSecret: testSecret, WebhookURL: web.URL, RateLimits: limits}))(t)
	check(t, w.Start("127.0.0.1:0"))
	t.Cleanup(func() { check(t, w.Close(context.Background())) })
	w.repo = must(w.AddRepository(t.Context(), RepositoryOptions{Owner: "o", Name: "r", Dir: git.Dir, Private: true}))(t)
	w.in = must(w.Install(t.Context(), "o", w.repo.ID))(t)
	return w
}

func (w *world) commit(files ...string) string {
	w.t.Helper()
	for _, file := range files {
		path, content, _ := strings.Cut(file, "=")
		check(w.t, w.git.Write(path, content))
	}
	return must(w.git.Commit("change"))(w.t)
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) jwt(claims jwt.MapClaims, key any, method jwt.SigningMethod) string {
	w.t.Helper()
	return must(jwt.NewWithClaims(method, claims).SignedString(key))(w.t)
}

func (w *world) appJWT() string {
	now := w.now()
	return w.jwt(jwt.MapClaims{"iss": strconv.FormatInt(w.AppID(), 10), "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix()}, w.key, jwt.SigningMethodRS256)
}

type reply struct {
	status int
	header http.Header
	body   []byte
	err    error // of reading the body
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(r.body, &value); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return value
}

// do sends a request; headers are "Name: value" lines. Redirects are not followed.
func (w *world) do(method, path, body string, headers ...string) reply {
	w.t.Helper()
	target := path
	if !strings.HasPrefix(path, "http") {
		target = w.URL() + path
	}
	request := must(http.NewRequestWithContext(w.t.Context(), method, target, strings.NewReader(body)))(w.t)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	check(w.t, err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, data, err}
}

func (w *world) token(body string) string {
	w.t.Helper()
	answer := w.do("POST", "/app/installations/"+strconv.FormatInt(w.in, 10)+"/access_tokens", body, "Authorization: Bearer "+w.appJWT())
	if answer.status != http.StatusCreated {
		w.t.Fatalf("token: %d %s", answer.status, answer.body)
	}
	return answer.json(w.t)["token"].(string)
}

// get reads with a fresh installation token.
func (w *world) get(path string, headers ...string) reply {
	w.t.Helper()
	return w.do("GET", path, "", append(headers, "Authorization: Bearer "+w.token(""))...)
}

func (w *world) want(r reply, status int, contains string) {
	w.t.Helper()
	if r.status != status || !bytes.Contains(r.body, []byte(contains)) {
		w.t.Fatalf("got %d %.400s, want %d with %q", r.status, r.body, status, contains)
	}
}

// gitInput runs git with standard input, which gitfixture does not offer.
func (w *world) gitInput(input string, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "git", args...)
	cmd.Dir, cmd.Stdin = w.git.Dir, strings.NewReader(input)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		w.t.Fatalf("git %v: %s", args, exit.Stderr)
	}
	check(w.t, err)
	return strings.TrimSpace(string(out))
}

func decode(t *testing.T, r reply, into any) {
	t.Helper()
	if err := json.Unmarshal(r.body, into); err != nil || r.status != http.StatusOK {
		t.Fatalf("%d %v in %.300s", r.status, err, r.body)
	}
}
