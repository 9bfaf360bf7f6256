package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

var crashKinds = []kind{
	{"kill", "crash", 7, killProcess},
	{"start", "crash", 4, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if len(w.replicas) >= 3 {
			return "", nil
		}
		return "one more process", w.startProcess(ctx)
	}},
	{"deploy", "crash", 2, deploy},
	{"connections-cut", "crash", 4, func(w *world, _ context.Context, rng *rand.Rand) (string, error) {
		if len(w.replicas) == 0 {
			return "", nil
		}
		p, n := w.replicas[rng.IntN(len(w.replicas))].proxy, rng.IntN(20_000)
		p.setTrap(n, func() { p.cut(false) })
		return fmt.Sprintf("a process's, after %d bytes", n), nil
	}},
	{"backends-terminated", "crash", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		return w.terminate(ctx)
	}},
	{"postgres-crash", "crash", 3, crashPostgres},
	{"postgres-away", "crash", 2, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		for _, p := range w.replicas {
			p.proxy.cut(true)
		}
		err := wait(ctx, time.Duration(20+rng.IntN(250))*time.Millisecond)
		for _, p := range w.replicas {
			p.proxy.lift()
		}
		return "refused connections for a while", err
	}},
	{"push-while-away", "crash", 2, pushWhileAway},
	{"leader-lost", "crash", 1, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		_, err := w.pool.Exec(ctx, `DELETE FROM river_leader`)
		return "its row is gone", err
	}},
}

// pushWhileAway delivers a push that nobody can write down.
func pushWhileAway(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	for _, p := range w.replicas {
		p.proxy.cut(true)
	}
	defer func() {
		for _, p := range w.replicas {
			p.proxy.lift()
		}
	}()
	return editFiles(w, ctx, rng)
}

// killProcess kills a process at a random byte of what it tells Postgres. Half of
// the time another one starts and rescues what it did.
func killProcess(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	p := w.remove(rng)
	if p == nil {
		return "", nil
	}
	sprung := make(chan struct{})
	n := rng.IntN(30_000)
	p.proxy.setTrap(n, func() {
		p.proxy.cut(true)
		close(sprung)
	})
	where := fmt.Sprintf("after %d more bytes", n)
	select {
	case <-sprung:
	case <-time.After(time.Duration(rng.IntN(60)) * time.Millisecond):
		where = "while it said little"
	case <-ctx.Done():
		return "", ctx.Err()
	}
	p.kill()
	orphans, err := w.orphans(ctx)
	if err != nil {
		return "", err
	}
	w.result.Counts["kills"]++
	if orphans > 0 {
		w.result.Counts["kills that left jobs running"]++
	}
	what := fmt.Sprintf("%s, %d jobs left running", where, orphans)
	if rng.IntN(2) == 0 && len(w.replicas) > 0 {
		return what, nil
	}
	if err := w.startProcess(ctx); err != nil {
		return "", err
	}
	if rng.IntN(2) == 0 {
		if _, err := w.rescue(ctx); err != nil {
			return "", err
		}
		what += ", rescued"
	}
	return what + ", another started", nil
}

// deploy replaces a process gracefully.
func deploy(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	p := w.remove(rng)
	if p == nil {
		return "", nil
	}
	if err := w.startProcess(ctx); err != nil {
		return "", err
	}
	if err := p.stop(); err != nil {
		return fmt.Sprintf("stopped with %v", err), nil
	}
	return "one stops, one starts", nil
}

// terminate ends all connections of the product from Postgres's side.
func (w *world) terminate(ctx context.Context) (string, error) {
	var n int
	err := w.pool.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> $1`, ourName).Scan(&n)
	return fmt.Sprintf("%d connections", n), err
}

// ourName is how our own connections are told apart.
const ourName = "rehearsal"

// crashPostgres is what a crash of Postgres and its recovery look like: every
// connection ends, nobody gets in for a while, unlogged tables are empty.
func crashPostgres(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	for _, p := range w.replicas {
		p.proxy.cut(true)
	}
	defer func() {
		for _, p := range w.replicas {
			p.proxy.lift()
		}
	}()
	if _, err := w.terminate(ctx); err != nil {
		return "", err
	}
	if err := wait(ctx, time.Duration(rng.IntN(100))*time.Millisecond); err != nil {
		return "", err
	}
	var tables string
	err := w.pool.QueryRow(ctx, `SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'u'`).Scan(&tables)
	if err != nil {
		return "", err
	}
	if _, err := w.pool.Exec(ctx, "TRUNCATE "+tables); err != nil {
		return "", err
	}
	return "unlogged tables emptied: " + tables, nil
}
