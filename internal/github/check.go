package github

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a check run (OpenAPI description, checks/create and checks/update).
// GitHub counts characters; we count bytes, which is never more.
const (
	AnnotationsPerRequest = 50
	maxCheckTextBytes     = 65535
	maxCheckTitleBytes    = 255
	maxAnnotationBytes    = 64 << 10
)

// CheckRun is what we say about a commit. Status is queued, in_progress or
// completed; Conclusion, of a completed run, is success, failure, neutral,
// cancelled, skipped, timed_out or action_required. Zero times and empty strings
// are left out. Texts that are too long are cut.
type CheckRun struct {
	Name, HeadSHA            string // HeadSHA is fixed at creation
	Status, Conclusion       string
	DetailsURL, ExternalID   string
	StartedAt, CompletedAt   time.Time
	Title, Summary, Markdown string // Markdown is GitHub's "text", below the summary
	Annotations              []Annotation
}

// Annotation is a remark on lines of a file. Level is notice, warning or failure.
// Columns are sent only when StartLine equals EndLine, as GitHub demands; 0 means
// none.
type Annotation struct {
	Path                   string
	StartLine, EndLine     int
	StartColumn, EndColumn int
	Level                  string
	Title, Message         string
}

// CreateCheckRun makes a check run with the first AnnotationsPerRequest
// annotations, and gives its id; send the rest with UpdateCheckRun. It is not
// idempotent: after an error without an answer the run may exist.
func (i *Installation) CreateCheckRun(ctx context.Context, fullName string, run CheckRun) (int64, error) {
	first := run.Annotations[:min(len(run.Annotations), AnnotationsPerRequest)]
	res, err := i.send(ctx, request{op: opCheckCreate, method: http.MethodPost,
		path: repoPath(fullName, "check-runs"), body: run.wire(first, true)})
	if err != nil {
		return 0, err
	}
	var made struct {
		ID int64 `json:"id"`
	}
	if err := decodeJSON(opCheckCreate, res, &made); err != nil {
		return 0, err
	}
	return made.ID, nil
}

// UpdateCheckRun sends the state and then all annotations of run, in as many
// requests as it takes. Annotations are appended to those that the check run has,
// so a blind retry would show them twice: sent is how many have arrived, retry
// with run.Annotations[sent:].
func (i *Installation) UpdateCheckRun(ctx context.Context, fullName string, id int64, run CheckRun) (sent int, err error) {
	for {
		next := run.Annotations[sent:min(len(run.Annotations), sent+AnnotationsPerRequest)]
		res, err := i.send(ctx, request{op: opCheckUpdate, method: http.MethodPatch,
			path: repoPath(fullName, "check-runs/"+strconv.FormatInt(id, 10)), body: run.wire(next, false)})
		if err != nil {
			return sent, err
		}
		_ = res.Body.Close()
		if sent += len(next); sent == len(run.Annotations) {
			return sent, nil
		}
	}
}

type wireRun struct {
	Name        string      `json:"name,omitempty"`
	HeadSHA     string      `json:"head_sha,omitempty"`
	Status      string      `json:"status,omitempty"`
	Conclusion  string      `json:"conclusion,omitempty"`
	DetailsURL  string      `json:"details_url,omitempty"`
	ExternalID  string      `json:"external_id,omitempty"`
	StartedAt   *time.Time  `json:"started_at,omitempty"`
	CompletedAt *time.Time  `json:"completed_at,omitempty"`
	Output      *wireOutput `json:"output,omitempty"`
}

type wireOutput struct {
	Title       string           `json:"title"`
	Summary     string           `json:"summary"`
	Text        string           `json:"text,omitempty"`
	Annotations []wireAnnotation `json:"annotations,omitempty"`
}

type wireAnnotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn int    `json:"start_column,omitempty"`
	EndColumn   int    `json:"end_column,omitempty"`
	Level       string `json:"annotation_level"`
	Title       string `json:"title,omitempty"`
	Message     string `json:"message"`
}

func (r *CheckRun) wire(annotations []Annotation, create bool) wireRun {
	w := wireRun{Name: r.Name, Status: r.Status, Conclusion: r.Conclusion, DetailsURL: r.DetailsURL, ExternalID: r.ExternalID,
		StartedAt: instant(r.StartedAt), CompletedAt: instant(r.CompletedAt)}
	if create {
		w.HeadSHA = r.HeadSHA
	}
	if r.Title == "" && r.Summary == "" && r.Markdown == "" && len(annotations) == 0 {
		return w
	}
	w.Output = &wireOutput{Title: cut(cmp.Or(r.Title, r.Name), maxCheckTitleBytes), Summary: cut(cmp.Or(r.Summary, r.Name), maxCheckTextBytes),
		Text: cut(r.Markdown, maxCheckTextBytes)}
	for _, a := range annotations {
		w.Output.Annotations = append(w.Output.Annotations, a.wire())
	}
	return w
}

func (a *Annotation) wire() wireAnnotation {
	w := wireAnnotation{Path: a.Path, StartLine: max(a.StartLine, 1), Level: a.Level, Title: cut(a.Title, maxCheckTitleBytes),
		Message: cut(a.Message, maxAnnotationBytes)}
	w.EndLine = max(a.EndLine, w.StartLine)
	if w.StartLine == w.EndLine && a.StartColumn > 0 {
		w.StartColumn, w.EndColumn = a.StartColumn, max(a.EndColumn, a.StartColumn)
	}
	return w
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// cut shortens s to limit bytes at a character's edge, and shows that it did.
func cut(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	const sign = "…"
	end := limit - len(sign)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + sign
}
