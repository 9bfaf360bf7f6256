package main

import (
	"fmt"
	"maps"
	"testing"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

// A first sync of many files asks for one archive, unless archives are off.
func TestArchivesAreReadUnlessTheyAreOff(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 150 {
		files[fmt.Sprintf("pages/Page %d.md", i)] = fmt.Sprintf("public:: true\n\n- see [[Page %d]]\n", i+1)
	}
	for setting, archives := range map[string]int{"on": 1, "off": 0} {
		w := newWorld(t, files, func(c *config) { c.Archives = setting })
		w.install()
		w.want(150, `SELECT count(*) FROM kg.pages`)
		asked := w.sim.Requests()
		if asked["codeload"] != archives || archives == 0 && asked["git/get-blob"]+asked["repos/get-content"] < 150 {
			t.Errorf("archives %s: %v", setting, asked)
		}
	}
}

// TestAFirstSyncCostsSixRequests: the event names the repositories, so that their
// listing can wait; it comes all the same.
func TestAFirstSyncCostsSixRequests(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 150 {
		files[fmt.Sprintf("pages/Page %d.md", i)] = "public:: true\n"
	}
	w := newWorld(t, files)
	w.install()
	w.eventually(1, stateOf, "current")
	asked := w.sim.Requests()
	delete(asked, githubsim.OpListInstallations)     // the start of the process
	delete(asked, githubsim.OpListWebhookDeliveries) // likewise
	want := map[string]int{githubsim.OpCreateToken: 1, githubsim.OpGetRepository: 1, githubsim.OpGetCommit: 1, githubsim.OpGetTree: 1,
		githubsim.OpDownloadTarball: 1, githubsim.OpDownloadArchive: 1}
	if !maps.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
	w.want(1, `SELECT count(*) FROM kgsync.installations WHERE listing_due_at BETWEEN now() + interval '1 second' AND now() + interval '1 minute'`)
	_, err := w.service.store.Pool().Exec(t.Context(), `UPDATE kgsync.installations SET listing_due_at = now()`)
	w.ok(err)
	w.eventually(1, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND state = 'completed'`)
	if n := w.sim.Requests()[githubsim.OpListInstallationRepos]; n != 1 {
		t.Errorf("%d listings, want 1", n)
	}
}
