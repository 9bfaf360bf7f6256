package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/github/githubsim"
)

// bulky makes so many pages.
func bulky(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files["pages/Page "+strconv.Itoa(i)+".md"] = "public:: true\n\n- see [[Page " + strconv.Itoa(i+1) + "]]\n"
	}
	return files
}

// primaryOnly limits nothing but the primary limit, of which a tenth is kept.
func primaryOnly(c *config) {
	c.Archives = "off"
	c.limits = &github.Limits{Points: 1e6, Window: time.Minute, Concurrent: 100, CPU: 1e6 * time.Second, Contents: 500, Reserve: 10}
}

// TestPushesGoOnWhileAFirstSyncWaitsForTheReset: the limit lasts for an hour.
func TestPushesGoOnWhileAFirstSyncWaitsForTheReset(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, githubsim.Config{RateLimits: &githubsim.RateLimits{Primary: 200, Points: 1e6, Concurrent: 1000}}, bulky(250), primaryOnly)
	var err error
	w.inst, err = w.sim.Install(t.Context(), "local", w.repo)
	w.ok(err)
	const open = `SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL AND id = (SELECT min(id) FROM kgsync.runs)`
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'install' AND total_files = 250`)
	w.eventually(0, `SELECT count(*) FROM river_job WHERE kind = 'file' AND state IN ('available', 'running')`)
	w.want(1, open)

	w.push(w.commit(map[string]string{"pages/Pushed.md": "public:: true\n"}))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Pushed'`)
	// The settle waits too, and does not keep the next push from being fast.
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories r JOIN river_job j ON j.id = r.lease_job_id WHERE j.state = 'scheduled'`)
	w.push(w.commit(map[string]string{"pages/Pushed.md": "", "pages/Again.md": "public:: true\n"}))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Again'`)
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Pushed'`)
	w.want(1, open)
	w.want(0, `SELECT count(*) FROM river_job WHERE kind IN ('file', 'plan') AND (attempt > 1 OR errors IS NOT NULL)`)
	if got := w.sim.Refused(); got != (githubsim.Refused{}) {
		t.Errorf("refused: %+v", got)
	}
}

// TestAFirstSyncGoesOnAfterTheReset: its files wait for window after window without
// spending attempts.
func TestAFirstSyncGoesOnAfterTheReset(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, githubsim.Config{RateLimits: &githubsim.RateLimits{Primary: 100, PrimaryWindow: 4 * time.Second, Points: 1e6, Concurrent: 1000}},
		bulky(150), primaryOnly, func(c *config) { c.MaxAttempts = 1 })
	w.install()
	w.want(150, `SELECT count(*) FROM kg.pages`)
	w.want(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'install' AND state = 'completed'`)
	w.want(0, `SELECT count(*) FROM river_job WHERE errors IS NOT NULL AND kind IN ('file', 'plan')`)
	if got := w.sim.Refused(); got != (githubsim.Refused{}) {
		t.Errorf("refused: %+v", got)
	}
}
