package github

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class says what to do about an error.
type Class int

const (
	// Retry: the network, a server error, a body cut short, or an answer that a
	// new token explains. Try again with back-off. A 404 is not in this class
	// merely because GitHub's reads lag behind its webhooks: only the caller
	// knows how young its commit is, so let it be patient with ErrNotFound.
	Retry Class = iota
	// Wait: a rate limit. Try again after RetryAfter; it is no failed attempt.
	Wait
	// Gone: GitHub says that it does not exist, or not for us, or is too large.
	Gone
	// Broken: a person must act: a permission, the key, a suspended installation.
	Broken
)

func (c Class) String() string { return [...]string{"retry", "wait", "gone", "broken"}[c] }

// Sentinels for errors.Is; every one comes inside an *Error.
var (
	// ErrNotFound: the repository, commit, object or path does not exist or is
	// not visible to us.
	ErrNotFound = errors.New("not found")
	// ErrTooLarge: larger than the caller's limit or than GitHub serves.
	ErrTooLarge = errors.New("too large")
	// ErrSuspended: the owner suspended the installation.
	ErrSuspended = errors.New("the installation is suspended")
	// ErrUninstalled: GitHub knows no such installation. It is not ErrNotFound:
	// nothing about a repository follows from it.
	ErrUninstalled = errors.New("the App is not installed")
	// ErrEmptyRepository: the repository has no commit yet (409).
	ErrEmptyRepository = errors.New("the repository is empty")
	// ErrUnauthorized: the token or the App's signature was refused (401).
	ErrUnauthorized = errors.New("unauthorized")
	// ErrRateLimited: a primary or secondary limit; comes with Class Wait.
	ErrRateLimited = errors.New("rate limited")
)

// Error is a failed operation. It never holds a token, a signed link or a
// payload.
type Error struct {
	Op         string // the operation, as in the metrics; "token" when minting failed
	Status     int    // 0: no answer
	Class      Class
	RetryAfter time.Duration // for Wait; for Retry what a 5xx asked for, else 0
	Reason     string

	is        error
	err       error
	secondary bool // the limit
	guessed   bool // RetryAfter is our guess, GitHub gave none
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("GitHub " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, " answered %d", e.Status)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Class == Wait {
		fmt.Fprintf(&b, " (wait %v)", e.RetryAfter.Round(time.Second))
	}
	return b.String()
}

// Refused says that GitHub could not do it, and after what time to ask again if that
// is known.
func (e *Error) Refused() (wait time.Duration, known bool) { return e.RetryAfter, e.Class == Wait }

// Is matches the sentinels.
func (e *Error) Is(target error) bool { return e.is != nil && target == e.is }

// Unwrap shows a cancelled or expired context of the caller and nothing else:
// other causes may quote a signed link.
func (e *Error) Unwrap() error {
	if errors.Is(e.err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(e.err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return nil
}

// noAnswer is a request that got no answer.
func noAnswer(op string, err error) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	return &Error{Op: op, Class: Retry, Reason: "no answer: " + cause(err), err: err}
}

// brokenOff is an answer whose body failed.
func brokenOff(op string, err error) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	return &Error{Op: op, Class: Retry, Reason: "the answer broke off: " + cause(err), err: err}
}

// cause keeps the innermost message, which names no URL and no token.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return clean(err.Error())
		}
		err = inner
	}
}
