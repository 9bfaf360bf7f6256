package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// process is a replica with its wire to Postgres.
type process struct {
	replica Replica
	proxy   *proxy
}

// startProcess starts one more process; from then on deliveries reach it too.
func (w *world) startProcess(ctx context.Context) error {
	px, err := newProxy(w.stage.cluster.url(w.database))
	if err != nil {
		return err
	}
	times := w.stage.times()
	if w.history.Forgetful {
		times.Grace = time.Millisecond
	}
	replica, err := w.stage.config.Start(ctx, Settings{DatabaseURL: px.url, GitHubURL: w.sim.URL(), AppID: w.sim.AppID(), PrivateKeyPEM: w.sim.PrivateKeyPEM(),
		WebhookSecret: hookSecret, GroupSize: w.history.GroupSize, BulkFiles: w.history.Bulk, NoArchives: w.history.NoArchives, DropBlobs: w.history.DropBlobs,
		Times: times, Logger: w.log})
	if err != nil {
		px.close()
		return fmt.Errorf("start a process: %w", err)
	}
	w.replicas = append(w.replicas, &process{replica, px})
	w.retarget()
	return nil
}

// retarget tells the network who is alive.
func (w *world) retarget() {
	var urls []string
	for _, p := range w.replicas {
		urls = append(urls, p.replica.URL())
	}
	w.net.setTargets(urls)
}

// remove takes a process out of the list.
func (w *world) remove(rng *rand.Rand) *process {
	if len(w.replicas) == 0 {
		return nil
	}
	i := rng.IntN(len(w.replicas))
	p := w.replicas[i]
	w.replicas = append(w.replicas[:i], w.replicas[i+1:]...)
	w.retarget()
	return p
}

// kill ends the process at once: what it has sent to Postgres by now, to the byte,
// is all that anybody hears of it.
func (p *process) kill() {
	p.proxy.cut(true)
	p.replica.Abandon()
	p.proxy.close()
}

// end is for the end of a history, when nothing matters any more.
func (p *process) end() { p.kill() }

// stop ends it as a deploy does.
func (p *process) stop() error {
	err := p.replica.Stop()
	p.proxy.close()
	return err
}

// alive are the processes' names in River.
func (w *world) alive() []string {
	ids := []string{}
	for _, p := range w.replicas {
		ids = append(ids, p.replica.ClientID())
	}
	return ids
}

// stuckAfter is the age at which a running job is nobody's, whoever began it: its
// timeout is over, and where the database was away its end could not be written.
var stuckAfter = shortTimes().JobTimeout + 2*time.Second

// rescue does what River's rescuer does 15 seconds after a job's timeout: jobs that
// nobody works any more are tried again, or discarded after their last attempt. A
// dead leader's term ends too.
func (w *world) rescue(ctx context.Context) (int, error) {
	tag, err := w.pool.Exec(ctx, `UPDATE river_job SET
			state = CASE WHEN attempt < max_attempts THEN 'available' ELSE 'discarded' END::river_job_state,
			finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE now() END, scheduled_at = now()
		WHERE state = 'running' AND (attempted_by[array_upper(attempted_by, 1)] <> ALL ($1::text[]) OR attempted_at < now() - $2::interval)`,
		w.alive(), stuckAfter)
	if err != nil {
		return 0, fmt.Errorf("rescue jobs: %w", err)
	}
	if _, err := w.pool.Exec(ctx, `DELETE FROM river_leader WHERE leader_id <> ALL ($1::text[])`, w.alive()); err != nil {
		return 0, fmt.Errorf("end a leader's term: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// orphans counts the jobs that dead processes left running.
func (w *world) orphans(ctx context.Context) (n int, err error) {
	err = w.pool.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] <> ALL ($1::text[])`,
		w.alive()).Scan(&n)
	return n, err
}

// passTime makes the waits of the product end: back-offs, snoozes, leases of dead
// plans, the pauses after a failed plan, the ages that the sweeper asks for.
func (w *world) passTime(ctx context.Context) error {
	return pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state IN ('retryable', 'scheduled')
				OR state = 'available' AND scheduled_at > now()`,
			`UPDATE river_job SET finalized_at = finalized_at - interval '1 minute' WHERE finalized_at > now() - interval '1 minute'`,
			`UPDATE kgsync.repositories SET plan_after = NULL,
				lease_until = CASE WHEN EXISTS (SELECT 1 FROM river_job j WHERE j.id = lease_job_id AND j.state = 'running') THEN lease_until ELSE least(lease_until, now()) END
				WHERE plan_after IS NOT NULL OR lease_until IS NOT NULL`,
			`UPDATE kgsync.runs SET created_at = created_at - interval '2 minutes' WHERE finished_at IS NULL AND created_at > now() - interval '1 minute'`,
			`UPDATE kgsync.missed_deliveries SET due_at = now()`,
			`SELECT pg_notify('public.river_insert', '{"queue":"' || q || '"}') FROM unnest(ARRAY['files', 'bulk', 'archives', 'plans', 'backlog', 'maintenance']) q`,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("let time pass: %w", err)
			}
		}
		return nil
	})
}

// ring does what River's leader does when a periodic job's time has come.
func (w *world) ring(ctx context.Context, kinds ...string) error {
	for _, kind := range kinds {
		if _, err := w.pool.Exec(ctx, `INSERT INTO river_job (kind, args, max_attempts, queue) VALUES ($1, '{}', 1, 'maintenance')`, kind); err != nil {
			return fmt.Errorf("ring for %s: %w", kind, err)
		}
	}
	_, err := w.pool.Exec(ctx, `SELECT pg_notify('public.river_insert', '{"queue":"maintenance"}')`)
	return err
}
