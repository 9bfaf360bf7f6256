package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
)

// admin sends an operator's request about the repository to one of the processes.
func (w *world) admin(ctx context.Context, verb string, body any) ([]byte, error) {
	return w.post(ctx, "/admin/repos/"+w.owner+"/"+url.PathEscape(w.name)+verb, body)
}

func (w *world) post(ctx context.Context, path string, body any) ([]byte, error) {
	if len(w.replicas) == 0 {
		return nil, errNobody
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.replicas[0].replica.URL()+path, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := w.net.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s answered %d: %s", path, res.StatusCode, answer)
	}
	return answer, err
}

// tolerant says what an operator asked for, and what became of it.
func tolerant(what string, answer []byte, err error) (string, error) {
	if err != nil {
		return what + " (refused: " + err.Error() + ")", nil
	}
	return what + ": " + string(bytes.TrimSpace(answer)), nil
}

var operatorKinds = []kind{
	{"resync", "operator", 3, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		answer, err := w.admin(ctx, "/resync", nil)
		return tolerant("resync", answer, err)
	}},
	{"full-resync", "operator", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		answer, err := w.admin(ctx, "/resync", map[string]bool{"full": true})
		return tolerant("full resync", answer, err)
	}},
	{"verify", "operator", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		answer, err := w.admin(ctx, "/verify", nil)
		return tolerant("verify", answer, err)
	}},
	{"retry", "operator", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		answer, err := w.admin(ctx, "/retry", nil)
		return tolerant("retry", answer, err)
	}},
	{"cancel", "operator", 3, cancelRun},
	{"job-tampered", "operator", 3, tamperJob},
}

// cancelRun cancels the newest run that is under way.
func cancelRun(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
	run, err := w.store.UnfinishedRunOf(ctx, w.repo)
	if err != nil {
		return "", nil //nolint:nilerr // none is under way
	}
	answer, err := w.post(ctx, fmt.Sprintf("/admin/runs/%d/cancel", run), nil)
	return tolerant("cancel", answer, err)
}

// tamperJob does what somebody with River's own tools can do to a job that waits.
func tamperJob(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	change := []string{
		`UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = $1`,
		`UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE id = $1`,
		`DELETE FROM river_job WHERE id = $1`,
	}[rng.IntN(3)]
	var id int64
	var kind string
	// Half the time a job that serves files, where one waits: those wait for moments only.
	err := w.pool.QueryRow(ctx, `SELECT id, kind FROM river_job WHERE state IN ('available', 'scheduled', 'retryable') AND kind NOT IN ('sweep', 'heal', 'housekeeping')
		ORDER BY $1 < 0.5 AND kind IN ('file', 'group', 'archive') DESC, hashint8extended(id, $2) LIMIT 1`,
		rng.Float64(), rng.Int64()).Scan(&id, &kind)
	if err != nil {
		return "", nil //nolint:nilerr // none waits
	}
	tag, err := w.pool.Exec(ctx, change+` AND state <> 'running'`, id)
	if err != nil || tag.RowsAffected() == 0 {
		return "", err
	}
	return fmt.Sprintf("%s %d by hand: %s", kind, id, change[:6]), nil
}
