package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// prove compares what the history left with the repository's head, in every way
// that we know.
func (w *world) prove(ctx context.Context) error {
	if !w.result.Converged() {
		return nil // the first cause is what counts
	}
	e, err := expect(w.git, w.defaultBranch)
	if err != nil {
		return err
	}
	for _, check := range []func(context.Context, *expectation) error{
		w.proveNothingOpen, w.proveFiles, w.proveState, w.proveDeliveries, w.proveVerify, w.proveDump,
	} {
		fine := w.result.Converged()
		if err := check(ctx, e); err != nil {
			return err
		}
		if fine && !w.result.Converged() {
			if err := w.explain(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// explain adds to the trace what the product believes and how it came there.
func (w *world) explain(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, `(SELECT format('repository: %s', to_jsonb(r)) FROM kgsync.repositories r WHERE id = $1)
		UNION ALL (SELECT format('installation: %s', to_jsonb(i)) FROM kgsync.installations i ORDER BY id)
		UNION ALL (SELECT format('listing job: %s', to_jsonb(j) - '{metadata,tags,unique_key,unique_states,kind,priority,queue,max_attempts}'::text[]) FROM river_job j WHERE kind = 'listing' ORDER BY id)
		UNION ALL (SELECT format('run: %s', to_jsonb(u) - '{statistics,repository_id}'::text[]) FROM kgsync.runs u WHERE repository_id = $1 ORDER BY id)`, w.repo)
	if err != nil {
		return err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, line := range lines {
		w.result.note(line, time.Since(w.started))
	}
	return err
}

// proveFiles compares paths and blobs with git's own tree.
func (w *world) proveFiles(ctx context.Context, e *expectation) error {
	rows, err := w.pool.Query(ctx, `SELECT path, coalesce(applied_blob, ''), failed FROM kgsync.files WHERE repository_id = $1`, w.repo)
	if err != nil {
		return err
	}
	defer rows.Close()
	missing := map[string]string{}
	for p, b := range e.blobs {
		missing[p] = b
	}
	for rows.Next() {
		var path, blob string
		var failed bool
		if err := rows.Scan(&path, &blob, &failed); err != nil {
			return err
		}
		want, there := e.blobs[path]
		delete(missing, path)
		switch {
		case !there:
			w.violate("%s is in the tables and not at %s of %s", path, e.head, e.branch)
		case want != blob || failed:
			w.violate("%s is applied at %q (failed %v), the head %s of %s has %s", path, blob, failed, e.head, e.branch, want)
		}
		w.result.Files++
	}
	for p, b := range missing {
		w.violate("%s (blob %s) of the head %s of %s is not in the tables", p, b, e.head, e.branch)
	}
	return rows.Err()
}

// proveState looks at what readers are told. A proof of equality may be lost with
// a crash of Postgres; the next turn to reconcile brings it.
func (w *world) proveState(ctx context.Context, e *expectation) error {
	var proven bool
	if err := w.pool.QueryRow(ctx, `SELECT verified_sha = $2 FROM kgsync.repositories WHERE id = $1`, w.repo, e.head).Scan(&proven); err != nil {
		return err
	}
	if !proven {
		w.result.Counts["verified at the next reconcile only"]++
		if err := w.reconcile(ctx); err != nil {
			return err
		}
	}
	var state, synced, applied, verified string
	err := w.pool.QueryRow(ctx, `SELECT state, coalesce(synced_sha, ''), coalesce(applied_sha, ''), coalesce(verified_sha, '') FROM kg.repositories WHERE id = $1`, w.repo).
		Scan(&state, &synced, &applied, &verified)
	if err != nil {
		return err
	}
	if state != "current" {
		w.violate("the repository's state is %q", state)
	}
	for what, sha := range map[string]string{"synced_sha": synced, "applied_sha": applied, "verified_sha": verified} {
		if sha != e.head {
			w.violate("%s is %q, the head of %s is %s", what, sha, e.branch, e.head)
		}
	}
	return nil
}

// leftovers are queries that must count nothing when all is done.
var leftovers = []struct{ what, sql string }{
	{"runs that have not ended", `SELECT count(*), string_agg(id || ' ' || trigger || ' ' || state, ', ') FROM kgsync.runs WHERE finished_at IS NULL OR state IN ('planning', 'running')`},
	{"outcomes that are still pending", `SELECT count(*), NULL FROM kgsync.run_files WHERE outcome IS NULL`},
	{"open files", `SELECT count(*), NULL FROM kgsync.files WHERE open_since IS NOT NULL OR wanted_gone OR wanted_blob IS DISTINCT FROM applied_blob OR wanted_key <> applied_key OR wanted_mode <> applied_mode`},
	{"runs without statistics", `SELECT count(*), NULL FROM kgsync.runs WHERE statistics IS NULL`},
	{"repositories that wait for a job", `SELECT count(*), NULL FROM kgsync.repositories WHERE plan_job_id IS NOT NULL OR settle_job_id IS NOT NULL OR lease_job_id IS NOT NULL OR hint_sha <> ''`},
	{"jobs of files, plans or listings", `SELECT count(*), NULL FROM river_job WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND kind NOT IN ('sweep', 'heal', 'housekeeping')`},
	{"files that are there twice", `SELECT count(*), NULL FROM (SELECT 1 FROM kgsync.files GROUP BY repository_id, path HAVING count(*) > 1) d`},
	{"pages that are there twice", `SELECT count(*), NULL FROM (SELECT 1 FROM kgsync.pages GROUP BY file_id HAVING count(*) > 1) d`},
	{"generations without a commit", `SELECT count(*), NULL FROM kgsync.repositories r WHERE NOT EXISTS (SELECT 1 FROM kgsync.generations g WHERE g.repository_id = r.id AND g.generation = r.generation AND g.planned)`},
}

// proveNothingOpen looks again after a rest when something is open: periodic jobs
// that have been rung for may have dealt a turn to reconcile or had a delivery
// repeated meanwhile, which ends by itself. What is stuck stays open, and what comes
// again and again is found too.
func (w *world) proveNothingOpen(ctx context.Context, _ *expectation) error {
	const looks = 4
	if err := w.periodicDone(ctx); err != nil { // one of them may still have a delivery repeated
		return err
	}
	open, err := w.leftOver(ctx)
	for n := 1; err == nil && len(open) > 0 && n < looks; n++ {
		w.result.Counts["rested again before the comparison"]++
		w.result.note("open before the comparison: "+strings.Join(open, ", "), time.Since(w.started))
		if err := w.periodicDone(ctx); err != nil {
			return err
		}
		if stuck := w.rest(ctx, restLimit); stuck != "" {
			w.violate("it does not come to rest before the comparison: %s", stuck)
			return nil
		}
		open, err = w.leftOver(ctx)
	}
	for _, o := range open {
		w.violate("left over: %s", o)
	}
	return err
}

func (w *world) leftOver(ctx context.Context) (open []string, err error) {
	for _, l := range leftovers {
		var n int
		var which *string
		if err := w.pool.QueryRow(ctx, l.sql).Scan(&n, &which); err != nil {
			return nil, fmt.Errorf("count %s: %w", l.what, err)
		}
		switch {
		case n > 0 && which != nil:
			open = append(open, fmt.Sprintf("%d %s: %s", n, l.what, *which))
		case n > 0:
			open = append(open, fmt.Sprintf("%d %s", n, l.what))
		}
	}
	return open, nil
}

// proveDeliveries: each delivery that was answered 200 is recorded, and while one
// branch is followed each recorded push has left its mark, once: nothing that was
// recorded without its work could swallow a redelivery [2].
func (w *world) proveDeliveries(ctx context.Context, e *expectation) error {
	for _, guid := range w.net.accepted() {
		var n int
		if err := w.pool.QueryRow(ctx, `SELECT count(*) FROM kgsync.deliveries WHERE guid = $1`, guid).Scan(&n); err != nil {
			return err
		}
		if n != 1 {
			w.violate("delivery %s was answered 200 and is recorded %d times", guid, n)
		}
		w.result.Counts["deliveries accounted for"]++
	}
	if !w.oneBranch || w.history.Forgetful {
		return nil
	}
	var recorded, hints int
	err := w.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM kgsync.deliveries WHERE event = 'push'), (SELECT hint_number FROM kgsync.repositories WHERE id = $1)`,
		w.repo).Scan(&recorded, &hints)
	if err != nil {
		return err
	}
	// A push of an installation that is held to have ended leaves no hint: a listing plans instead.
	if others := w.pushesElsewhere(e.branch); recorded-others < hints || !w.seemedGone && recorded-others > hints {
		w.violate("%d pushes are recorded, %d of them to other branches, and %d left a hint", recorded, others, hints)
	}
	return nil
}

// pushesElsewhere counts the recorded pushes of other branches and tags. GitHub's
// log knows them all, also those whose answer was lost.
func (w *world) pushesElsewhere(branch string) int {
	refs := map[string]string{}
	for _, d := range w.sim.Deliveries() {
		var push struct{ Ref string }
		if d.Event == "push" && json.Unmarshal(d.Body, &push) == nil {
			refs[d.GUID] = push.Ref
		}
	}
	n := 0
	for guid, ref := range refs {
		if ref == "refs/heads/"+branch {
			continue
		}
		var there bool
		if err := w.pool.QueryRow(context.Background(), `SELECT EXISTS (SELECT 1 FROM kgsync.deliveries WHERE guid = $1)`, guid).Scan(&there); err == nil && there {
			n++
		}
	}
	return n
}

// proveVerify asks the product itself.
func (w *world) proveVerify(ctx context.Context, _ *expectation) error {
	answer, err := w.admin(ctx, "/verify", nil)
	if err != nil {
		w.violate("verify is refused: %v", err)
		return nil
	}
	var v struct{ Missing, Extra, Stale, Pending, Failed int }
	if err := json.Unmarshal(answer, &v); err != nil {
		return fmt.Errorf("read the verification: %w", err)
	}
	if v.Missing+v.Extra+v.Stale+v.Pending+v.Failed != 0 {
		w.violate("verify finds %s", bytes.TrimSpace(answer))
	}
	return nil
}

// proveDump compares every row of every view with a fresh sync's, byte for byte.
func (w *world) proveDump(ctx context.Context, _ *expectation) error {
	fresh, err := w.stage.reference.dump(ctx, w.git.Dir, w.defaultBranch)
	if errors.Is(err, errNoReference) {
		w.violate("%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	var ours bytes.Buffer
	if err := w.store.Dump(ctx, w.repo, &ours); err != nil {
		return err
	}
	w.result.Rows = bytes.Count(fresh, []byte("\n"))
	if bytes.Equal(fresh, ours.Bytes()) {
		return nil
	}
	w.violate("the dump differs from a fresh sync's:\n%s", difference(string(fresh), ours.String()))
	return nil
}

// difference lists the first lines that only one side has.
func difference(fresh, ours string) string {
	const most = 12
	count := map[string]int{}
	for line := range strings.Lines(fresh) {
		count[line]++
	}
	for line := range strings.Lines(ours) {
		count[line]--
	}
	var b strings.Builder
	shown := 0
	show := func(text, sign string, wanted func(int) bool) {
		for line := range strings.Lines(text) {
			if wanted(count[line]) && shown < most {
				fmt.Fprintf(&b, "%s %s", sign, line)
				shown++
				count[line] = 0
			}
		}
	}
	show(fresh, "- fresh:", func(n int) bool { return n > 0 })
	show(ours, "+ history:", func(n int) bool { return n < 0 })
	return b.String()
}
