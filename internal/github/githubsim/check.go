package githubsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// Limits of a check run's output. Source: GitHub's OpenAPI description,
// checks/create.
const (
	maxCheckText        = 65_535
	maxCheckAnnotations = 50 // a request
)

// CheckRun is a check run as the App made it.
type CheckRun struct {
	ID, RepositoryID                  int64
	Name, HeadSHA, Status, Conclusion string
	Title, Summary, Text              string
	ExternalID, DetailsURL            string
	Annotations                       []CheckAnnotation // of all requests: they append
	StartedAt, CompletedAt            time.Time         // zero while unknown
}

// CheckAnnotation is one remark on a file.
type CheckAnnotation struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	EndLine   int    `json:"end_line"`
	Level     string `json:"annotation_level"`
	Message   string `json:"message"`
	Title     string `json:"title"`
}

type checkStore struct {
	mu   sync.Mutex
	runs map[int64]*CheckRun
}

// CheckRuns returns copies of all check runs, oldest first.
func (s *Server) CheckRuns() []CheckRun {
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	list := make([]CheckRun, 0, len(s.checks.runs))
	for _, run := range s.checks.runs {
		list = append(list, *run)
	}
	slices.SortFunc(list, func(a, b CheckRun) int { return int(a.ID - b.ID) })
	return list
}

type checkRequest struct {
	Name        *string      `json:"name"`
	HeadSHA     string       `json:"head_sha"`
	Status      *string      `json:"status"`
	Conclusion  *string      `json:"conclusion"`
	ExternalID  *string      `json:"external_id"`
	DetailsURL  *string      `json:"details_url"`
	StartedAt   *time.Time   `json:"started_at"`
	CompletedAt *time.Time   `json:"completed_at"`
	Output      *checkOutput `json:"output"`
}

type checkOutput struct {
	Title       *string           `json:"title"`
	Summary     *string           `json:"summary"`
	Text        *string           `json:"text"`
	Annotations []CheckAnnotation `json:"annotations"`
}

// createCheckRun is POST /repos/{owner}/{repo}/check-runs.
func (s *Server) createCheckRun(c *call) error {
	wanted, err := readCheck(c)
	if err != nil {
		return err
	}
	if wanted.Name == nil || *wanted.Name == "" || wanted.HeadSHA == "" {
		return unprocessable("Invalid request.\n\n\"name\" and \"head_sha\" weren't supplied.")
	}
	if wanted.Output != nil && (wanted.Output.Title == nil || wanted.Output.Summary == nil) {
		return unprocessable("Invalid request.\n\n\"title\" and \"summary\" of the output weren't supplied.")
	}
	head, err := s.resolve(c, wanted.HeadSHA, "commit")
	if errors.Is(err, errNoObject) || err == nil && head.sha != wanted.HeadSHA {
		return unprocessable("No commit found for SHA: " + wanted.HeadSHA)
	}
	if err != nil {
		return err
	}
	run := &CheckRun{ID: s.newID(), RepositoryID: c.repo.id, HeadSHA: head.sha, Status: "queued"}
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	if s.checks.runs == nil {
		s.checks.runs = map[int64]*CheckRun{}
	}
	s.checks.runs[run.ID] = run
	run.apply(wanted, s.now())
	return writeJSON(c.w, c.r, http.StatusCreated, s.checkJSON(c, run))
}

// updateCheckRun is PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}.
func (s *Server) updateCheckRun(c *call) error {
	wanted, err := readCheck(c)
	if err != nil {
		return err
	}
	return s.withCheck(c, func(run *CheckRun) { run.apply(wanted, s.now()) })
}

// getCheckRun is GET /repos/{owner}/{repo}/check-runs/{check_run_id}.
func (s *Server) getCheckRun(c *call) error { return s.withCheck(c, func(*CheckRun) {}) }

func (s *Server) withCheck(c *call, change func(*CheckRun)) error {
	id, err := c.pathID("check_run_id")
	if err != nil {
		return err
	}
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	run := s.checks.runs[id]
	if run == nil || run.RepositoryID != c.repo.id {
		return notFound()
	}
	change(run)
	return writeJSON(c.w, c.r, http.StatusOK, s.checkJSON(c, run))
}

// readCheck decodes and validates what create and update share.
func readCheck(c *call) (checkRequest, error) {
	var wanted checkRequest
	if err := json.NewDecoder(c.r.Body).Decode(&wanted); err != nil {
		return wanted, failure(http.StatusBadRequest, "Problems parsing JSON")
	}
	statuses := []string{"queued", "in_progress", "completed"}
	conclusions := []string{"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
	if wanted.Status != nil && !slices.Contains(statuses, *wanted.Status) {
		return wanted, unprocessable("Invalid request.\n\n\"status\" is not a member of the allowed values.")
	}
	if wanted.Conclusion != nil && !slices.Contains(conclusions, *wanted.Conclusion) {
		return wanted, unprocessable("Invalid request.\n\n\"conclusion\" is not a member of the allowed values.")
	}
	if wanted.Status != nil && *wanted.Status == "completed" && wanted.Conclusion == nil {
		return wanted, unprocessable("Invalid request.\n\n\"conclusion\" wasn't supplied.")
	}
	if wanted.Output != nil {
		return wanted, wanted.Output.validate()
	}
	return wanted, nil
}

func (o *checkOutput) validate() error {
	for name, text := range map[string]*string{"summary": o.Summary, "text": o.Text} {
		if text != nil && utf8.RuneCountInString(*text) > maxCheckText {
			return unprocessable(fmt.Sprintf("Invalid request.\n\nOnly %d characters are allowed in %q.", maxCheckText, name))
		}
	}
	if len(o.Annotations) > maxCheckAnnotations {
		return unprocessable(fmt.Sprintf("Invalid request.\n\nNo more than %d items are allowed; %d were supplied.", maxCheckAnnotations, len(o.Annotations)))
	}
	for _, a := range o.Annotations {
		if a.Path == "" || a.Message == "" || a.StartLine < 1 || a.EndLine < a.StartLine ||
			!slices.Contains([]string{"notice", "warning", "failure"}, a.Level) {
			return unprocessable("Invalid request.\n\nAn annotation is invalid.")
		}
	}
	return nil
}

// apply takes over what a request gives. Annotations append, so a request that
// is blindly repeated duplicates them.
func (run *CheckRun) apply(wanted checkRequest, now time.Time) {
	set := func(field *string, value *string) {
		if value != nil {
			*field = *value
		}
	}
	set(&run.Name, wanted.Name)
	set(&run.Status, wanted.Status)
	set(&run.ExternalID, wanted.ExternalID)
	set(&run.DetailsURL, wanted.DetailsURL)
	if wanted.StartedAt != nil {
		run.StartedAt = *wanted.StartedAt
	}
	if wanted.Conclusion != nil {
		run.Conclusion, run.Status, run.CompletedAt = *wanted.Conclusion, "completed", now
	}
	if wanted.CompletedAt != nil {
		run.CompletedAt = *wanted.CompletedAt
	}
	if wanted.Output != nil {
		set(&run.Title, wanted.Output.Title)
		set(&run.Summary, wanted.Output.Summary)
		set(&run.Text, wanted.Output.Text)
		run.Annotations = append(run.Annotations[:len(run.Annotations):len(run.Annotations)], wanted.Output.Annotations...)
	}
}

func (s *Server) checkJSON(c *call, run *CheckRun) map[string]any {
	owner, name, _ := s.names(c.repo)
	api := fmt.Sprintf("%s/repos/%s/%s/check-runs/%d", c.base, owner, name, run.ID)
	return map[string]any{
		"id": run.ID, "node_id": fmt.Sprintf("CR_%d", run.ID), "name": run.Name, "head_sha": run.HeadSHA,
		"external_id": run.ExternalID, "details_url": nullable(run.DetailsURL), "url": api, "html_url": api,
		"status": run.Status, "conclusion": nullable(run.Conclusion),
		"started_at": nullableTime(run.StartedAt), "completed_at": nullableTime(run.CompletedAt),
		"output": map[string]any{
			"title": nullable(run.Title), "summary": nullable(run.Summary), "text": nullable(run.Text),
			"annotations_count": len(run.Annotations), "annotations_url": api + "/annotations",
		},
		"check_suite": nil, "app": nil, "pull_requests": []any{},
	}
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func nullableTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
