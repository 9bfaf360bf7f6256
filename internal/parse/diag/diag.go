// Package diag is the vocabulary of what is wrong with a file's content.
//
// It owns the [Diagnostic] type, the severities and the stable codes; it may
// import the standard library only. Every parser reports through it, so that a
// reader of kg.diagnostics meets one set of codes (docs/diagnostics.md).
//
// A diagnostic speaks of content, never of trouble on the way: a network error
// is not a diagnostic.
package diag

import "fmt"

// Severity says how much of a file's meaning a finding costs.
type Severity string

const (
	// Error marks content that could not be understood and was left out.
	Error Severity = "error"
	// Warning marks content that was understood by guessing or is incomplete.
	Warning Severity = "warning"
	// Info marks content that is fine and worth knowing about.
	Info Severity = "info"
)

// Code is a stable, kebab-case name of one kind of finding. Codes are never
// reused for another meaning.
type Code string

// Diagnostic is one finding about a file. Line and Column count from 1; 0
// means not known. Message is one sentence that says what to do.
type Diagnostic struct {
	Line     int
	Column   int
	Severity Severity
	Code     Code
	Message  string
}

// New makes a diagnostic without a column.
func New(line int, severity Severity, code Code, format string, args ...any) Diagnostic {
	return Diagnostic{Line: line, Severity: severity, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Entry documents one code: what docs/diagnostics.md says of it.
type Entry struct {
	Code    Code
	Meaning string
	Remedy  string
}
