package rehearse

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// restLimit is how long the product may take to come to rest once the faults have
// stopped and time passes at will.
const restLimit = 90 * time.Second

// openWork says what is not done yet, nothing when the queue has drained.
const openWork = `
SELECT coalesce(string_agg(what, ', '), '') FROM (
	SELECT 'job ' || id || ' (' || kind || ') is ' || state || ' after ' || attempt || ' attempts' || coalesce(': ' || (errors[array_upper(errors, 1)] ->> 'error'), '') AS what
	FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND kind NOT IN ('sweep', 'heal', 'housekeeping')
	UNION ALL
	SELECT 'run ' || id || ' (' || trigger || ') is ' || state FROM kgsync.runs WHERE finished_at IS NULL
	UNION ALL
	SELECT 'file ' || path || ' is open' FROM kgsync.files WHERE open_since IS NOT NULL
	UNION ALL
	SELECT 'repository ' || id || ' has ' || concat_ws(' and ', 'a queued plan ' || plan_job_id, 'a settle ' || settle_job_id, 'a lease of ' || lease_job_id,
		CASE WHEN hint_sha <> '' THEN 'the hint ' || hint_sha END, CASE WHEN default_hint_sha <> '' THEN 'a hint of the default branch, ' || default_hint_sha END)
	FROM kgsync.repositories WHERE plan_job_id IS NOT NULL OR settle_job_id IS NOT NULL OR lease_job_id IS NOT NULL OR hint_sha <> '' OR default_hint_sha <> ''
	LIMIT 10) w`

// rest waits until nothing is left to do, while time passes quickly. It gives what
// is still open at the limit.
func (w *world) rest(ctx context.Context, limit time.Duration) string {
	const calmLooks = 3
	deadline := time.Now().Add(limit)
	open, quiet := "", 0
	for n := 0; time.Now().Before(deadline) && ctx.Err() == nil; n++ {
		if n > 5 && n%4 == 0 { // first the product's own pace
			if err := w.hurry(ctx, n/4); err != nil {
				open = err.Error()
			}
		}
		if err := w.pool.QueryRow(ctx, openWork).Scan(&open); err != nil {
			open = err.Error()
		}
		if quiet++; open != "" {
			quiet = 0
		}
		if quiet == calmLooks {
			return ""
		}
		if wait(ctx, 15*time.Millisecond) != nil {
			break
		}
	}
	return strings.TrimSpace("after " + limit.String() + ": " + open)
}

// hurry lets a minute pass, the nth. The sweeper comes round, and once in a while
// the comparison with GitHub's lists, without which a lost event of the installation's
// life stays lost.
func (w *world) hurry(ctx context.Context, n int) error {
	if _, err := w.rescue(ctx); err != nil {
		return err
	}
	if err := w.passTime(ctx); err != nil {
		return err
	}
	switch {
	case n%20 == 19 && w.lifecycle:
		if _, err := w.pool.Exec(ctx, listingsDue); err != nil {
			return err
		}
		return w.ring(ctx, "heal", "sweep")
	case n%5 == 4:
		return w.ring(ctx, "sweep")
	}
	return nil
}

// calm ends the faults and lets the product come to rest, in the way that the
// history ends.
func (w *world) calm(ctx context.Context) error {
	if err := w.stopFaults(ctx); err != nil {
		return err
	}
	if w.lifecycle { // events of it may be lost: only the comparison with GitHub's lists heals that
		if err := w.ring(ctx, "heal"); err != nil {
			return err
		}
		if err := w.periodicDone(ctx); err != nil {
			return err
		}
	}
	if w.history.Ending == EndsWithPush {
		if err := w.lastPush(ctx); err != nil {
			return err
		}
	}
	if stuck := w.rest(ctx, restLimit); stuck != "" {
		w.violate("it does not come to rest: %s", stuck)
		return nil
	}
	if w.history.Ending == EndsWithReconcile {
		if err := w.reconcile(ctx); err != nil {
			return err
		}
	}
	return w.retryFailed(ctx)
}

// lastPush is an ordinary push that arrives, after everything else.
func (w *world) lastPush(ctx context.Context) error {
	e, err := expect(w.git, w.defaultBranch)
	if err != nil {
		return err
	}
	if err := w.git.Branch(e.branch); err != nil {
		return err
	}
	if err := w.git.Write("pages/The end.md", w.vault.page("public:: true\n\n- the end", newRand(w.history.Seed))); err != nil {
		return err
	}
	if _, err := w.git.Commit("The end"); err != nil {
		return err
	}
	if err := w.push(ctx, e.branch); err != nil {
		return err
	}
	return w.insist(ctx)
}

// insist has the newest delivery repeated until it is answered 200: a connection
// that was cut while idle may cost it the first time.
func (w *world) insist(ctx context.Context) error {
	for range 20 {
		list := w.sim.Deliveries()
		last := list[len(list)-1]
		if last.StatusCode == http.StatusOK {
			return nil
		}
		if err := w.sim.Redeliver(ctx, last.GUID); err != nil {
			return err
		}
	}
	w.violate("the last push is refused though nothing is wrong any more")
	return nil
}

// reconcile lets two turns come: the first may find access restored only.
func (w *world) reconcile(ctx context.Context) error {
	for range 2 {
		if err := w.ring(ctx, "heal"); err != nil {
			return err
		}
		if err := w.periodicDone(ctx); err != nil {
			return err
		}
		if err := w.dueNow(ctx); err != nil {
			return err
		}
		if err := w.periodicDone(ctx); err != nil {
			return err
		}
		if stuck := w.rest(ctx, restLimit); stuck != "" {
			w.violate("it does not come to rest after reconcile: %s", stuck)
			return nil
		}
	}
	return nil
}

// dueNow makes every turn to reconcile or to list come now.
func (w *world) dueNow(ctx context.Context) error {
	if _, err := w.pool.Exec(ctx, `UPDATE kgsync.repositories SET reconcile_due_at = now()`); err != nil {
		return err
	}
	if _, err := w.pool.Exec(ctx, listingsDue); err != nil {
		return err
	}
	return w.ring(ctx, "sweep")
}

const listingsDue = `UPDATE kgsync.installations SET listing_due_at = now()`

// periodicDone waits for the periodic jobs that have been rung for.
func (w *world) periodicDone(ctx context.Context) error {
	deadline := time.Now().Add(restLimit)
	for n := 0; time.Now().Before(deadline); n++ {
		var open int
		if err := w.pool.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind IN ('sweep', 'heal', 'housekeeping') AND state IN ('available', 'running', 'retryable', 'scheduled')`).Scan(&open); err != nil {
			return err
		}
		if open == 0 {
			return nil
		}
		if n%20 == 19 {
			if err := w.hurry(ctx, 0); err != nil {
				return err
			}
		}
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	w.violate("the periodic jobs do not end")
	return nil
}

// retryFailed asks for failed files again, as an operator does once the cause is
// gone. Files whose content GitHub still refuses may fail again.
func (w *world) retryFailed(ctx context.Context) error {
	if err := w.onlyThePoisonedFail(ctx, false); err != nil {
		return err
	}
	w.unpoison()
	return w.onlyThePoisonedFail(ctx, true)
}

// onlyThePoisonedFail retries what failed and looks at what still does.
func (w *world) onlyThePoisonedFail(ctx context.Context, last bool) error {
	if len(w.poisoned) == 0 && !last {
		return nil
	}
	for range 3 {
		failed, err := w.failed(ctx)
		if err != nil || len(failed) == 0 {
			return err
		}
		if _, err := w.admin(ctx, "/retry", nil); err != nil {
			w.violate("retry is refused: %v", err)
			return nil
		}
		if stuck := w.rest(ctx, restLimit); stuck != "" {
			w.violate("it does not come to rest after a retry: %s", stuck)
			return nil
		}
	}
	failed, err := w.failed(ctx)
	if err != nil {
		return err
	}
	for _, f := range failed {
		if !w.poisoned[f.blob] {
			w.violate("%s (blob %s) still fails without a cause: %s", f.path, f.blob, f.code)
		} else if !strings.HasPrefix(f.code, "github-") {
			w.violate("%s fails as %q, not for GitHub's refusal", f.path, f.code)
		} else {
			w.result.Counts["failed for a lasting cause"]++
		}
	}
	return nil
}

type failedFile struct{ path, blob, code string }

func (w *world) failed(ctx context.Context) ([]failedFile, error) {
	rows, err := w.pool.Query(ctx, `SELECT path, coalesce(wanted_blob, ''), error_code FROM kgsync.files WHERE failed ORDER BY path`)
	if err != nil {
		return nil, fmt.Errorf("list failed files: %w", err)
	}
	defer rows.Close()
	var list []failedFile
	for rows.Next() {
		var f failedFile
		if err := rows.Scan(&f.path, &f.blob, &f.code); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, rows.Err()
}
