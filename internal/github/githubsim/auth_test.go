package githubsim

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

func TestAppJWT(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	stranger := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	now := time.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	good := jwt.MapClaims{"iss": "1", "iat": at(-time.Minute), "exp": at(5 * time.Minute)}
	for name, test := range map[string]struct {
		token  string
		status int
		text   string
	}{
		"valid":        {w.jwt(good, w.key, jwt.SigningMethodRS256), 200, ""},
		"numeric iss":  {w.jwt(jwt.MapClaims{"iss": 1, "iat": at(-time.Minute), "exp": at(time.Minute)}, w.key, jwt.SigningMethodRS256), 200, ""},
		"signature":    {w.jwt(good, stranger, jwt.SigningMethodRS256), 401, undecodableJWT},
		"algorithm":    {w.jwt(good, []byte("x"), jwt.SigningMethodHS256), 401, undecodableJWT},
		"too far":      {w.jwt(jwt.MapClaims{"iss": "1", "iat": at(-time.Minute), "exp": at(11 * time.Minute)}, w.key, jwt.SigningMethodRS256), 401, "too far in the future"},
		"expired":      {w.jwt(jwt.MapClaims{"iss": "1", "iat": at(-time.Hour), "exp": at(-time.Minute)}, w.key, jwt.SigningMethodRS256), 401, "'exp'"},
		"iat ahead":    {w.jwt(jwt.MapClaims{"iss": "1", "iat": at(time.Minute), "exp": at(5 * time.Minute)}, w.key, jwt.SigningMethodRS256), 401, "'iat'"},
		"other issuer": {w.jwt(jwt.MapClaims{"iss": "2", "iat": at(-time.Minute), "exp": at(time.Minute)}, w.key, jwt.SigningMethodRS256), 401, "'iss'"},
		"no JWT":       {"nonsense", 401, undecodableJWT},
	} {
		t.Run(name, func(t *testing.T) {
			w.want(w.do("GET", "/app/installations", "", "Authorization: Bearer "+test.token), test.status, test.text)
		})
	}
}

func TestInstallationToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	path := fmt.Sprintf("/app/installations/%d/access_tokens", w.in)
	bearer := "Authorization: Bearer " + w.appJWT()
	token := w.token("null")
	if len(token) < 380 {
		t.Fatalf("token has %d characters, GitHub's newer ones have 380 and more", len(token))
	}
	w.want(w.do("GET", "/repos/O/R", "", "Authorization: token "+token), 200, `"full_name":"o/r"`)
	w.want(w.do("GET", "/installation/repositories", "", "Authorization: Bearer "+token), 200, `"total_count":1`)
	w.want(w.do("POST", path, `{"repositories":["nope"]}`, bearer), 422, "does not exist")
	w.want(w.do("POST", path, `{"permissions":{"contents":"write"}}`, bearer), 422, "not granted")
	w.want(w.do("POST", "/app/installations/99/access_tokens", "", bearer), 404, "Not Found")
	narrow := w.token(`{"permissions":{"metadata":"read"}}`)
	refused := w.do("GET", "/repos/o/r/git/trees/main", "", "Authorization: Bearer "+narrow)
	w.want(refused, 403, "Resource not accessible by integration")
	if got := refused.header.Get("X-Accepted-GitHub-Permissions"); got != "contents=read" {
		t.Fatalf("X-Accepted-GitHub-Permissions = %q", got)
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.token("")
	w.now = func() time.Time { return time.Now().Add(tokenLife + time.Second) }
	w.want(w.do("GET", "/repos/o/r", "", "Authorization: Bearer "+token), 401, "Bad credentials")
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	other := must(w.AddRepository(t.Context(), RepositoryOptions{Owner: "o", Name: "open", Dir: w.git.Dir}))(t)
	hidden := must(w.AddRepository(t.Context(), RepositoryOptions{Owner: "o", Name: "hidden", Dir: w.git.Dir, Private: true}))(t)
	w.want(w.do("GET", "/repos/o/r", ""), 404, "documentation_url")
	w.want(w.do("GET", "/repos/o/open", ""), 200, other.FullName)
	w.want(w.get(fmt.Sprintf("/repositories/%d", hidden.ID)), 404, "Not Found")
	w.want(w.do("GET", "/repos/o/r", "", "Authorization: Bearer wrong"), 401, "Bad credentials")
	w.want(w.do("GET", "/installation/repositories", ""), 401, "Requires authentication")
	w.want(w.do("GET", "/nowhere", ""), 404, "Not Found")
}

func TestSuspendAndUninstall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	token := "Authorization: Bearer " + w.token("")
	check(t, w.Suspend(t.Context(), w.in))
	w.want(w.do("GET", "/repos/o/r", "", token), 403, "suspended")
	mint := fmt.Sprintf("/app/installations/%d/access_tokens", w.in)
	w.want(w.do("POST", mint, "", "Authorization: Bearer "+w.appJWT()), 403, "suspended")
	before := len(w.Deliveries())
	check(t, w.Push(t.Context(), w.repo.ID, "refs/heads/main", "", first))
	if len(w.Deliveries()) != before {
		t.Fatal("a webhook was sent while suspended")
	}
	check(t, w.Unsuspend(t.Context(), w.in))
	w.want(w.do("GET", "/repos/o/r", "", token), 200, "")
	check(t, w.Uninstall(t.Context(), w.in))
	var gone struct{ Action string }
	if w.last("installation", &gone); gone.Action != "deleted" {
		t.Fatalf("action = %q", gone.Action)
	}
	w.want(w.do("GET", "/repos/o/r", "", token), http.StatusUnauthorized, "Bad credentials")
	w.want(w.do("POST", mint, "", "Authorization: Bearer "+w.appJWT()), 404, "")
}

func TestRenameRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.commit("a.md=1")
	check(t, w.Rename(t.Context(), w.repo.ID, "fresh"))
	moved := w.get("/repos/o/r/commits/main?x=1")
	w.want(moved, 301, "Moved Permanently")
	if got, want := moved.header.Get("Location"), fmt.Sprintf("%s/repositories/%d/commits/main?x=1", w.URL(), w.repo.ID); got != want {
		t.Fatalf("Location = %s, want %s", got, want)
	}
	w.want(w.get(moved.header.Get("Location")), 200, "")
	var event struct {
		Action  string
		Changes struct {
			Repository struct{ Name struct{ From string } }
		}
	}
	if w.last("repository", &event); event.Action != "renamed" || event.Changes.Repository.Name.From != "r" {
		t.Fatalf("event = %+v", event)
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.commit("a.md=1")
	other := must(w.Install(t.Context(), "other"))(t)
	check(t, w.Transfer(t.Context(), w.repo.ID, "other"))
	w.want(w.get("/repos/o/r"), 404, "") // the token is of the installation that lost it
	var events []string
	for _, d := range w.Deliveries() {
		var e struct {
			Action       string
			Installation struct{ ID int64 }
		}
		check(t, json.Unmarshal(d.Body, &e))
		events = append(events, fmt.Sprintf("%s.%s to the new one %v", d.Event, e.Action, e.Installation.ID == other))
	}
	want := []string{"installation_repositories.removed to the new one false", "installation_repositories.added to the new one true", "repository.transferred to the new one true"}
	if got := events[len(events)-3:]; !slices.Equal(got, want) {
		t.Fatalf("events = %q", got)
	}
	if id := w.installationOf(w.repo.ID); id == nil || id.id != other {
		t.Fatalf("the repository is reached by %+v", id)
	}
}
