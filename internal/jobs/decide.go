package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/kgsync/kgsync/internal/github"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// decision is what an error means for a job.
type decision int

const (
	retry      decision = iota // another attempt with back-off
	snooze                     // the same attempt later
	vanished                   // the commit is no more: the run is superseded
	lostAccess                 // the installation is suspended or gone: the run is superseded
	giveUp                     // settle as failed now
	panicked                   // a defect of ours: settle as failed now
)

// String is the decision's name in metrics.
func (d decision) String() string {
	return [...]string{"retry", "snooze", "vanished", "lost_access", "give_up", "panic"}[d]
}

// notFoundPatience is how many attempts a 404 is taken for lag: GitHub's reads
// trail its webhooks, and new tokens answer 404 for seconds.
const notFoundPatience = 3

// decide is the one place that turns an error into a decision.
func decide(ctx context.Context, err error, attempt, maxAttempts int) decision {
	var gh *github.Error
	var bug *reposync.Panic
	if _, ok := errAsWait(err); ok {
		return snooze
	}
	if errors.Is(ctx.Err(), context.Canceled) { // whatever River gives as the cause
		return retry // we are stopping: River takes the job back
	}
	switch {
	case errors.As(err, &bug):
		return panicked
	case errors.Is(err, github.ErrSuspended), errors.Is(err, github.ErrUninstalled):
		return lostAccess
	case errors.As(err, &gh) && gh.Class == github.Wait:
		return snooze
	case errors.As(err, &gh) && gh.Class == github.Broken && !errors.Is(err, github.ErrUnauthorized):
		return giveUp // a refused key concerns every file: a person may be at it
	case errors.Is(err, github.ErrNotFound) && attempt >= notFoundPatience:
		return vanished
	case attempt >= maxAttempts:
		return giveUp
	default:
		return retry
	}
}

// waitOf is how long a snoozed job sleeps.
func waitOf(err error) time.Duration {
	if w, ok := errAsWait(err); ok {
		return max(w.After, 0)
	}
	var gh *github.Error
	if errors.As(err, &gh) {
		return max(gh.RetryAfter, time.Second)
	}
	return time.Second
}

// backoff doubles from a second to five minutes, with up to a quarter of jitter.
type backoff struct{}

// NextRetry implements River's ClientRetryPolicy.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	d := time.Second << min(max(len(job.Errors), 0), 9)
	d = min(d, 5*time.Minute)
	return time.Now().Add(d + rand.N(d/4+1))
}
