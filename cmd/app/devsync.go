package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/kgsync/kgsync/internal/samplevault"
	"github.com/kgsync/kgsync/internal/store"
)

// firstSync installs the App, follows the runs and verifies. The error says what
// is not right with the results.
func (d *dev) firstSync(ctx context.Context) ([]devResult, error) {
	resumed := map[int64]int64{} // runs that a killed process left, by repository
	for _, id := range d.ids {
		run, err := d.service.store.UnfinishedRunOf(ctx, id)
		if err == nil {
			resumed[id] = run
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	if _, err := d.sim.Install(ctx, "local", d.ids...); err != nil {
		return nil, fmt.Errorf("install the App: %w", err)
	}
	for _, id := range d.ids {
		go func() { _ = d.sim.Watch(ctx, id, 200*time.Millisecond) }()
	}
	var results []devResult
	var problems []error
	for i, id := range d.ids {
		r, err := d.follow(ctx, id, resumed[id], d.names[i])
		if err != nil {
			return results, err
		}
		results = append(results, *r)
		if !r.Verify.Equal() {
			problems = append(problems, fmt.Errorf("%s is not in step: %+v", d.names[i], *r.Verify))
		}
	}
	return results, errors.Join(problems...)
}

// follow waits for the repository's first run, or the one that a killed process
// left (0: none), until nothing of the repository is open any more.
func (d *dev) follow(ctx context.Context, repositoryID, run int64, name string) (*devResult, error) {
	st := d.service.store
	if run == 0 {
		var err error
		if run, err = st.NewestRun(ctx, repositoryID, ""); err != nil {
			return nil, err
		}
	}
	p, err := followRun(ctx, st, run, d.msg, name)
	if err != nil {
		return nil, err
	}
	if p.State != "completed" && p.State != "completed_with_errors" {
		return nil, fmt.Errorf("the first sync of %s ended as %s: see kg.runs", name, p.State)
	}
	statistics, err := st.Statistics(ctx, run)
	if err != nil {
		return nil, err
	}
	if err := d.awaitApplied(ctx, repositoryID); err != nil {
		return nil, err
	}
	v, err := d.service.runner.Sync().Verify(ctx, repositoryID)
	if err != nil {
		return nil, err
	}
	return &devResult{Statistics: statistics, Verify: &v.Verification, DatabaseURL: d.databaseURL, URL: d.service.url()}, nil
}

// awaitApplied waits until no run of the repository is under way.
func (d *dev) awaitApplied(ctx context.Context, repositoryID int64) error {
	for {
		_, err := d.service.store.UnfinishedRunOf(ctx, repositoryID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// followRun draws a progress bar until the run ends.
func followRun(ctx context.Context, st *store.Store, run int64, w io.Writer, title string) (*store.Progress, error) {
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(title), progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(false))
	for {
		p, err := st.Progress(ctx, run)
		if err != nil {
			return nil, err
		}
		if p.FilesTotal > 0 {
			bar.ChangeMax(p.FilesTotal)
			_ = bar.Set(p.FilesProcessed)
		}
		if p.Ended() {
			_ = bar.Finish()
			fmt.Fprintln(w)
			return p, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// report prints the results: one JSON value on standard output, or words.
func (d *dev) report(results []devResult) error {
	if d.json {
		var v any = results
		if len(results) == 1 {
			v = results[0]
		}
		return json.NewEncoder(d.out).Encode(v)
	}
	for i, r := range results {
		fmt.Fprintf(d.out, "\n%s\n", d.names[i])
		if err := printStatistics(d.out, r.Statistics); err != nil {
			return err
		}
		fmt.Fprintf(d.out, "  verify: %d missing, %d extra, %d stale, %d pending, %d failed\n",
			r.Verify.Missing, r.Verify.Extra, r.Verify.Stale, r.Verify.Pending, r.Verify.Failed)
	}
	return nil
}

// printStatistics prints the counts of a run, one a line.
func printStatistics(w io.Writer, raw json.RawMessage) error {
	var s map[string]any
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	for _, k := range []string{"state", "commit_sha", "total_files", "kg_files_processed", "ontology_files_processed", "skipped_files", "deleted_files",
		"failed_files", "unchanged_files", "total_nodes", "total_edges", "total_classes", "total_properties", "total_axioms",
		"total_relations", "bytes_fetched", "api_requests", "duration_ms"} {
		v := s[k]
		if n, ok := v.(float64); ok {
			v = int64(n)
		}
		fmt.Fprintf(w, "  %-26s %v\n", strings.ReplaceAll(k, "_", " "), v)
	}
	return nil
}

// stay follows the branches until the user has had enough, and says what arrives.
func (d *dev) stay(ctx context.Context) {
	fmt.Fprintf(d.msg, "\nDashboard  %s\nDatabase   psql '%s'\n\n", d.service.url(), d.databaseURL)
	fmt.Fprintf(d.msg, "Commit a change and watch it arrive, for example:\n  %s\nCtrl-C ends.\n\n", exampleCommit(d.repos[0]))
	last, err := d.service.store.NewestRun(ctx, 0, "")
	for err == nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
		var run int64
		if run, err = d.service.store.NewestRun(ctx, 0, "push"); err != nil {
			err = nil // no push yet
			continue
		}
		if run <= last {
			continue
		}
		var p *store.Progress
		if p, err = d.service.store.Progress(ctx, run); err == nil && p.Ended() {
			last = run
			files := "files"
			if p.FilesTotal == 1 {
				files = "file"
			}
			fmt.Fprintf(d.msg, "%s  push: %d %s, %s (run %d)\n", time.Now().Format(time.TimeOnly), p.FilesTotal, files, p.State, run)
		}
	}
}

// exampleCommit is a shell command whose commit adds a public page, whatever else the
// repository holds: it touches no other file and shows in the graph.
func exampleCommit(dir string) string {
	return "cd '" + strings.ReplaceAll(dir, "'", `'\''`) + `' && printf 'public:: true\n\n- see [[Something new]]\n' > 'First change.md' &&` +
		` git add 'First change.md' && git commit -qm 'A change' 'First change.md'`
}

// defaultRepository makes a git repository of the sample vault when none is named.
func (d *dev) defaultRepository() error {
	if len(d.repos) > 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "kgsync-sample-")
	if err != nil {
		return fmt.Errorf("make a directory for the sample vault: %w", err)
	}
	dir = filepath.Join(dir, "sample-vault")
	if err := samplevault.Repository(dir); err != nil {
		return err
	}
	d.repos = []string{dir}
	return nil
}

// uniqueName tells two repositories of one base name apart.
func uniqueName(base string, taken []string) string {
	base = strings.TrimSuffix(base, ".git")
	name := base
	for n := 2; slices.Contains(taken, "local/"+name); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}
