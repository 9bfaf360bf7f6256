package owlfs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// place is a position in a source. The column is counted only when a finding
// needs it.
type place struct {
	offset    int
	line      int
	lineStart int
}

// report collects the findings of one source, up to a limit.
type report struct {
	list   []diag.Diagnostic
	limit  int
	indent int
	noted  map[string]bool
}

func newReport(o Options) report { return report{limit: o.MaxDiagnostics, indent: o.Indent} }

// add records a finding. The one that would exceed the limit is replaced by a
// note that says so.
func (r *report) add(src string, at place, severity diag.Severity, code diag.Code, format string, args ...any) {
	if len(r.list) > r.limit {
		return
	}
	if len(r.list) == r.limit {
		r.list = append(r.list, diag.New(at.line, diag.Warning, diag.OWLLimit,
			"More findings in this block are not listed; correct the ones above first."))
		return
	}
	r.list = append(r.list, diag.Diagnostic{
		Line: at.line, Column: r.column(src, at), Severity: severity, Code: code, Message: fmt.Sprintf(format, args...),
	})
}

// once records a finding that is told only at its first occurrence.
func (r *report) once(key, src string, at place, severity diag.Severity, code diag.Code, format string, args ...any) {
	if r.noted[key] {
		return
	}
	if r.noted == nil {
		r.noted = map[string]bool{}
	}
	r.noted[key] = true
	r.add(src, at, severity, code, format, args...)
}

// column counts characters, at most maxColumn of them: a line may be a
// megabyte long and have a finding at every byte.
func (r *report) column(src string, at place) int {
	const maxColumn = 10_000
	if at.offset-at.lineStart > maxColumn {
		return 0
	}
	return r.indent + 1 + utf8.RuneCountInString(src[at.lineStart:at.offset])
}

// clip shortens text of a file for use in a message.
func clip(s string) string {
	const maxClip = 60
	s = s[:min(len(s), 4*maxClip)]
	s = strings.ToValidUTF8(s, "\uFFFD")
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i]
	}
	for i := range s {
		if i > maxClip {
			return s[:i] + "..."
		}
	}
	return s
}
