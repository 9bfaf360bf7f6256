package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// firstSync is what a first sync took, from sending the installation webhook until
// the product has verified every stored file.
type firstSync struct {
	files, rows       int
	wall              time.Duration
	app, pg, github   time.Duration // CPU time of the processes
	memory, wal       int64         // bytes; memory is the server's peak
	requests          int
	byOperation       map[string]int
	stack             *stack
	repository, inst  int64
	directory, branch string
}

func (f *firstSync) perSecond() float64 { return float64(f.files) / f.wall.Seconds() }

// factTables hold what files say; what bookkeeping takes is not counted as rows.
var factTables = []string{"files", "pages", "aliases", "links", "tags", "properties", "classes", "subclass_of", "relations", "owl_properties", "axioms", "diagnostics"}

// firstSyncOf runs one and leaves the stack up.
func (l *lab) firstSyncOf(ctx context.Context, dir string, s setting) (f *firstSync, err error) {
	if s.archives == "" {
		s.archives = filepath.Join(l.dir, "archives", filepath.Base(dir))
		if err := warmArchive(dir, s.archives); err != nil {
			return nil, err
		}
	}
	st, err := l.start(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			st.stop()
		}
	}()
	f = &firstSync{stack: st, directory: dir, branch: "refs/heads/main"}
	if f.repository, err = st.add(ctx, dir); err != nil {
		return nil, err
	}
	if l.started != nil {
		l.started()
	}
	if err := sleep(ctx, 2*time.Second); err != nil { // what every server does at its start is over
		return nil, err
	}
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	return f, f.look(ctx)
}

func (st *stack) add(ctx context.Context, dir string) (int64, error) {
	a, err := st.github.order(ctx, "add", order{Dir: dir, Name: filepath.Base(dir)})
	return a.ID, err
}

// begin installs the App and waits for the verification.
func (f *firstSync) begin(ctx context.Context) error {
	st := f.stack
	var walBefore, walAfter int64
	// What a process asks for when it starts is no part of the sync.
	if err := st.await(ctx, 5*time.Millisecond, `SELECT EXISTS (SELECT 1 FROM river_job WHERE kind = 'heal' AND state = 'completed')`); err != nil {
		return err
	}
	const wal = `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint`
	if err := st.conn.QueryRow(ctx, wal).Scan(&walBefore); err != nil {
		return err
	}
	if _, err := st.github.order(ctx, "requests", order{}); err != nil {
		return err
	}
	app, pg, github := cpuOf(st.app.Process.Pid), cpuOf(st.postgres), cpuOf(st.github.cmd.Process.Pid)
	a, err := st.github.order(ctx, "install", order{Repositories: []int64{f.repository}})
	if err != nil {
		return err
	}
	f.inst = a.ID
	if err := st.await(ctx, 5*time.Millisecond, `SELECT EXISTS (SELECT 1 FROM kgsync.repositories WHERE id = $1 AND verified_sha <> '')`, f.repository); err != nil {
		return err
	}
	f.wall = time.Since(a.Sent)
	f.app, f.pg, f.github = cpuOf(st.app.Process.Pid)-app, cpuOf(st.postgres)-pg, cpuOf(st.github.cmd.Process.Pid)-github
	f.memory = peakMemory(st.app.Process.Pid)
	if err := st.conn.QueryRow(ctx, wal).Scan(&walAfter); err != nil {
		return err
	}
	f.wal = walAfter - walBefore
	if a, err = st.github.order(ctx, "requests", order{}); err != nil {
		return err
	}
	f.byOperation = a.Requests
	for _, n := range a.Requests {
		f.requests += n
	}
	return nil
}

// look counts what came out. A sync that failed files measures nothing.
func (f *firstSync) look(ctx context.Context) error {
	var failed int
	err := f.stack.conn.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE failed OR open_since IS NOT NULL) FROM kgsync.files`).Scan(&f.files, &failed)
	if err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files failed or are open", failed, f.files)
	}
	for _, t := range factTables {
		var n int
		if err := f.stack.conn.QueryRow(ctx, `SELECT count(*) FROM kgsync.`+t).Scan(&n); err != nil {
			return err
		}
		f.rows += n
	}
	return nil
}

// warmArchive makes the archive of the head beforehand, as GitHub keeps one that was
// asked for lately. The name is the local GitHub's: repository, commit.
func warmArchive(dir, archives string) error {
	head, err := git(dir, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(archives, 0o755); err != nil { //nolint:gosec // throwaway
		return err
	}
	path := filepath.Join(archives, fmt.Sprintf("%d-%s.tar.gz", firstRepository, head))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	root := fmt.Sprintf("local-%s-%s/", filepath.Base(dir), head[:7])
	if out, err := exec.Command("git", "-C", dir, "archive", "--format=tar.gz", "--prefix="+root, "-o", path, head).CombinedOutput(); err != nil {
		return fmt.Errorf("make the archive: %w: %s", err, out)
	}
	return nil
}

// firstRepository is the id that a fresh local GitHub gives its first repository.
const firstRepository = 1001

// median of a number that each of the list has.
func median[T any, N int | int64 | float64 | time.Duration](list []T, number func(T) N) N {
	values := make([]N, len(list))
	for i, v := range list {
		values[i] = number(v)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }

func operations(m map[string]int) string {
	var list []string
	for name, n := range m {
		if n > 0 {
			list = append(list, fmt.Sprintf("%s %d", name, n))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
