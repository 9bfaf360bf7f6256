package githubsim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// The operations served, named by their operationId in GitHub's OpenAPI
// description; keys of Requests. OpDownloadArchive is codeload, which is no
// REST operation and costs no quota.
const (
	OpCreateToken           = "apps/create-installation-access-token"
	OpListInstallations     = "apps/list-installations"
	OpGetInstallation       = "apps/get-installation"
	OpListInstallationRepos = "apps/list-repos-accessible-to-installation"
	OpListWebhookDeliveries = "apps/list-webhook-deliveries"
	OpGetWebhookDelivery    = "apps/get-webhook-delivery"
	OpRedeliverWebhook      = "apps/redeliver-webhook-delivery"
	OpGetRepository         = "repos/get"
	OpGetCommit             = "repos/get-commit"
	OpGetContent            = "repos/get-content"
	OpDownloadTarball       = "repos/download-tarball-archive"
	OpGetTree               = "git/get-tree"
	OpGetBlob               = "git/get-blob"
	OpCreateCheckRun        = "checks/create"
	OpUpdateCheckRun        = "checks/update"
	OpGetCheckRun           = "checks/get"
	OpGetRateLimit          = "rate-limit/get"
	OpDownloadArchive       = "codeload"
)

// What requests cost against the secondary limits, and the permissions that
// operations need.
const (
	readPoints, writePoints = 1, 5

	metadataRead, contentsRead = "metadata=read", "contents=read"
	checksRead, checksWrite    = "checks=read", "checks=write"
)

// access says which credentials an operation takes.
type access int

const (
	byApp          access = iota // an App JWT
	byInstallation               // an installation token
	byRepository                 // a token that reaches the repository, or a public repository
	byAnyone                     // anything valid, or nothing
	bySignedLink                 // the handler checks a signature in the URL; no quota
)

type operation struct {
	id, method, path string
	access           access
	permission       string // of byRepository
	creates          bool   // counts against the content creation limit
	handle           func(*call) error
}

// call is one request on its way through an operation.
type call struct {
	r      *http.Request
	w      *response
	base   string // URL of this server as the client knows it
	caller caller
	charge charge
	repo   *repository // of byRepository
}

func (s *Server) operations() []operation {
	return []operation{
		{id: OpCreateToken, method: "POST", path: "/app/installations/{installation_id}/access_tokens", access: byApp, handle: s.createToken},
		{id: OpListInstallations, method: "GET", path: "/app/installations", access: byApp, handle: s.listInstallations},
		{id: OpGetInstallation, method: "GET", path: "/app/installations/{installation_id}", access: byApp, handle: s.getInstallation},
		{id: OpListWebhookDeliveries, method: "GET", path: "/app/hook/deliveries", access: byApp, handle: s.listDeliveries},
		{id: OpGetWebhookDelivery, method: "GET", path: "/app/hook/deliveries/{delivery_id}", access: byApp, handle: s.getDelivery},
		{id: OpRedeliverWebhook, method: "POST", path: "/app/hook/deliveries/{delivery_id}/attempts", access: byApp, handle: s.redeliver},
		{id: OpListInstallationRepos, method: "GET", path: "/installation/repositories", access: byInstallation, handle: s.listRepositories},
		{id: OpGetRateLimit, method: "GET", path: "/rate_limit", access: byAnyone, handle: s.getRateLimit},
		{id: OpGetRepository, method: "GET", path: "", access: byRepository, permission: metadataRead, handle: s.getRepository},
		{id: OpGetCommit, method: "GET", path: "/commits/{ref...}", access: byRepository, permission: contentsRead, handle: s.getCommit},
		{id: OpGetTree, method: "GET", path: "/git/trees/{tree_sha...}", access: byRepository, permission: contentsRead, handle: s.getTree},
		{id: OpGetBlob, method: "GET", path: "/git/blobs/{file_sha}", access: byRepository, permission: contentsRead, handle: s.getBlob},
		{id: OpGetContent, method: "GET", path: "/contents", access: byRepository, permission: contentsRead, handle: s.getContent},
		{id: OpGetContent, method: "GET", path: "/contents/{path...}", access: byRepository, permission: contentsRead, handle: s.getContent},
		{id: OpDownloadTarball, method: "GET", path: "/tarball", access: byRepository, permission: contentsRead, handle: s.getTarball},
		{id: OpDownloadTarball, method: "GET", path: "/tarball/{ref...}", access: byRepository, permission: contentsRead, handle: s.getTarball},
		{id: OpCreateCheckRun, method: "POST", path: "/check-runs", access: byRepository, permission: checksWrite, creates: true, handle: s.createCheckRun},
		{id: OpUpdateCheckRun, method: "PATCH", path: "/check-runs/{check_run_id}", access: byRepository, permission: checksWrite, creates: true, handle: s.updateCheckRun},
		{id: OpGetCheckRun, method: "GET", path: "/check-runs/{check_run_id}", access: byRepository, permission: checksRead, handle: s.getCheckRun},
		{id: OpDownloadArchive, method: "GET", path: codeloadPath + "{owner}/{repo}/legacy.tar.gz/{sha}", access: bySignedLink, handle: s.downloadArchive},
	}
}

// routes registers repository operations under the repository's name and under
// its id, where GitHub redirects the former names of a renamed repository.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, op := range s.operations() {
		prefixes := []string{""}
		if op.access == byRepository {
			prefixes = []string{"/repos/{owner}/{repo}", "/repositories/{repository_id}"}
		}
		for _, prefix := range prefixes {
			mux.Handle(op.method+" "+prefix+op.path, operationHandler{s, op})
		}
	}
	return mux
}

type operationHandler struct {
	server *Server
	op     operation
}

// ServeHTTP answers the API, and codeload's links, on one address. It
// implements http.Handler, so that httptest can serve it too.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.take(r)
	answer := &response{ResponseWriter: w, fault: fault}
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	handler, pattern := s.mux.Handler(r)
	name := UnknownOperation
	if h, ok := handler.(operationHandler); ok {
		name = h.op.id
	}
	s.requests.add(name)
	if err := sleep(r.Context(), fault.Delay); err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	switch {
	case fault.answer(answer, s.now()):
	case pattern == "":
		s.fail(answer, r, notFound())
	default:
		s.mux.ServeHTTP(answer, r) // again through the mux: it fills the path values
	}
}

func (h operationHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{r: r, w: w.(*response), base: "http://" + r.Host}
	if err := h.server.serve(c, h.op); err != nil {
		h.server.fail(c.w, r, err)
	}
}

// serve authenticates, bills, authorizes and handles, in GitHub's order.
func (s *Server) serve(c *call, op operation) error {
	if op.access == bySignedLink {
		return op.handle(c)
	}
	if err := s.authenticate(c, op); err != nil {
		return err
	}
	c.charge = s.chargeFor(c, op)
	c.w.onHeader = func(status int) {
		if status == http.StatusNotModified && (c.caller.app || c.caller.token != nil) {
			s.limiter.refund(c.charge)
		}
		s.limiter.quota(c.charge).setHeaders(c.w.Header())
	}
	done, err := s.limiter.admit(c.charge)
	if err != nil {
		return err
	}
	defer done()
	if op.access == byRepository {
		if err := s.findRepository(c); err != nil {
			return err
		}
		if err := s.authorize(c.caller, c.repo, op.permission); err != nil {
			return err
		}
		if moved := s.redirectRenamed(c); moved {
			return nil
		}
	}
	return op.handle(c)
}

func (s *Server) authenticate(c *call, op operation) (err error) {
	c.w.onHeader = func(int) { quota{limit: anonymousLimit, reset: s.now()}.setHeaders(c.w.Header()) }
	if op.access == byApp {
		c.caller, err = s.authenticateApp(c.r)
		return err
	}
	if c.caller, err = s.authenticateToken(c.r); err != nil {
		return err
	}
	if op.access == byInstallation && c.caller.token == nil {
		return failure(http.StatusUnauthorized, "Requires authentication")
	}
	return nil
}

func (s *Server) chargeFor(c *call, op operation) charge {
	bill := charge{
		caller: c.caller.name(), operation: op.id, limit: primaryLimit, points: readPoints,
		creates: op.creates, free: op.id == OpGetRateLimit, now: s.now(),
	}
	if op.method != http.MethodGet {
		bill.points = writePoints
	}
	switch {
	case c.caller.token != nil:
		bill.limit = scaledLimit(s.repositoryCount(c.caller.token.installationID))
	case !c.caller.app:
		bill.limit = anonymousLimit
	}
	return bill
}

// fail answers with the error. Once the body has begun only breaking the
// connection can tell the client.
func (s *Server) fail(w *response, r *http.Request, err error) {
	if w.status != 0 {
		s.config.Logger.Warn("local GitHub broke off an answer", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler)
	}
	var known *apiError
	if !errors.As(err, &known) {
		s.config.Logger.Error("local GitHub failed", "path", r.URL.Path, "err", err)
		known = &apiError{status: http.StatusInternalServerError, message: "Server Error"}
	}
	known.write(w)
}

func (c *call) pathID(name string) (int64, error) {
	id, err := strconv.ParseInt(c.r.PathValue(name), 10, 64)
	if err != nil {
		return 0, notFound()
	}
	return id, nil
}

// media returns the custom media type asked for ("raw", "sha", "object") or "".
// Source: docs, rest/using-the-rest-api/getting-started-with-the-rest-api#media-types.
func (c *call) media() string {
	for _, accept := range strings.Split(strings.Join(c.r.Header.Values("Accept"), ","), ",") {
		name, ok := strings.CutPrefix(strings.TrimSpace(accept), "application/vnd.github.")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, ";")
		name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "v3"), "."), "+json")
		switch name {
		case "raw", "sha", "object":
			return name
		}
	}
	return ""
}
