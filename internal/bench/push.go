package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// measurePush times pushes of one file each, from sending the webhook until another
// connection sees the new rows: while nothing else happens, and while another
// repository has its first sync.
func measurePush(ctx context.Context, l *lab) (*table, error) {
	dir, err := l.sample(200)
	if err != nil {
		return nil, err
	}
	large, err := l.repository(l.copies)
	if err != nil {
		return nil, err
	}
	f, err := l.firstSyncOf(ctx, dir, setting{})
	if err != nil {
		return nil, err
	}
	defer f.stack.stop()
	t := &table{title: "From a push's webhook to its rows", head: []string{"while", "pushes", "p50", "p90", "p99", "requests a push until its rows are there"}}
	if err := sleep(ctx, 7*time.Second); err != nil { // the first sync has settled
		return nil, err
	}
	idle, requests, err := f.pushes(ctx, 200, func() bool { return false })
	if err != nil {
		return nil, err
	}
	t.row("nothing else happens", len(idle), at(idle, 50), at(idle, 90), at(idle, 99), requests)
	if err := sleep(ctx, 7*time.Second); err != nil {
		return nil, err
	}
	busy, requests, err := f.pushesDuring(ctx, large)
	if err != nil {
		return nil, err
	}
	t.row("another repository's first sync runs", len(busy), at(busy, 50), at(busy, 90), at(busy, 99), requests)
	after, err := f.settleRequests(ctx)
	if err != nil {
		return nil, err
	}
	t.note("one more push and its settle, all requests: %s", operations(after))
	t.note("the busy row counts the requests of the other repository's sync too")
	return t, nil
}

// pushes sends so many, each when the one before is visible, or until done.
func (f *firstSync) pushes(ctx context.Context, most int, done func() bool) (times []time.Duration, requests string, err error) {
	if _, err := f.stack.github.order(ctx, "requests", order{}); err != nil {
		return nil, "", err
	}
	for i := range most {
		if done() {
			break
		}
		took, err := f.push(ctx, i)
		if err != nil {
			return nil, "", err
		}
		times = append(times, took)
	}
	a, err := f.stack.github.order(ctx, "requests", order{})
	if err != nil {
		return nil, "", err
	}
	n := 0
	for _, c := range a.Requests {
		n += c
	}
	return times, fmt.Sprintf("%.2f", float64(n)/float64(len(times))), nil
}

// push commits a page that links to a new name and waits until the link is there.
func (f *firstSync) push(ctx context.Context, i int) (time.Duration, error) {
	before, err := git(f.directory, "rev-parse", "HEAD")
	if err != nil {
		return 0, err
	}
	mark := fmt.Sprintf("Mark %d %d", time.Now().UnixNano(), i)
	if err := os.WriteFile(filepath.Join(f.directory, "Pushed.md"), []byte("public:: true\n\n- see [["+mark+"]]\n"), 0o644); err != nil { //nolint:gosec // a page
		return 0, err
	}
	for _, args := range [][]string{{"add", "Pushed.md"}, {"commit", "-q", "-m", mark}} {
		if _, err := git(f.directory, args...); err != nil {
			return 0, err
		}
	}
	after, err := git(f.directory, "rev-parse", "HEAD")
	if err != nil {
		return 0, err
	}
	seen := make(chan error, 1)
	var visible time.Time
	go func() {
		err := f.stack.await(ctx, time.Millisecond, `SELECT EXISTS (SELECT 1 FROM kg.links WHERE repository_id = $1 AND target = $2)`, f.repository, mark)
		visible = time.Now()
		seen <- err
	}()
	a, err := f.stack.github.order(ctx, "push", order{Repository: f.repository, Ref: f.branch, Before: before, After: after})
	if err != nil {
		return 0, err
	}
	if err := <-seen; err != nil {
		return 0, err
	}
	return visible.Sub(a.Sent), nil
}

// pushesDuring pushes while the other repository is synced.
func (f *firstSync) pushesDuring(ctx context.Context, large string) ([]time.Duration, string, error) {
	other, err := f.stack.add(ctx, large)
	if err != nil {
		return nil, "", err
	}
	if _, err := f.stack.github.order(ctx, "install", order{Repositories: []int64{other}}); err != nil {
		return nil, "", err
	}
	conn, err := pgx.Connect(ctx, f.stack.url)
	if err != nil {
		return nil, "", err
	}
	defer conn.Close(ctx)
	return f.pushes(ctx, 500, func() bool {
		var verified bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM kgsync.repositories WHERE id = $1 AND verified_sha <> '')`, other).Scan(&verified)
		return err != nil || verified
	})
}

// settleRequests counts what one push asks GitHub for until its settle is over.
func (f *firstSync) settleRequests(ctx context.Context) (map[string]int, error) {
	if err := sleep(ctx, 8*time.Second); err != nil {
		return nil, err
	}
	if _, err := f.stack.github.order(ctx, "requests", order{}); err != nil {
		return nil, err
	}
	if _, err := f.push(ctx, 0); err != nil {
		return nil, err
	}
	if err := sleep(ctx, 8*time.Second); err != nil {
		return nil, err
	}
	a, err := f.stack.github.order(ctx, "requests", order{})
	return a.Requests, err
}

// at is a percentile.
func at(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
