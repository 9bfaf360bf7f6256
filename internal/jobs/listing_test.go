package jobs_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/jobs"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/webhook"
)

// TestEventsShareAListingThatHasNotBegun removes repositories one by one while the
// listing of the installation waits, was put off, runs, failed, is over, or was written
// for later.
func TestEventsShareAListingThatHasNotBegun(t *testing.T) {
	t.Parallel()
	r, st := accepting(t, 9)
	removed := int64(100) // known to nobody, so that no second look is needed
	for _, c := range []struct {
		before   string // what the listings so far are set to
		listings int    // after an event
	}{{"", 1}, {"state = 'available'", 1}, {"state = 'scheduled', attempted_at = now()", 1}, {"state = 'running'", 2},
		{"state = 'available', errors = ARRAY['{}'::jsonb]", 3}, {"state = 'completed', finalized_at = now()", 4},
		{"state = 'scheduled', attempted_at = NULL, finalized_at = NULL, errors = NULL", 5}} {
		if c.before != "" {
			if _, err := st.Pool().Exec(t.Context(), `UPDATE river_job SET `+c.before); err != nil {
				t.Fatal(err)
			}
		}
		removed++
		accept(t, r, &webhook.Delivery{GUID: fmt.Sprint("removed ", removed), Event: "installation_repositories", Action: "removed", InstallationID: installation,
			Removed: []webhook.Repository{{ID: removed}}})
		if n := number(t, st, `SELECT count(*) FROM river_job WHERE kind = 'listing'`); n != c.listings {
			t.Errorf("after %q: %d listings, want %d", c.before, n, c.listings)
		}
	}
	if _, err := st.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'available', attempted_at = NULL`); err != nil {
		t.Fatal(err)
	}
	accept(t, r, &webhook.Delivery{GUID: "removed known ones", Event: "installation_repositories", Action: "removed", InstallationID: installation,
		Removed: []webhook.Repository{{ID: 1}, {ID: 2}}})
	if n := number(t, st, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND state = 'scheduled'`); n != 1 {
		t.Errorf("%d second looks, want 1", n)
	}
	for range 2 { // a listing without plans is not enough, one with plans is
		removed++
		accept(t, r, &webhook.Delivery{GUID: fmt.Sprint("unsuspended ", removed), Event: "installation", Action: "unsuspend", InstallationID: installation})
		if n := number(t, st, `SELECT count(*) FROM river_job WHERE kind = 'listing' AND args ? 'plan'`); n != 1 {
			t.Errorf("%d listings with plans, want 1", n)
		}
	}
}

// TestAListingThatIsCountedOnDoesNotBegin looks for River's next job as River does,
// while a transaction counts on one.
func TestAListingThatIsCountedOnDoesNotBegin(t *testing.T) {
	t.Parallel()
	r, st := accepting(t, 1)
	accept(t, r, &webhook.Delivery{GUID: "removed", Event: "installation_repositories", Action: "removed", InstallationID: installation})
	free := func() (n int) {
		err := st.InTx(t.Context(), func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM (SELECT 1 FROM river_job WHERE state = 'available' FOR UPDATE SKIP LOCKED) j`).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := st.InTx(t.Context(), func(tx pgx.Tx) error {
		waits, err := store.ListingWaits(t.Context(), tx, installation, false)
		if n := free(); !waits || n != 0 {
			t.Errorf("the listing waits: %t, and %d can begin; want true and none", waits, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := free(); n != 1 {
		t.Errorf("%d listings can begin, want 1", n)
	}
}

func accept(t *testing.T, r *jobs.Runner, d *webhook.Delivery) {
	t.Helper()
	if outcome, err := r.Accept(t.Context(), d); err != nil || outcome != webhook.Accepted {
		t.Fatalf("%s: %s, %v", d.GUID, outcome, err)
	}
}
