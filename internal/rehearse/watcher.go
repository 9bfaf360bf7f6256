package rehearse

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// watcher looks at the tables all the time, as a reader would, and says what no
// reader may ever see.
type watcher struct {
	w      *world
	cancel context.CancelFunc
	done   sync.WaitGroup
	seen   map[string]bool // kept paths that were there
	looks  int
}

func watch(ctx context.Context, w *world) *watcher {
	ctx, cancel := context.WithCancel(ctx)
	v := &watcher{w: w, cancel: cancel, seen: map[string]bool{}}
	v.done.Go(func() {
		for wait(ctx, 15*time.Millisecond) == nil {
			v.look(ctx)
		}
	})
	return v
}

func (v *watcher) stop() {
	v.cancel()
	v.done.Wait()
	v.w.result.Counts["looks of a reader"] += v.looks
}

// seenFile is what one statement, and so one snapshot, shows of a file.
type seenFile struct {
	path, blob, kind string
	failed           bool
	properties       []string
	links, tags      []string
}

const lookSQL = `
SELECT f.path, coalesce(f.applied_blob, ''), f.kind, f.failed,
	ARRAY(SELECT p.value FROM kgsync.properties p WHERE p.file_id = f.id AND p.key = 'rehearsal'),
	ARRAY(SELECT l.target FROM kgsync.links l WHERE l.file_id = f.id AND l.kind = 'page' AND l.target LIKE 'rehearsal %'),
	ARRAY(SELECT t.tag FROM kgsync.tags t WHERE t.file_id = f.id AND t.tag LIKE 'rehearsal%')
FROM kgsync.files f WHERE f.repository_id = $1`

// look reads everything once.
func (v *watcher) look(ctx context.Context) {
	rows, err := v.w.pool.Query(ctx, lookSQL, v.w.repo)
	if err != nil {
		return // Postgres is down
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var f seenFile
		if rows.Scan(&f.path, &f.blob, &f.kind, &f.failed, &f.properties, &f.links, &f.tags) != nil {
			return
		}
		v.check(&f)
		there[f.path] = f.blob != ""
	}
	if rows.Err() != nil {
		return
	}
	v.looks++
	v.keptAreThere(there)
}

// check sees whether a file's facts belong together and to its blob [5].
func (v *watcher) check(f *seenFile) {
	if len(f.properties)+len(f.links)+len(f.tags) == 0 {
		return
	}
	numbers := map[string]bool{}
	for _, p := range f.properties {
		numbers[p] = true
	}
	for _, l := range f.links {
		numbers[strings.TrimPrefix(l, "rehearsal ")] = true
	}
	for _, t := range f.tags {
		numbers[strings.TrimPrefix(t, "rehearsal")] = true
	}
	if len(numbers) > 1 || len(f.properties) != 1 || len(f.links) != 1 || len(f.tags) != 1 {
		v.w.violate("a reader saw half a file: %s at blob %s says %v (properties %v, links %v, tags %v)",
			f.path, f.blob, slices.Sorted(maps.Keys(numbers)), f.properties, f.links, f.tags)
		return
	}
	if n := v.w.vault.numberOf(f.blob); n != "" && !numbers[n] {
		v.w.violate("a reader saw the facts of another version: %s at blob %s says %v, not %s", f.path, f.blob, slices.Sorted(maps.Keys(numbers)), n)
	}
}

// keptAreThere: files that no commit takes away, though some edit them, are never away [7][8], except when
// what a lost repository said is deleted at once.
func (v *watcher) keptAreThere(there map[string]bool) {
	if v.w.history.Forgetful {
		return
	}
	for path := range v.w.stage.kept {
		if there[path] {
			v.seen[path] = true
		} else if v.seen[path] {
			v.w.violate("%s is in every commit and was gone for a reader", path)
		}
	}
}
