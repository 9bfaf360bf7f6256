package githubsim

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRateLimitHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, r := range []reply{w.get("/repos/o/r"), w.get("/repos/o/none"), w.do("GET", "/app/installations", "")} {
		for _, name := range []string{"Limit", "Remaining", "Used", "Reset", "Resource"} {
			if r.header.Get("X-Ratelimit-"+name) == "" {
				t.Errorf("%d answer has no x-ratelimit-%s", r.status, name)
			}
		}
	}
}

func TestPrimaryLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &RateLimits{Primary: 3, Status: 429})
	w.commit("a.md=1")
	token := "Authorization: Bearer " + w.token("")
	head := "/repos/o/r/commits/main"
	etag := w.do("GET", head, "", token, "Accept: application/vnd.github.sha").header.Get("ETag")
	for range 5 { // an authorized 304 is free, so is GET /rate_limit
		w.want(w.do("GET", head, "", token, "Accept: application/vnd.github.sha", "If-None-Match: "+etag), 304, "")
		w.want(w.do("GET", "/rate_limit", "", token), 200, `"used":1`)
	}
	w.want(w.do("GET", "/repos/o/r", "", token), 200, "")
	w.want(w.do("GET", "/repos/o/r", "", token), 200, "")
	refused := w.do("GET", "/repos/o/r", "", token)
	w.want(refused, 429, "API rate limit exceeded for installation ID")
	if refused.header.Get("X-Ratelimit-Remaining") != "0" {
		t.Fatalf("remaining = %s", refused.header.Get("X-Ratelimit-Remaining"))
	}
	w.now = func() time.Time { return time.Now().Add(time.Hour + time.Second) }
	w.want(w.do("GET", "/repos/o/r", "", "Authorization: Bearer "+w.token("")), 200, "")
}

func TestSecondaryLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &RateLimits{Points: 2})
	token := "Authorization: Bearer " + w.token2()
	w.want(w.do("GET", "/repos/o/r", "", token), 200, "")
	w.want(w.do("GET", "/repos/o/r", "", token), 200, "")
	refused := w.do("GET", "/repos/o/r", "", token)
	w.want(refused, 403, "secondary rate limit")
	if refused.header.Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	w.want(w.do("GET", "/installation/repositories", "", token), 200, "") // another endpoint
	if got := w.Refused(); got != (Refused{Secondary: 1}) {
		t.Errorf("counted as refused: %+v", got)
	}
}

// token2 puts a token into the server past the limit on minting.
func (w *world) token2() string {
	w.Server.mu.Lock()
	defer w.Server.mu.Unlock()
	w.tokens["planted"] = &token{installationID: w.in, permissions: appPermissions(), expires: time.Now().Add(time.Hour)}
	return "planted"
}

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	l := newLimiter(&RateLimits{Concurrent: 1})
	bill := charge{caller: "c", operation: "o", limit: 10, points: 1, now: time.Now()}
	done, err := l.admit(bill)
	check(t, err)
	if _, err := l.admit(bill); err == nil {
		t.Fatal("a second concurrent request was admitted")
	}
	done()
	if _, err := l.admit(bill); err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
}

func TestScaledLimit(t *testing.T) {
	t.Parallel()
	for repositories, want := range map[int]int{0: 5000, 20: 5000, 21: 5050, 1000: 12500} {
		if got := scaledLimit(repositories); got != want {
			t.Errorf("scaledLimit(%d) = %d, want %d", repositories, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	second := w.commit("a.md=" + strings.Repeat("x", 1000))
	sha := "Accept: application/vnd.github.sha"

	w.Inject(Fault{Method: "GET", PathPrefix: "/repos/", Contains: "/commits/", Times: 1, Status: 502, Header: http.Header{"Retry-After": {"7"}}, Body: "bad gateway"})
	failed := w.get("/repos/o/r/commits/main", sha)
	w.want(failed, 502, "bad gateway")
	if failed.header.Get("Retry-After") != "7" {
		t.Fatal("the fault's header is missing")
	}
	w.want(w.get("/repos/o/r/commits/main", sha), 200, second)

	remove := w.Inject(Fault{Contains: "/commits/", StaleHead: first})
	w.want(w.get("/repos/o/r/commits/main", sha), 200, first)
	w.want(w.get("/repos/o/r/commits/"+second, sha), 200, second)
	remove()
	w.want(w.get("/repos/o/r/commits/main", sha), 200, second)

	w.Inject(Fault{Contains: "/contents/", Times: 1, CutAfterBytes: 10})
	if cut := w.get("/repos/o/r/contents/a.md", rawMedia); cut.err == nil || len(cut.body) != 10 {
		t.Fatalf("read %d bytes, err %v", len(cut.body), cut.err)
	}
	w.Inject(Fault{Contains: "/contents/", Times: 1, PauseAfterBytes: 10, Pause: time.Millisecond})
	w.want(w.get("/repos/o/r/contents/a.md", rawMedia), 200, strings.Repeat("x", 1000))
}

func TestRequestCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.get("/repos/o/r")
	w.get("/nowhere")
	got := w.Requests()
	if got[OpGetRepository] != 1 || got[OpCreateToken] != 2 || got[UnknownOperation] != 1 {
		t.Fatalf("requests = %v", got)
	}
	if w.ResetRequests(); len(w.Requests()) != 0 {
		t.Fatal("the counts were not reset")
	}
}

func TestCheckRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	head := w.commit("a.md=1")
	token := "Authorization: Bearer " + w.token("")
	path := "/repos/o/r/check-runs"
	note := `{"path":"a.md","start_line":1,"end_line":1,"annotation_level":"warning","message":"m"}`
	output := `"output":{"title":"t","summary":"s","annotations":[` + note + `]}`
	made := w.do("POST", path, fmt.Sprintf(`{"name":"n","head_sha":%q,%s}`, head, output), token)
	w.want(made, 201, `"status":"queued"`)
	run := fmt.Sprintf("%s/%.0f", path, made.json(t)["id"])
	w.want(w.do("PATCH", run, `{"status":"completed"}`, token), 422, "conclusion")
	w.want(w.do("PATCH", run, `{"conclusion":"success",`+output+`}`, token), 200, `"annotations_count":2`) // appended
	w.want(w.do("POST", path, `{"name":"n"}`, token), 422, "head_sha")
	w.want(w.do("POST", path, `{"name":"n","head_sha":"`+strings.Repeat("1", 40)+`"}`, token), 422, "No commit found")
	many := strings.TrimSuffix(strings.Repeat(note+",", maxCheckAnnotations+1), ",")
	w.want(w.do("PATCH", run, `{"output":{"summary":"s","annotations":[`+many+`]}}`, token), 422, "No more than 50")
	w.want(w.do("PATCH", run, `{"output":{"summary":"`+strings.Repeat("x", maxCheckText+1)+`"}}`, token), 422, "65535")
	if runs := w.CheckRuns(); len(runs) != 1 || runs[0].Status != "completed" || runs[0].Conclusion != "success" {
		t.Fatalf("check runs = %+v", runs)
	}
}

func TestNotARepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	check(t, w.git.Write("inside/x.md", "x"))
	for _, dir := range []string{t.TempDir(), w.git.Dir + "/inside", w.git.Dir + "/missing"} {
		if _, err := w.AddRepository(t.Context(), RepositoryOptions{Owner: "o", Name: "x", Dir: dir}); err == nil {
			t.Errorf("%s was taken for a repository", dir)
		}
	}
	must(w.git.Git("init", "-q", "--bare", "--initial-branch=trunk", "bare.git"))(t)
	bare := must(w.AddRepository(t.Context(), RepositoryOptions{Owner: "o", Name: "bare", Dir: w.git.Dir + "/bare.git"}))(t)
	if bare.DefaultBranch != "trunk" {
		t.Fatalf("default branch = %s", bare.DefaultBranch)
	}
}
