package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	reposync "github.com/kgsync/kgsync/internal/sync"
	"github.com/kgsync/kgsync/internal/webhook"
)

// a later listing is one that waits for its minute to pass
const laterListings = `SELECT count(*) FROM river_job WHERE kind = 'listing' AND state = 'scheduled' AND attempted_at IS NULL`

// TestAnInstallationThatIsNotFoundOnceIsLookedForAgain answers 404 to one request for a
// token. The comparison with GitHub's lists does not come in this test's time.
func TestAnInstallationThatIsNotFoundOnceIsLookedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.sim.Inject(githubsim.Fault{Contains: "/commits/", Status: http.StatusUnauthorized, Times: 1}) // another token is needed
	w.sim.Inject(githubsim.Fault{Contains: "/access_tokens", Status: http.StatusNotFound, Times: 1})
	_, err := w.service.runner.Sync().Resync(t.Context(), w.repo, "admin", false)
	w.ok(err)
	w.eventually(1, stateOf, "lost_access")
	w.eventually(1, laterListings)
	w.aMinutePasses()
	w.eventually(1, stateOf, "current")
	w.want(0, laterListings)
}

// TestAnInstallationThatIsGoneIsLookedForOnce: the second look finds nothing new.
func TestAnInstallationThatIsGoneIsLookedForOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.sim.DropDeliveries(1)
	_ = w.sim.Uninstall(t.Context(), w.inst)
	_, err := w.service.runner.Sync().Resync(t.Context(), w.repo, "admin", false)
	w.ok(err)
	w.eventually(1, stateOf, "lost_access")
	w.eventually(1, laterListings)
	w.aMinutePasses()
	w.eventually(0, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND finalized_at IS NULL`)
	w.want(1, stateOf, "lost_access")
}

// TestAListingThatAnAnswerContradictsIsRepeated records the installation as deleted
// while its repositories are listed.
func TestAListingThatAnAnswerContradictsIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	begun, err := w.service.store.Now(t.Context())
	w.ok(err)
	_, err = w.service.store.Pool().Exec(t.Context(), `WITH i AS (UPDATE kgsync.installations SET state = 'deleted', updated_at = now())
		UPDATE kgsync.repositories SET lost_access_at = now()`)
	w.ok(err)
	_, err = w.service.runner.Sync().SyncInstallation(t.Context(), reposync.Listing{InstallationID: w.inst, Begun: begun})
	w.ok(err)
	w.eventually(1, laterListings)
	w.aMinutePasses()
	w.eventually(1, `SELECT count(*) FROM kgsync.installations WHERE state = 'active'`)
	w.eventually(1, stateOf, "current")
}

// TestARepositoryThatAListingLacksIsLookedForAgain lets GitHub's list lag behind.
func TestARepositoryThatAListingLacksIsLookedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.sim.Inject(githubsim.Fault{Contains: "/installation/repositories", Status: http.StatusOK, Times: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"total_count":0,"repositories":[]}`})
	_, err := w.service.runner.Sync().SyncInstallation(t.Context(), reposync.Listing{InstallationID: w.inst})
	w.ok(err)
	w.want(1, stateOf, "lost_access")
	w.aMinutePasses()
	w.eventually(1, stateOf, "current")
}

// TestARepositoryThatIsNotFoundIsLookedForAgain answers 404 as often as a plan asks.
func TestARepositoryThatIsNotFoundIsLookedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	back := w.sim.Inject(githubsim.Fault{Contains: "/repositories/", Status: http.StatusNotFound})
	_, err := w.service.runner.Sync().Resync(t.Context(), w.repo, "admin", false)
	w.ok(err)
	w.eventually(1, stateOf, "lost_access")
	w.eventually(1, laterListings)
	back()
	w.aMinutePasses()
	w.eventually(1, stateOf, "current")
}

// TestAnOldListingAfterATransferIsCorrected lets the former owner's list still name the
// repository, after the new owner's has.
func TestAnOldListingAfterATransferIsCorrected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	other, err := w.sim.Install(t.Context(), "elsewhere")
	w.ok(err)
	w.ok(w.sim.Transfer(t.Context(), w.repo, "elsewhere"))
	held := `SELECT count(*) FROM kgsync.repositories WHERE installation_id = $1`
	w.eventually(1, held, other)
	w.aMinutePasses()
	w.eventually(0, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND finalized_at IS NULL`)
	w.sim.Inject(githubsim.Fault{Contains: "/installation/repositories", Status: http.StatusOK, Times: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: fmt.Sprintf(`{"total_count":1,"repositories":[{"id":%d,"full_name":"local/vault","default_branch":"main"}]}`, w.repo)})
	_, err = w.service.runner.Sync().SyncInstallation(t.Context(), reposync.Listing{InstallationID: w.inst})
	w.ok(err)
	w.want(1, held, w.inst)
	w.aMinutePasses()
	w.eventually(1, held, other)
	w.eventually(1, stateOf, "current")
}

// TestSecondLooksAreOne: what many repositories ask for at once is one listing, and a
// later one does not stand for a sooner one.
func TestSecondLooksAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	ask := func() {
		t.Helper()
		w.ok(w.service.store.InTx(t.Context(), func(tx pgx.Tx) error { return w.service.runner.Sync().LookAgain(t.Context(), tx, w.inst) }))
	}
	ask()
	ask()
	w.want(1, laterListings)
	_, err := w.service.store.Pool().Exec(t.Context(), `UPDATE river_job SET scheduled_at = scheduled_at + interval '10 minutes' WHERE kind = 'listing' AND state = 'scheduled'`)
	w.ok(err)
	ask()
	w.want(2, laterListings)
}

// TestALostPushIsShownByAVerification: the tables are as the last push that arrived
// left them.
func TestALostPushIsShownByAVerification(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	_, after := w.commit(map[string]string{"pages/Unheard.md": "public:: true\n"})
	c, err := w.service.runner.Sync().Verify(t.Context(), w.repo)
	w.ok(err)
	if c.Missing != 1 || c.Drift() != 1 || c.Commit != after {
		t.Errorf("found %+v", c)
	}
}

// TestWhatBecomesOfARepository goes through the events of its life that say no more
// than a word.
func TestWhatBecomesOfARepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	tell := func(d *webhook.Delivery) {
		t.Helper()
		d.GUID, d.InstallationID = "10000000-"+d.Event+d.Action, w.inst
		if outcome, err := w.service.runner.Accept(t.Context(), d); err != nil || outcome != webhook.Accepted {
			t.Errorf("%s %s: %s, %v", d.Event, d.Action, outcome, err)
		}
	}
	marked := `SELECT count(*) FROM kgsync.repositories WHERE archived = $1 AND private = $2 AND lost_access_at IS NULL`
	w.ok(w.sim.SetArchived(t.Context(), w.repo, true))
	w.want(1, marked, true, false)
	w.ok(w.sim.SetPrivate(t.Context(), w.repo, true))
	w.want(1, marked, true, true)
	w.ok(w.sim.SetArchived(t.Context(), w.repo, false))
	w.want(1, marked, false, true)
	w.eventually(1, stateOf, "current")

	w.commit(map[string]string{"pages/Allowed.md": "public:: true\n"}) // nothing is delivered
	tell(&webhook.Delivery{Event: "installation", Action: "new_permissions_accepted"})
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Allowed'`)

	w.sim.DropDeliveries(1)
	_ = w.sim.RemoveFromInstallation(t.Context(), w.inst, w.repo)
	tell(&webhook.Delivery{Event: "installation_repositories", Action: "removed", Selection: "selected"}) // from all to selected names none
	w.eventually(1, stateOf, "lost_access")
	w.ok(w.sim.AddToInstallation(t.Context(), w.inst, w.repo))
	w.eventually(1, stateOf, "current")

	w.sim.DropDeliveries(1)
	_ = w.sim.RemoveFromInstallation(t.Context(), w.inst, w.repo)
	tell(&webhook.Delivery{Event: "repository", Action: "deleted", Repository: &webhook.Repository{ID: w.repo, FullName: "local/vault"}})
	w.eventually(0, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND state IN ('available', 'running')`)
	w.want(1, stateOf, "lost_access")
	w.want(21, `SELECT count(*) FROM kg.pages`)
}

// aMinutePasses lets what waits for a listing's time begin.
func (w *world) aMinutePasses() {
	w.t.Helper()
	_, err := w.service.store.Pool().Exec(w.t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'listing' AND state = 'scheduled'`)
	w.ok(err)
}
