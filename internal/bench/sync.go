package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// syncRound is one round of what a first sync is compared with.
type syncRound struct {
	ours  *firstSync
	floor floor
}

// measureSync compares a first sync with the floor, the older algorithm, and a job
// and a request for each file.
func measureSync(ctx context.Context, l *lab) (*table, error) {
	large, err := l.repository(l.copies)
	if err != nil {
		return nil, err
	}
	var rounds []syncRound
	for range l.rounds {
		r, err := l.syncRound(ctx, large)
		if err != nil {
			return nil, err
		}
		rounds = append(rounds, r)
	}
	one := rounds[0].ours
	wall := median(rounds, func(r syncRound) time.Duration { return r.ours.wall })
	under := median(rounds, func(r syncRound) time.Duration { return r.floor.wall() })
	t := &table{title: "First sync", head: []string{"what", "files", "wall", "files/s", "time a file, ours = 1"}}
	speed := float64(one.files) / wall.Seconds()
	line := func(what string, files int, took time.Duration) {
		t.row(what, files, took, fmt.Sprintf("%.0f", float64(files)/took.Seconds()), speed*took.Seconds()/float64(files))
	}
	line(fmt.Sprintf("kgsync, corpus x%d, installation webhook to verified", l.copies), one.files, wall)
	line("(a) floor: read, decode, one COPY a table of the same rows", one.files, under)
	line("of it, reading and decoding", one.files, median(rounds, func(r syncRound) time.Duration { return r.floor.read }))
	line("the floor into tables without indexes", one.files, median(rounds, func(r syncRound) time.Duration { return r.floor.read + r.floor.bare }))
	if err := l.slowWays(ctx, line); err != nil {
		return nil, err
	}
	if err := l.otherSettings(ctx, large, line); err != nil {
		return nil, err
	}
	t.note("against the floor: %.2f x", median(rounds, func(r syncRound) float64 { return r.ours.wall.Seconds() / r.floor.wall().Seconds() }))
	t.note("CPU time: server %s, Postgres %s, local GitHub %s", duration(median(rounds, func(r syncRound) time.Duration { return r.ours.app })),
		duration(median(rounds, func(r syncRound) time.Duration { return r.ours.pg })), duration(median(rounds, func(r syncRound) time.Duration { return r.ours.github })))
	t.note("peak memory of the server: %s; WAL: %s; %d rows of facts", mib(median(rounds, func(r syncRound) int64 { return r.ours.memory })),
		mib(median(rounds, func(r syncRound) int64 { return r.ours.wal })), one.rows)
	t.note("requests, the token and the download of the archive included: %d (%s)", one.requests, operations(one.byOperation))
	return t, nil
}

func (l *lab) syncRound(ctx context.Context, dir string) (r syncRound, err error) {
	if r.ours, err = l.firstSyncOf(ctx, dir, setting{}); err != nil {
		return r, err
	}
	defer r.ours.stack.stop()
	rows, err := rowsOf(ctx, r.ours.stack.conn)
	if err != nil {
		return r, err
	}
	r.floor, err = measureFloor(ctx, r.ours.stack.conn, dir, rows)
	return r, err
}

// slowWays are measured on one copy of the corpus: they are linear and slow.
func (l *lab) slowWays(ctx context.Context, line func(string, int, time.Duration)) error {
	dir, err := l.repository(1)
	if err != nil {
		return err
	}
	single, err := l.firstSyncOf(ctx, dir, setting{})
	if err != nil {
		return err
	}
	single.stack.stop()
	line("kgsync, corpus x1", single.files, single.wall)
	st, err := l.start(ctx, setting{noApp: true})
	if err != nil {
		return err
	}
	defer st.stop()
	id, err := st.add(ctx, dir)
	if err != nil {
		return err
	}
	inst, err := st.github.order(ctx, "install", order{Repositories: []int64{id}})
	if err != nil {
		return err
	}
	files, took, err := seedSync(ctx, st, inst.ID, filepath.Base(dir))
	if err != nil {
		return fmt.Errorf("the older algorithm: %w", err)
	}
	line("(b) the older algorithm, corpus x1", files, took)
	each, err := l.firstSyncOf(ctx, dir, setting{env: perFile()})
	if err != nil {
		return err
	}
	each.stack.stop()
	line("(c) a job and a request for each file, corpus x1", each.files, each.wall)
	return nil
}

// perFile are the settings of a server that reads and saves file by file.
func perFile() []string {
	return []string{"KGSYNC_ARCHIVES=off", "KGSYNC_GROUP_SIZE=1", "KGSYNC_BLOBS=off"}
}

// otherSettings shows what conditions change.
func (l *lab) otherSettings(ctx context.Context, dir string, line func(string, int, time.Duration)) error {
	distinct, err := l.distinct(l.copies)
	if err != nil {
		return err
	}
	for _, v := range []struct {
		what    string
		dir     string
		setting setting
	}{
		{"kgsync, no two files alike: none of the contents is kept already", distinct, setting{}},
		{"kgsync, with GitHub's rate limits enforced", dir, setting{limits: true}},
		{"kgsync, GitHub makes the archive first", dir, setting{archives: filepath.Join(l.dir, "cold")}},
		{"kgsync, KGSYNC_BLOBS=off", dir, setting{env: []string{"KGSYNC_BLOBS=off"}}},
		{"kgsync, 2 workers", dir, setting{env: []string{"KGSYNC_WORKERS=2"}}},
	} {
		f, err := l.firstSyncOf(ctx, v.dir, v.setting)
		if err != nil {
			return err
		}
		f.stack.stop()
		line(v.what, f.files, f.wall)
	}
	return nil
}

// measureScale shows whether a larger repository costs more a file.
func measureScale(ctx context.Context, l *lab) (*table, error) {
	t := &table{title: "Scale", head: []string{"copies", "files", "wall", "files/s", "against x1", "peak memory", "against x1", "requests"}}
	var base *firstSync
	for _, copies := range []int{1, 4, 10} {
		dir, err := l.repository(copies)
		if err != nil {
			return nil, err
		}
		var rounds []*firstSync
		for range l.rounds {
			f, err := l.firstSyncOf(ctx, dir, setting{})
			if err != nil {
				return nil, err
			}
			f.stack.stop()
			rounds = append(rounds, f)
		}
		m := rounds[0]
		m.wall, m.memory = median(rounds, func(f *firstSync) time.Duration { return f.wall }), median(rounds, func(f *firstSync) int64 { return f.memory })
		if base == nil {
			base = m
		}
		t.row(copies, m.files, m.wall, fmt.Sprintf("%.0f", m.perSecond()), m.perSecond()/base.perSecond(), mib(m.memory), float64(m.memory)/float64(base.memory), m.requests)
	}
	return t, nil
}

// measureWorkers shows what concurrency gives on the path of pushes, where each file
// costs a request of 50 ms.
func measureWorkers(ctx context.Context, l *lab) (*table, error) {
	const latency, most = 50 * time.Millisecond, 1000
	dir, err := l.sample(most)
	if err != nil {
		return nil, err
	}
	t := &table{title: "Workers, file by file, 50 ms a request", head: []string{"workers", "files", "wall", "files/s", "against 1 worker"}}
	base := 0.0
	for _, workers := range []int{1, 2, 4, 8, 12} {
		f, err := l.lateSync(ctx, dir, latency, append(perFile(), fmt.Sprintf("KGSYNC_WORKERS=%d", workers)))
		if err != nil {
			return nil, err
		}
		if base == 0 {
			base = f.perSecond()
		}
		t.row(workers, f.files, f.wall, fmt.Sprintf("%.0f", f.perSecond()), f.perSecond()/base)
	}
	t.note("wall time is from the first file saved to the last: the listing and the plan before are the same for all")
	return t, nil
}

// lateSync is a first sync through a slow GitHub, timed over its files alone.
func (l *lab) lateSync(ctx context.Context, dir string, latency time.Duration, env []string) (*firstSync, error) {
	st, err := l.start(ctx, setting{env: env})
	if err != nil {
		return nil, err
	}
	defer st.stop()
	f := &firstSync{stack: st, directory: dir}
	if f.repository, err = st.add(ctx, dir); err != nil {
		return nil, err
	}
	if _, err := st.github.order(ctx, "latency", order{Latency: latency}); err != nil {
		return nil, err
	}
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	if err := f.look(ctx); err != nil {
		return nil, err
	}
	var seconds float64
	err = st.conn.QueryRow(ctx, `SELECT extract(epoch FROM max(finished_at) - min(finished_at)) FROM kgsync.run_files WHERE outcome = 'saved'`).Scan(&seconds)
	f.wall = time.Duration(seconds * float64(time.Second))
	return f, err
}
