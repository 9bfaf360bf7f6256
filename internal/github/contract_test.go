//go:build contract

package github

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// description is GitHub's own, cut down to some operations and webhooks.
type description struct {
	*openapi3.T
	operations []described
}

// described is an operation with the pattern of its path.
type described struct {
	route   routers.Route
	pattern *regexp.Regexp
	names   []string // of the path's parameters
}

// describe reads what npm installed. The whole has a thousand operations; only
// those named, and what they refer to, are kept.
func describe(t *testing.T, operations, webhooks []string) *description {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("githubsim", "testdata", "contract", "node_modules", "@octokit", "openapi", "generated", "api.github.com.json"))
	if err != nil {
		t.Fatalf("%v: run make contract, which installs it", err)
	}
	var whole struct {
		OpenAPI    string                               `json:"openapi"`
		Info       any                                  `json:"info"`
		Paths      map[string]map[string]map[string]any `json:"paths"`
		Components map[string]map[string]any            `json:"components"`
	}
	ok(t, json.Unmarshal(data, &whole))
	paths := map[string]map[string]any{}
	for path, item := range whole.Paths {
		for method, operation := range item {
			if id, _ := operation["operationId"].(string); slices.Contains(operations, id) {
				if paths[path] == nil {
					paths[path] = map[string]any{}
				}
				paths[path][method] = operation
			}
		}
	}
	kept := map[string]map[string]any{"schemas": {}}
	for _, name := range webhooks {
		keep(whole.Components, kept, "#/components/schemas/"+name)
	}
	keepReferences(whole.Components, kept, paths)
	small, err := json.Marshal(map[string]any{"openapi": whole.OpenAPI, "info": whole.Info, "paths": paths, "components": kept})
	ok(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(small)
	ok(t, err)
	correct(doc)
	d := &description{T: doc}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			d.operations = append(d.operations, newDescribed(doc, path, method, item, operation))
		}
	}
	if len(d.operations) < len(operations) {
		t.Fatalf("the description has %d of the %d operations %v", len(d.operations), len(operations), operations)
	}
	return d
}

// correct mends what the description gets wrong: in the list of installations an
// account is a user and an enterprise at once; the single installation says either.
func correct(doc *openapi3.T) {
	if path := doc.Paths.Value("/app/installations"); path != nil {
		account := path.Get.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value.Items.Value.Properties["account"].Value
		account.AnyOf, account.AllOf = account.AllOf, nil
	}
}

// keepReferences keeps what a value refers to, at any depth.
func keepReferences(all, kept map[string]map[string]any, in any) {
	data, err := json.Marshal(in)
	if err != nil {
		panic(err) // it was JSON
	}
	for _, m := range regexp.MustCompile(`"\$ref":"([^"]+)"`).FindAllStringSubmatch(string(data), -1) {
		keep(all, kept, m[1])
	}
}

// keep keeps a component and what it refers to.
func keep(all, kept map[string]map[string]any, ref string) {
	parts := strings.Split(ref, "/") // # components KIND NAME
	kind, name := parts[2], parts[3]
	if kept[kind] == nil {
		kept[kind] = map[string]any{}
	}
	if _, done := kept[kind][name]; done {
		return
	}
	kept[kind][name] = all[kind][name]
	keepReferences(all, kept, all[kind][name])
}

var parameter = regexp.MustCompile(`\\\{(\w+)\\\}`)

func newDescribed(doc *openapi3.T, path, method string, item *openapi3.PathItem, operation *openapi3.Operation) described {
	d := described{route: routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}}
	pattern := parameter.ReplaceAllStringFunc(regexp.QuoteMeta(path), func(name string) string {
		name = strings.Trim(name, `\{}`)
		d.names = append(d.names, name)
		if name == "path" || name == "ref" {
			return "(.+)"
		}
		return "([^/]+)"
	})
	d.pattern = regexp.MustCompile("^" + pattern + "$")
	return d
}

// byID is how repositories are reached by their id: the target of GitHub's own
// redirects (docs: rest/using-the-rest-api/best-practices-for-using-the-rest-api),
// which its description lacks. The answers are those of the path with names.
var byID = regexp.MustCompile(`^/repositories/\d+`)

// find gives the operation of a request with the parameters in its path.
func (d *description) find(r *http.Request) (*described, map[string]string) {
	path := byID.ReplaceAllString(r.URL.EscapedPath(), "/repos/o/r")
	for i, op := range d.operations {
		m := op.pattern.FindStringSubmatch(path)
		if m == nil || op.route.Method != r.Method {
			continue
		}
		values := map[string]string{}
		for j, name := range op.names {
			values[name], _ = url.PathUnescape(m[j+1])
		}
		return &d.operations[i], values
	}
	return nil, nil
}

// witness is a transport that holds every request and its answer to the
// description.
type witness struct {
	t    *testing.T
	d    *description
	next http.RoundTripper

	mu   sync.Mutex
	seen map[string]int // "operation status" -> answers
}

var options = &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	op, params := w.d.find(r)
	if op == nil {
		if !strings.Contains(r.URL.Path, "/legacy.tar.gz/") { // codeload is no REST operation
			w.t.Errorf("GitHub describes no %s %s", r.Method, r.URL.Path)
		}
		return w.next.RoundTrip(r)
	}
	if r.Header.Get("User-Agent") == "" { // docs: rest/using-the-rest-api/getting-started-with-the-rest-api
		w.t.Errorf("%s carries no User-Agent", op.route.Operation.OperationID)
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, QueryParams: r.URL.Query(), Route: &op.route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		w.t.Errorf("request of %s: %v", op.route.Operation.OperationID, err)
	}
	res, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	w.answer(op, in, res, body)
	return res, nil
}

// answer holds an answer to the description of its status. A status that the
// operation's description leaves out (401 everywhere) is an error's usual shape.
func (w *witness) answer(op *described, in *openapi3filter.RequestValidationInput, res *http.Response, body []byte) {
	id := op.route.Operation.OperationID
	w.mu.Lock()
	w.seen[fmt.Sprint(id, " ", res.StatusCode)]++
	w.mu.Unlock()
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		if res.Header.Get(name) == "" {
			w.t.Errorf("%s answers without %s", id, name)
		}
	}
	media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	if strings.HasPrefix(media, "application/vnd.github.") {
		// Custom media types are described in words only.
		if kind := strings.TrimSuffix(media, "+json"); !strings.Contains(op.route.Operation.Description, kind) {
			w.t.Errorf("%s: its description does not speak of %s", id, kind)
		}
		return
	}
	if res.StatusCode == http.StatusNotModified && in.Request.Header.Get("If-None-Match") != "" && len(body) == 0 {
		return // docs: rest/using-the-rest-api/best-practices-for-using-the-rest-api, conditional requests
	}
	if op.route.Operation.Responses.Status(res.StatusCode) == nil {
		schema := w.d.Components.Schemas["basic-error"].Value
		var value any
		if err := json.Unmarshal(body, &value); err != nil || schema.VisitJSON(value) != nil || res.StatusCode < 400 {
			w.t.Errorf("%s answers %d, which is not described: %s", id, res.StatusCode, body)
		}
		return
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Options: options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(in.Request.Context(), out); err != nil {
		w.t.Errorf("%s answers %d: %v", id, res.StatusCode, err)
	}
}

// usedOperations are all that the simulator serves; rate-limit/get and others are
// there for people with curl.
var usedOperations = []string{githubsim.OpCreateToken, githubsim.OpListInstallations, githubsim.OpGetInstallation, githubsim.OpListInstallationRepos,
	githubsim.OpListWebhookDeliveries, githubsim.OpGetWebhookDelivery, githubsim.OpRedeliverWebhook, githubsim.OpGetRepository, githubsim.OpGetCommit,
	githubsim.OpGetContent, githubsim.OpDownloadTarball, githubsim.OpGetTree, githubsim.OpGetBlob, githubsim.OpCreateCheckRun, githubsim.OpUpdateCheckRun,
	githubsim.OpGetCheckRun, githubsim.OpGetRateLimit}

// contracted is a simulated world that a witness watches.
func contracted(t *testing.T) (*simulated, *witness) {
	t.Helper()
	s := simulate(t, map[string]string{"pages/A b.md": "a", "pages/ä%.md": "b", "README.md": "c"})
	w := &witness{t: t, d: describe(t, usedOperations, []string{"basic-error"}), next: http.DefaultTransport, seen: map[string]int{}}
	var err error
	s.app, err = NewApp(AppConfig{AppID: s.sim.AppID(), PrivateKeyPEM: s.sim.PrivateKeyPEM(), BaseURL: s.sim.URL(), Transport: w})
	ok(t, err)
	s.Installation = s.app.Installation(s.ID())
	return s, w
}

// TestContractOfTheClient uses every method of the client, in success and failure.
func TestContractOfTheClient(t *testing.T) {
	s, w := contracted(t)
	ctx := t.Context()
	s.sim.SetWebhookURL("http://127.0.0.1:1/nobody") // deliveries, all failed
	ok(t, s.sim.Suspend(ctx, s.ID()))
	for range s.app.Installations(ctx) {
	}
	_, err := s.Head(ctx, s.name, "main", "")
	want(t, err, Broken, ErrSuspended)
	ok(t, s.sim.Unsuspend(ctx, s.ID()))
	for _, err := range s.app.Installations(ctx) {
		ok(t, err)
	}
	n := int64(0)
	for d, err := range s.app.Deliveries(ctx, "") {
		ok(t, err)
		n = d.ID
	}
	ok(t, s.app.Redeliver(ctx, n))
	want(t, s.app.Redeliver(ctx, 1), Gone, ErrNotFound)
	s.sim.SetWebhookURL("")

	for _, err := range s.Repositories(ctx, "") {
		ok(t, err)
	}
	_, err = s.Repository(ctx, s.id)
	ok(t, err)
	head, err := s.Head(ctx, s.name, "main", "")
	ok(t, err)
	_, err = s.Head(ctx, s.name, "main", head.SHA)
	ok(t, err)
	_, err = s.Head(ctx, s.name, "none", "")
	want(t, err, Gone, ErrNotFound)
	for _, recursive := range []bool{true, false} {
		_, err = s.Tree(ctx, s.name, head.SHA, recursive, func(e TreeEntry) error {
			if e.Type == "blob" {
				_, err := s.Blob(ctx, s.name, e.SHA, 100)
				return err
			}
			return nil
		})
		ok(t, err)
	}
	_, err = s.Tree(ctx, s.name, strings.Repeat("0", 40), true, nil)
	want(t, err, Retry, ErrNotFound) // the token is new
	_, err = s.Blob(ctx, s.name, strings.Repeat("0", 40), 100)
	want(t, err, Retry, ErrNotFound)
	for _, path := range []string{"pages/A b.md", "pages/ä%.md"} {
		_, err = s.File(ctx, s.name, head.SHA, path, 100)
		ok(t, err)
	}
	_, err = s.File(ctx, s.name, head.SHA, "pages", 100)
	want(t, err, Gone, ErrNotFound)
	a, err := s.Archive(ctx, s.name, head.SHA)
	ok(t, err)
	ok(t, a.Close())
	s.checkRuns(t, head.SHA)
	s.refusals(t)
	t.Logf("answers held to GitHub's description: %v", w.seen)
}

func (s *simulated) checkRuns(t *testing.T, sha string) {
	t.Helper()
	s.client.allowance.writes = pace{}
	now := time.Now()
	run := CheckRun{Name: "kgsync", HeadSHA: sha, Status: "in_progress", StartedAt: now, DetailsURL: "https://kgsync.example/runs/1", ExternalID: "1",
		Title: "Reading", Summary: "2 files", Markdown: "more"}
	for i := range 60 {
		run.Annotations = append(run.Annotations, Annotation{Path: "README.md", StartLine: i + 1, StartColumn: 2, EndColumn: 4, Level: "warning", Title: "t", Message: "m"})
	}
	id, err := s.CreateCheckRun(t.Context(), s.name, run)
	ok(t, err)
	run.Status, run.Conclusion, run.CompletedAt, run.Annotations = "completed", "neutral", now, run.Annotations[50:]
	_, err = s.UpdateCheckRun(t.Context(), s.name, id, run)
	ok(t, err)
	_, err = s.CreateCheckRun(t.Context(), s.name, CheckRun{Name: "kgsync", HeadSHA: "none"})
	want(t, err, Broken, nil)
}

// refusals are what a client meets that may not, or no longer.
func (s *simulated) refusals(t *testing.T) {
	t.Helper()
	git, err := gitfixture.New(t.TempDir())
	ok(t, err)
	empty, err := s.sim.AddRepository(t.Context(), githubsim.RepositoryOptions{Owner: "o", Name: "empty", Dir: git.Dir, Private: true})
	ok(t, err)
	ok(t, s.sim.AddToInstallation(t.Context(), s.ID(), empty.ID))
	s.Installation = NewOf(s.app, s.ID())
	_, err = s.Head(t.Context(), empty.FullName, "main", "")
	want(t, err, Gone, ErrEmptyRepository)
	_, err = s.Tree(t.Context(), empty.FullName, "main", true, nil)
	want(t, err, Gone, ErrEmptyRepository)
	ok(t, s.sim.Uninstall(t.Context(), s.ID()))
	_, err = NewOf(s.app, s.ID()).Head(t.Context(), s.name, "main", "")
	want(t, err, Gone, ErrUninstalled)
}

// NewOf gives an installation's client with a new token.
func NewOf(a *App, id int64) *Installation {
	a.Forget(id)
	return a.Installation(id)
}

// TestContractOfTheSimulator asks for what the simulator serves beyond our client:
// the JSON of commits, files, blobs and single objects.
func TestContractOfTheSimulator(t *testing.T) {
	s, w := contracted(t)
	s.sim.SetWebhookURL("http://127.0.0.1:1/nobody")
	ok(t, s.sim.Suspend(t.Context(), s.ID()))
	ok(t, s.sim.Unsuspend(t.Context(), s.ID()))
	deliveries := s.sim.Deliveries()
	id, err := s.CreateCheckRun(t.Context(), s.name, CheckRun{Name: "kgsync", HeadSHA: s.head})
	ok(t, err)
	get := func(c *client, path string) {
		t.Helper()
		res, err := c.send(t.Context(), nil, request{op: "test", path: path})
		ok(t, err)
		ok(t, res.Body.Close())
	}
	for _, path := range []string{fmt.Sprint("app/installations/", s.ID()), fmt.Sprint("app/hook/deliveries/", deliveries[0].ID)} {
		get(s.app.client, path)
	}
	for _, path := range []string{"rate_limit", "repos/o/r", "repos/o/r/commits/main", "repos/o/r/commits/" + s.head, "repos/o/r/contents/pages", "repos/o/r/contents/README.md",
		"repos/o/r/git/trees/main", "repos/o/r/git/blobs/" + BlobSHA([]byte("c")), fmt.Sprint("repos/o/r/check-runs/", id)} {
		get(s.client, path)
	}
	t.Logf("answers held to GitHub's description: %v", w.seen)
}
