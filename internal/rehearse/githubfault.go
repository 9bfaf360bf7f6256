package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

// apiParts are the parts of GitHub's API that faults hit: a substring of the path.
var apiParts = []string{"", "", "/git/trees/", "/git/blobs/", "/contents/", "/commits/", "/repositories/", "/access_tokens", "/installation/repositories", "/app/installations", "/tarball"}

// refused makes a step in which GitHub answers some requests otherwise.
func refused(name string, weight int, fault func(*world, *rand.Rand) githubsim.Fault) kind {
	return kind{name, "GitHub", weight, func(w *world, _ context.Context, rng *rand.Rand) (string, error) {
		f := fault(w, rng)
		if f.Contains == "" {
			f.Contains = apiParts[rng.IntN(len(apiParts))]
		}
		if f.Times == 0 {
			f.Times = 1 + rng.IntN(8)
		}
		w.seemedGone = w.seemedGone || f.Status == http.StatusNotFound
		w.inject(f)
		return fmt.Sprintf("%d requests of %q", f.Times, f.Contains), nil
	}}
}

// inject adds a fault until stopFaults.
func (w *world) inject(f githubsim.Fault) { w.faults = append(w.faults, w.sim.Inject(f)) }

func answer(status int, message string, header http.Header) githubsim.Fault {
	return githubsim.Fault{Status: status, Body: `{"message":"` + message + `"}`, Header: header}
}

var githubKinds = []kind{
	refused("api-5xx", 4, func(_ *world, rng *rand.Rand) githubsim.Fault {
		return answer([]int{500, 502, 503, 504}[rng.IntN(4)], "Server Error", nil)
	}),
	refused("api-401", 2, func(*world, *rand.Rand) githubsim.Fault { return answer(401, "Bad credentials", nil) }),
	refused("api-403", 2, func(*world, *rand.Rand) githubsim.Fault {
		return answer(403, "Resource not accessible by integration", nil)
	}),
	refused("api-404", 3, func(*world, *rand.Rand) githubsim.Fault { return answer(404, "Not Found", nil) }),
	refused("api-409", 1, func(*world, *rand.Rand) githubsim.Fault { return answer(409, "Conflict", nil) }),
	refused("api-empty-repository", 1, func(*world, *rand.Rand) githubsim.Fault {
		return githubsim.Fault{Status: 409, Body: `{"message":"Git Repository is empty."}`, Times: 1}
	}),
	refused("api-422", 1, func(*world, *rand.Rand) githubsim.Fault { return answer(422, "No commit found for SHA", nil) }),
	refused("limit-secondary", 2, func(_ *world, rng *rand.Rand) githubsim.Fault {
		f := answer([]int{403, 429}[rng.IntN(2)], "You have exceeded a secondary rate limit.", http.Header{"Retry-After": {"1"}})
		f.Times = 1
		return f
	}),
	refused("limit-primary", 2, func(_ *world, rng *rand.Rand) githubsim.Fault {
		f := answer([]int{403, 429}[rng.IntN(2)], "API rate limit exceeded", http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Resource": {"core"}})
		f.Times, f.ResetIn = 1, time.Second
		return f
	}),
	refused("connection-cut", 3, func(_ *world, rng *rand.Rand) githubsim.Fault {
		return githubsim.Fault{CutAfterBytes: 1 + rng.IntN(400)}
	}),
	refused("slow-answer", 3, func(_ *world, rng *rand.Rand) githubsim.Fault {
		return githubsim.Fault{Delay: time.Duration(20+rng.IntN(400)) * time.Millisecond, Times: 1 + rng.IntN(3)}
	}),
	refused("garbage", 2, func(*world, *rand.Rand) githubsim.Fault {
		return githubsim.Fault{Status: 200, Body: "<html>a proxy's page</html>"}
	}),
	refused("slow-body", 2, func(_ *world, rng *rand.Rand) githubsim.Fault {
		return githubsim.Fault{PauseAfterBytes: 1 + rng.IntN(300), Pause: time.Duration(20+rng.IntN(400)) * time.Millisecond, Times: 1 + rng.IntN(3)}
	}),
	{"limit-untold", "GitHub", 1, limitUntold},
	{"token-lag", "GitHub", 2, tokenLag},
	{"stale-head", "GitHub", 4, staleHead},
	{"truncated-tree", "GitHub", 3, truncatedTree},
	{"poisoned-blob", "GitHub", 2, poison},
	{"clock-skew", "GitHub", 2, skewClock},
}

// limitUntold is a secondary limit without a time: an installation is left alone for
// a minute at least. Processes that start later know nothing of it.
func limitUntold(w *world, _ context.Context, rng *rand.Rand) (string, error) {
	f := answer([]int{403, 429}[rng.IntN(2)], "You have exceeded a secondary rate limit.", nil)
	f.Contains, f.Times = "/repos", 1
	w.quiet = true
	w.inject(f)
	return fmt.Sprintf("one request is answered %d and not how long", f.Status), nil
}

// tokenLag makes the token bad, and lets the new one be unknown for a while.
func tokenLag(w *world, _ context.Context, rng *rand.Rand) (string, error) {
	bad := answer(401, "Bad credentials", nil)
	bad.Contains, bad.Times = "/repos/", 1
	w.inject(bad)
	lag := answer([]int{401, 403, 404}[rng.IntN(3)], []string{"Bad credentials", "Resource not accessible by integration", "Not Found"}[rng.IntN(3)], nil)
	lag.Contains, lag.Times = "/repos/", 1+rng.IntN(3)
	w.seemedGone = w.seemedGone || lag.Status == http.StatusNotFound
	w.inject(lag)
	return fmt.Sprintf("a new token is answered %d %d times", lag.Status, lag.Times), nil
}

// staleHead lets reads of the branch lag behind.
func staleHead(w *world, _ context.Context, rng *rand.Rand) (string, error) {
	revision := w.back(1 + rng.IntN(3))
	if revision == "" {
		return "", nil
	}
	sha, err := w.git.Git("rev-parse", revision)
	if err != nil {
		return "", err
	}
	f := githubsim.Fault{Contains: "/commits/", StaleHead: sha, Times: 1 + rng.IntN(6)}
	w.inject(f)
	return fmt.Sprintf("%d reads say %.8s", f.Times, sha), nil
}

// truncatedTree lets one listing of the head's tree show a part only, and say so.
func truncatedTree(w *world, _ context.Context, rng *rand.Rand) (string, error) {
	head, err := w.git.Head()
	if err != nil {
		return "", err
	}
	entries, err := listTree(w.git, head)
	if err != nil {
		return "", err
	}
	type item struct {
		Path string `json:"path"`
		Mode string `json:"mode"`
		Type string `json:"type"`
		SHA  string `json:"sha"`
		Size int64  `json:"size"`
	}
	var shown []item
	for _, e := range entries[:rng.IntN(len(entries)+1)] {
		if e.mode != "160000" && strings.ToValidUTF8(e.path, "") == e.path {
			shown = append(shown, item{e.path, e.mode, "blob", e.blob, e.size})
		}
	}
	body, err := json.Marshal(map[string]any{"sha": head, "url": "", "tree": shown, "truncated": true})
	if err != nil {
		return "", err
	}
	w.inject(githubsim.Fault{Contains: "/git/trees/" + head, Status: 200, Body: string(body), Times: 1,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}})
	return fmt.Sprintf("%d of %d files", len(shown), len(entries)), nil
}

// poison makes GitHub refuse one content for good, or give other bytes for it: until
// the very end.
func poison(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 {
		return "", err
	}
	content := w.vault.page(w.read(files[0]), rng)
	blob := blobSHA(content)
	w.poisoned[blob] = true
	f := githubsim.Fault{Contains: "/git/blobs/" + blob, Status: 500, Body: `{"message":"Server Error"}`}
	if blob[0] < '8' { // for half of them something between GitHub and us answers instead
		f.Status, f.Body = 200, "<html>a proxy's page</html>"
	}
	w.lasting(f)
	return files[0] + " at " + blob, w.writeAndCommit(ctx, rng, map[string]string{files[0]: content})
}
