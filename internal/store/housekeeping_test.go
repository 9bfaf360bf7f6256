package store_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

const day = 24 * time.Hour

// past is a database with a past, for the housekeeping.
type past struct {
	t  *testing.T
	st *store.Store
}

// newPast has one installation and one repository, 1.
func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{t: t, st: storetest.Open(t)}
	p.exec(`INSERT INTO kgsync.installations (id) VALUES (1)`)
	p.exec(`INSERT INTO kgsync.repositories (id, installation_id, full_name, generation, derivation_key) VALUES (1, 1, 'o/r', 3, 'now')`)
	return p
}

func (p *past) exec(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.st.Pool().Exec(p.t.Context(), sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *past) want(n int, sql string, args ...any) {
	p.t.Helper()
	var got int
	if err := p.st.Pool().QueryRow(p.t.Context(), sql, args...).Scan(&got); err != nil {
		p.t.Fatal(err)
	}
	if got != n {
		p.t.Errorf("%s: %d, want %d", sql, got, n)
	}
}

// prune prunes and fails unless it deleted so many rows.
func (p *past) prune(n int64, r store.Retention) {
	p.t.Helper()
	got, err := p.st.Prune(p.t.Context(), r)
	if err != nil {
		p.t.Fatal(err)
	}
	if got != n {
		p.t.Errorf("%d rows were deleted, want %d", got, n)
	}
}

func TestDeliveriesArePrunedAfterAWeekAndNeverUnderThreeDays(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	for _, age := range []time.Duration{0, 2 * day, 4 * day, 6 * day, 8 * day, 400 * day} {
		p.exec(`INSERT INTO kgsync.deliveries (guid, event, received_at) VALUES ($1, 'push', now() - $2::interval)`, age.String(), age)
	}
	p.prune(2, store.DefaultRetention())
	p.want(4, `SELECT count(*) FROM kgsync.deliveries`)
	r := store.DefaultRetention()
	r.Deliveries = time.Hour
	p.prune(2, r)
	p.want(1, `SELECT count(*) FROM kgsync.deliveries WHERE guid = $1`, (2 * day).String())
}

// Three batches' worth and a bit.
func TestPruningGoesOnUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.exec(`INSERT INTO kgsync.deliveries (guid, event, received_at) SELECT n::text, 'push', now() - interval '30 days' FROM generate_series(1, 15010) n`)
	p.prune(15010, store.DefaultRetention())
	p.want(0, `SELECT count(*) FROM kgsync.deliveries`)
}

// addRuns adds runs that ended so long ago, with two outcomes each.
func (p *past) addRuns(n int, age time.Duration) {
	p.t.Helper()
	p.exec(`WITH made AS (INSERT INTO kgsync.runs (repository_id, trigger, state, sealed, finished_at)
			SELECT 1, 'push', 'completed', true, now() - $2::interval FROM generate_series(1, $1) RETURNING id)
		INSERT INTO kgsync.run_files (run_id, path, outcome) SELECT id, path, 'saved' FROM made, unnest(ARRAY['a.md', 'b.md']) path`, n, age)
}

func TestOutcomesOfTheLastTwentyRunsAndOfAMonthAreKept(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.addRuns(25, 40*day)
	p.prune(2*5, store.DefaultRetention())
	p.want(2*20, `SELECT count(*) FROM kgsync.run_files`)
	p.want(25, `SELECT count(*) FROM kgsync.runs`)
	p.addRuns(22, 10*day) // the old ones are beyond the last 20 now
	p.prune(2*20, store.DefaultRetention())
	p.want(2*22, `SELECT count(*) FROM kgsync.run_files`) // younger than a month, all of them
}

func TestAnUnfinishedRunKeepsItsOutcomesAndWhatIsOpenItsRun(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.addRuns(3, 400*day)
	p.exec(`UPDATE kgsync.runs SET finished_at = NULL, state = 'running' WHERE id = (SELECT min(id) FROM kgsync.runs)`)
	p.exec(`INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key, open_since)
		SELECT 1, 'open.md', 1, min(id) + 1, 'now', 1 FROM kgsync.runs`)
	r := store.DefaultRetention()
	r.RunFilesRuns, r.Runs = 0, 1
	p.prune(2*2, r) // the outcomes of the two that ended; the newest run counts as kept, one is wanted
	p.want(2, `SELECT count(*) FROM kgsync.run_files rf JOIN kgsync.runs u ON u.id = rf.run_id WHERE u.finished_at IS NULL`)
	p.want(3, `SELECT count(*) FROM kgsync.runs`)
	p.exec(`UPDATE kgsync.files SET open_since = NULL`)
	p.prune(1, r)
	p.want(2, `SELECT count(*) FROM kgsync.runs`)
}

func TestGenerationsAndConfigurationsThatNothingNeedsArePruned(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.exec(`INSERT INTO kgsync.generations (repository_id, generation, commit_sha, planned, created_at)
		SELECT 1, g, 'c' || g, g = 3, now() - interval '2 days' FROM generate_series(1, 3) g`)
	p.exec(`INSERT INTO kgsync.derivations (repository_id, key, files, created_at)
		SELECT 1, key, '{}', now() - interval '2 days' FROM unnest(ARRAY['old', 'wanted', 'now']) key`)
	p.exec(`INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key, open_since) VALUES (1, 'open.md', 1, 1, 'wanted', 1)`)
	p.prune(1, store.DefaultRetention()) // the configuration that neither the repository nor an open file has
	p.want(3, `SELECT count(*) FROM kgsync.generations`)
	p.want(0, `SELECT count(*) FROM kgsync.derivations WHERE key = 'old'`)
	p.exec(`UPDATE kgsync.files SET open_since = NULL`)
	p.prune(3, store.DefaultRetention())
	p.want(1, `SELECT count(*) FROM kgsync.generations WHERE generation = 3`)
	p.want(1, `SELECT count(*) FROM kgsync.derivations WHERE key = 'now'`)
}

// addContents keeps some contents, two days old: wanted by an open file, applied by
// a file that is in step, and of nobody.
func (p *past) addContents() {
	p.t.Helper()
	p.exec(`INSERT INTO kgsync.files (repository_id, path, wanted_generation, wanted_run_id, wanted_key, wanted_blob, applied_blob, open_since)
		VALUES (1, 'open.md', 1, 1, 'now', 'wanted', 'applied before', 1), (1, 'current.md', 1, 1, 'now', 'current', 'current', NULL)`)
	p.exec(`INSERT INTO kgsync.blobs (repository_id, sha, zstd, stored_at) SELECT 1, sha, '\x00', now() - interval '2 days'
		FROM unnest(ARRAY['wanted', 'applied before', 'current', 'nobody''s']) sha`)
}

func TestContentsThatNoFileHasArePrunedAfterADay(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.addContents()
	p.exec(`INSERT INTO kgsync.blobs (repository_id, sha, zstd) VALUES (1, 'nobody''s, but new', '\x00')`)
	p.prune(1, store.DefaultRetention())
	p.want(0, `SELECT count(*) FROM kgsync.blobs WHERE sha = 'nobody''s'`)
	p.want(4, `SELECT count(*) FROM kgsync.blobs`)
}

func TestDroppedContentsStayWhileAnOpenFileWantsThem(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.addContents()
	if err := p.st.DropBlobs(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	p.want(1, `SELECT count(*) FROM kgsync.blobs`)
	p.want(1, `SELECT count(*) FROM kgsync.blobs WHERE sha = 'wanted'`)
}

func TestStandingsAndStagedPathsThatAreOverArePruned(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.exec(`INSERT INTO kgsync.github_standings (installation_id, reset_at, reset_here_at, quiet_until, told_at)
		VALUES (1, now(), now() - interval '2 days', now() - interval '2 days', now()), (2, now(), now() - interval '2 days', now() + interval '1 minute', now())`)
	p.addRuns(2, time.Hour)
	p.exec(`UPDATE kgsync.runs SET finished_at = NULL WHERE id = (SELECT max(id) FROM kgsync.runs)`)
	p.exec(`INSERT INTO kgsync.tree_entries (run_id, path, blob, mode) SELECT id, 'a.md', 'b', '100644' FROM kgsync.runs
		UNION ALL SELECT -(extract(epoch FROM now()) * 1e9)::bigint, 'verified now.md', 'b', '100644'
		UNION ALL SELECT -(extract(epoch FROM now() - interval '2 hours') * 1e9)::bigint, 'verified before.md', 'b', '100644'`)
	p.prune(3, store.DefaultRetention())
	p.want(1, `SELECT count(*) FROM kgsync.github_standings WHERE installation_id = 2`)
	p.want(2, `SELECT count(*) FROM kgsync.tree_entries`)
	p.want(1, `SELECT count(*) FROM kgsync.tree_entries t JOIN kgsync.runs u ON u.id = t.run_id WHERE u.finished_at IS NULL`)
}

// refuseOver makes a statement fail that deletes more rows of a table than a batch
// may have: it would last as long as there are rows.
func (p *past) refuseOver(table string, rows int) {
	p.t.Helper()
	p.exec(`CREATE FUNCTION batch_of_` + table + `() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF (SELECT count(*) FROM gone) > ` + strconv.Itoa(rows) + ` THEN RAISE 'more than a batch of ` + table + `'; END IF; RETURN NULL; END $$`)
	p.exec(`CREATE TRIGGER batch AFTER DELETE ON kgsync.` + table + ` REFERENCING OLD TABLE AS gone
		FOR EACH STATEMENT EXECUTE FUNCTION batch_of_` + table + `()`)
}

// lose makes repository 1 one that was lost long ago, with a large past: more
// contents, runs and outcomes than a batch has, and a run that has not ended.
func (p *past) lose() {
	p.t.Helper()
	p.addRuns(5100, 40*day)
	p.exec(`UPDATE kgsync.runs SET finished_at = NULL WHERE id = (SELECT max(id) FROM kgsync.runs)`)
	p.exec(`INSERT INTO kgsync.blobs (repository_id, sha, zstd) SELECT 1, n::text, '\x00' FROM generate_series(1, 1100) n`)
	p.exec(`UPDATE kgsync.repositories SET lost_access_at = now() - interval '2 hours'`)
}

func TestALostRepositoryIsDeletedInBatches(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.lose()
	p.refuseOver("blobs", 500)
	p.refuseOver("run_files", 5000)
	p.refuseOver("runs", 5000)
	if names, err := p.st.DeleteLost(t.Context(), time.Hour); err != nil || len(names) != 1 {
		t.Fatalf("%v, %v; want one repository deleted", names, err)
	}
	for _, table := range []string{"repositories", "blobs", "runs", "run_files"} {
		p.want(0, `SELECT count(*) FROM kgsync.`+table)
	}
}

// A deletion that fails goes on where it was, and keeps nobody else waiting.
func TestWhatIsDeletedOfALostRepositoryStaysDeleted(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.lose()
	p.exec(`INSERT INTO kgsync.repositories (id, installation_id, full_name, lost_access_at) VALUES (2, 1, 'o/other', now() - interval '2 hours')`)
	p.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more'; END $$`)
	p.exec(`CREATE TRIGGER refuse BEFORE DELETE ON kgsync.runs FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if names, err := p.st.DeleteLost(t.Context(), time.Hour); err == nil || !slices.Equal(names, []string{"o/other"}) {
		t.Errorf("%v, %v; want the other one deleted, and an error", names, err)
	}
	p.want(0, `SELECT count(*) FROM kgsync.blobs`)
	p.want(2, `SELECT count(*) FROM kgsync.run_files`) // of the run that has not ended
	p.want(5100, `SELECT count(*) FROM kgsync.runs`)
}

// Access returns after the first batch: what is left is kept.
func TestARepositoryThatReturnsKeepsWhatIsLeft(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.lose()
	p.exec(`CREATE FUNCTION returned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		UPDATE kgsync.repositories SET lost_access_at = NULL; RETURN NULL; END $$`)
	p.exec(`CREATE TRIGGER returned AFTER DELETE ON kgsync.blobs FOR EACH STATEMENT EXECUTE FUNCTION returned()`)
	if names, err := p.st.DeleteLost(t.Context(), time.Hour); err != nil || len(names) != 0 {
		t.Errorf("%v, %v; want none deleted", names, err)
	}
	p.want(600, `SELECT count(*) FROM kgsync.blobs`)
	p.want(5100, `SELECT count(*) FROM kgsync.runs`)
}

// Trouble with one table is told and leaves the others their turn.
func TestPruningGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.exec(`INSERT INTO kgsync.deliveries (guid, event, received_at) VALUES ('old', 'push', now() - interval '30 days')`)
	p.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`)
	p.exec(`CREATE TRIGGER refuse BEFORE DELETE ON kgsync.deliveries FOR EACH ROW EXECUTE FUNCTION refuse()`)
	p.addContents()
	if n, err := p.st.Prune(t.Context(), store.DefaultRetention()); n != 1 || err == nil {
		t.Errorf("%d rows, %v; want the content that nobody has deleted, and an error", n, err)
	}
}
