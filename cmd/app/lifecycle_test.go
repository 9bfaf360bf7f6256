package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/webhook"
)

const stateOf = `SELECT count(*) FROM kg.repositories WHERE state = $1`

func TestAnEmptyRepositoryAndItsFirstCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.install()
	w.want(1, stateOf, "current")
	w.want(0, `SELECT count(*) FROM kg.files`)
	w.commit(map[string]string{"A.md": "public:: true\n"})
	head, err := w.git.Head()
	w.ok(err)
	w.push("0000000000000000000000000000000000000000", head)
	w.eventually(1, `SELECT count(*) FROM kg.pages`)
	w.eventually(1, stateOf, "current")
}

func TestABranchWithoutMarkdownAndASubmodule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"main.c": "int main;\n"})
	_, err := w.git.Git("update-index", "--add", "--cacheinfo", "160000,1111111111111111111111111111111111111111,sub.md")
	w.ok(err)
	_, err = w.git.Git("commit", "-q", "-m", "a submodule with a Markdown name")
	w.ok(err)
	w.install()
	w.want(1, stateOf, "current")
	w.want(1, `SELECT count(*) FROM kg.files`)
	w.want(1, `SELECT count(*) FROM kg.diagnostics WHERE path = 'sub.md' AND code = 'not-regular-file'`)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift: %+v", v)
	}
}

func TestSuspensionStopsWorkAndUnsuspensionCatchesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.ok(w.sim.Suspend(t.Context(), w.inst))
	w.eventually(1, stateOf, "suspended")
	w.commit(map[string]string{"pages/While away.md": "public:: true\n"}) // nothing is delivered
	w.ok(w.sim.Unsuspend(t.Context(), w.inst))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'While away'`)
	w.eventually(1, stateOf, "current")
}

func TestALostUnsuspensionIsFoundByListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.HealEvery = time.Second })
	w.install()
	w.ok(w.sim.Suspend(t.Context(), w.inst))
	w.eventually(1, stateOf, "suspended")
	w.sim.DropDeliveries(1)
	_ = w.sim.Unsuspend(t.Context(), w.inst)
	w.eventually(1, stateOf, "current")
}

func TestLostAccessKeepsTheDataForTheGracePeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.ok(w.sim.RemoveFromInstallation(t.Context(), w.inst, w.repo))
	w.eventually(1, stateOf, "lost_access")
	w.ok(w.service.runner.Sync().DeleteLost(t.Context()))
	w.want(20, `SELECT count(*) FROM kg.pages`)
	w.ok(w.sim.AddToInstallation(t.Context(), w.inst, w.repo))
	w.eventually(1, stateOf, "current")
	w.want(20, `SELECT count(*) FROM kg.pages`)
}

func TestUninstallDeletesAfterTheGracePeriodAndReinstallRestores(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.Grace = time.Millisecond })
	w.install()
	w.ok(w.sim.Uninstall(t.Context(), w.inst))
	w.eventually(1, stateOf, "lost_access")
	w.ok(w.service.runner.Sync().DeleteLost(t.Context()))
	w.want(0, `SELECT count(*) FROM kg.repositories`)
	w.want(0, `SELECT count(*) FROM kgsync.files`)
	w.want(0, `SELECT count(*) FROM kgsync.links`)
	w.install()
	w.eventually(20, `SELECT count(*) FROM kg.pages`)
	w.eventually(1, stateOf, "current")
}

func TestEventsOfAnOldInstallationTakeNothingFromTheNewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	old := w.inst
	before, after := w.commit(map[string]string{"pages/Late.md": "public:: true\n"})
	w.ok(w.sim.Uninstall(t.Context(), old))
	w.eventually(1, stateOf, "lost_access")
	w.install()
	w.eventually(1, stateOf, "current")
	repo := webhook.Repository{ID: w.repo, FullName: "o/r", DefaultBranch: "main"}
	for guid, d := range map[string]webhook.Delivery{
		"10000000-late-push":    {Event: "push", Repository: &repo, Push: &webhook.Push{Ref: "refs/heads/main", Before: before, After: after}},
		"10000000-late-created": {Event: "installation", Action: "created", Added: []webhook.Repository{repo}},
		"10000000-late-removed": {Event: "installation_repositories", Action: "removed", Removed: []webhook.Repository{repo}},
		"10000000-late-deleted": {Event: "repository", Action: "deleted", Repository: &repo},
	} {
		d.GUID, d.InstallationID = guid, old
		if outcome, err := w.service.runner.Accept(t.Context(), &d); err != nil || outcome != webhook.Ignored {
			t.Errorf("%s: %s, %v", guid, outcome, err)
		}
	}
	w.want(1, `SELECT count(*) FROM kgsync.installations WHERE state = 'deleted'`)
	w.want(1, `SELECT count(*) FROM kgsync.repositories WHERE installation_id <> $1 AND lost_access_at IS NULL`, old)
}

func TestALateSuspensionIsCorrectedByListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	outcome, err := w.service.runner.Accept(t.Context(), &webhook.Delivery{GUID: "10000000-late-suspend", Event: "installation", Action: "suspend", InstallationID: w.inst})
	w.ok(err)
	if outcome != webhook.Accepted {
		t.Errorf("outcome %s", outcome)
	}
	w.eventually(1, stateOf, "current")
}

func TestTheBranchThatTheConfigurationNamesIsFollowed(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	_, err := w.git.Git("checkout", "-q", "drafts")
	w.ok(err)
	before, after := w.commit(map[string]string{"pages/Draft.md": "public:: true\n\n- sees [[Page 1]]\n"})
	w.ok(w.sim.Push(t.Context(), w.repo, "refs/heads/drafts", before, after))
	w.eventually(1, `SELECT count(*) FROM kg.links WHERE path = 'pages/Draft.md' AND target = 'Page 1'`)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift on the named branch: %+v", v)
	}

	_, err = w.git.Git("checkout", "-q", "main")
	w.ok(err)
	before, after = w.commit(map[string]string{".kgsync.yml": ""})
	w.push(before, after)
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Draft'`)
	w.eventually(1, stateOf, "current")
}

// followingDrafts is a world whose configuration on main names the branch drafts, and
// the commit of main that did not yet.
func followingDrafts(t *testing.T) (w *world, unnamed string) {
	t.Helper()
	w = newWorld(t, vault())
	w.install()
	_, err := w.git.Git("checkout", "-q", "-b", "drafts")
	w.ok(err)
	w.commit(map[string]string{"pages/Draft.md": "public:: true\n"})
	_, err = w.git.Git("checkout", "-q", "main")
	w.ok(err)
	unnamed, after := w.commit(map[string]string{".kgsync.yml": "branch: drafts\n"})
	w.push(unnamed, after)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Draft'`)
	w.eventually(1, stateOf, "current")
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE branch = 'drafts' AND settle_job_id IS NULL AND lease_job_id IS NULL AND plan_job_id IS NULL`)
	return w, unnamed
}

// replan plans without a push, and waits for the end.
func (w *world) replan() {
	w.t.Helper()
	run, err := w.service.runner.Sync().Resync(w.t.Context(), w.repo, "admin", false)
	w.ok(err)
	w.eventually(1, `SELECT count(*) FROM kgsync.runs WHERE id = $1 AND finished_at IS NOT NULL`, run)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE lease_job_id IS NULL AND plan_job_id IS NULL`)
}

// pushDraft commits to drafts and tells it, and waits for the page and for the settle.
func (w *world) pushDraft(page string) {
	w.t.Helper()
	_, err := w.git.Git("checkout", "-q", "drafts")
	w.ok(err)
	before, after := w.commit(map[string]string{"pages/" + page + ".md": "public:: true\n"})
	w.ok(w.sim.Push(w.t.Context(), w.repo, "refs/heads/drafts", before, after))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = $1`, page)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE hint_sha = '' AND settle_job_id IS NULL AND lease_job_id IS NULL AND plan_job_id IS NULL`)
}

func TestOldReadsOfTheDefaultBranchDoNotChangeTheBranch(t *testing.T) {
	t.Parallel()
	w, unnamed := followingDrafts(t)
	w.sim.Inject(githubsim.Fault{Contains: "/commits/heads/main", StaleHead: unnamed, Times: 2})
	w.replan()
	w.pushDraft("Later")
}

// TestABelievedReadOfTheDefaultBranchIsNoHint lets old reads outlast the patience of one
// plan: what it believed in the end must not confirm itself.
func TestABelievedReadOfTheDefaultBranchIsNoHint(t *testing.T) {
	t.Parallel()
	w, unnamed := followingDrafts(t)
	w.sim.Inject(githubsim.Fault{Contains: "/commits/heads/main", StaleHead: unnamed, Times: 7})
	w.replan()
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE branch = 'drafts' AND hint_sha = '' AND settle_job_id IS NULL AND lease_job_id IS NULL AND plan_job_id IS NULL`)
	w.pushDraft("Later")
}

func TestAProxysPageIsNoConfiguration(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	w.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Status: http.StatusOK, Body: "<html>a proxy's page</html>", Times: 1})
	w.sim.Inject(githubsim.Fault{Contains: "/contents/.kgsync", Status: http.StatusOK, Body: "<html>a proxy's page</html>", Times: 1})
	before, after := w.commit(map[string]string{".kgsync.yml": "branch: drafts # as before\n"})
	w.push(before, after)
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'config' AND state = 'completed'`)
	w.replan()
	w.pushDraft("Later")
	w.want(0, `SELECT count(*) FROM kg.diagnostics WHERE path = '.kgsync.yml'`)
}

func TestVerifyChangesNothing(t *testing.T) {
	t.Parallel()
	w, unnamed := followingDrafts(t)
	heal := w.sim.Inject(githubsim.Fault{Contains: "/commits/heads/main", StaleHead: unnamed})
	w.verify()
	heal()
	w.pushDraft("After it")
}

// TestAPushDuringAVerificationIsNoDrift has a push applied while the tree of the head
// before it is listed.
func TestAPushDuringAVerificationIsNoDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	before, after := w.commit(map[string]string{"pages/Meanwhile.md": "public:: true\n"})
	w.sim.Inject(githubsim.Fault{Contains: "/commits/", StaleHead: before, Times: 1}) // GitHub's truth when the verification begins
	w.sim.Inject(githubsim.Fault{Contains: "/git/trees/", Delay: 3 * time.Second, Times: 1})
	verified := make(chan *store.Comparison, 1)
	go func() {
		c, err := w.service.runner.Sync().Verify(t.Context(), w.repo)
		if err != nil {
			t.Errorf("verify: %v", err)
		}
		verified <- c
	}()
	w.eventually(1, `SELECT count(*) FROM kgsync.tree_walks WHERE run_id < 0`)
	w.push(before, after)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Meanwhile'`)
	if c := <-verified; c != nil && (!c.Equal() || c.Commit != after) {
		t.Errorf("found %+v", c)
	}
}

// TestALateReadOfAChangedConfiguration lets GitHub show the default branch as it was
// before the push that changed .kgsync.yml.
func TestALateReadOfAChangedConfiguration(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	before, after := w.commit(map[string]string{".kgsync.yml": ""})
	w.sim.Inject(githubsim.Fault{Contains: "/commits/heads/main", StaleHead: before, Times: 2})
	w.push(before, after)
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Draft'`)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE branch = 'main' AND default_hint_sha = '' AND config_sha = ''`)
}

// TestAPushThatDoesNotNameTheConfiguration changes .kgsync.yml on main as a merge does
// that lists nothing of it.
func TestAPushThatDoesNotNameTheConfiguration(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	before, after := w.commit(map[string]string{".kgsync.yml": ""})
	w.ok(w.pushOther(before, after))
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Draft'`)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE branch = 'main' AND hint_sha = '' AND default_hint_sha = '' AND config_sha = ''`)
}

// TestAPushToTheDefaultBranchIsRememberedUntilSomebodyLooks loses the settle after a
// push that may have changed .kgsync.yml, as a cancelled run does.
func TestAPushToTheDefaultBranchIsRememberedUntilSomebodyLooks(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	before, after := w.commit(map[string]string{".kgsync.yml": ""})
	w.ok(w.pushOther(before, after))
	_, err := w.service.store.Pool().Exec(t.Context(), `WITH settle AS (UPDATE kgsync.repositories SET settle_job_id = NULL, settle_due_at = NULL, settle_since = NULL
		RETURNING (SELECT settle_job_id FROM kgsync.repositories) AS id) DELETE FROM river_job USING settle WHERE river_job.id = settle.id`)
	w.ok(err)
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Draft'`)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE branch = 'main' AND hint_sha = '' AND default_hint_sha = '' AND config_sha = ''`)
}

// pushOther tells a push to main that names a page only.
func (w *world) pushOther(before, after string) error {
	outcome, err := w.service.runner.Accept(w.t.Context(), &webhook.Delivery{GUID: "10000000-merge", Event: "push", InstallationID: w.inst,
		Repository: &webhook.Repository{ID: w.repo, FullName: "local/vault", DefaultBranch: "main"},
		Push:       &webhook.Push{Ref: "refs/heads/main", Before: before, After: after, Commits: 1, MaxFiles: 1, Paths: []string{"pages/Other.md"}}})
	if err == nil && outcome != webhook.Accepted {
		w.t.Errorf("outcome %s", outcome)
	}
	return err
}

// TestReconcileLooksWhereNobodyKnowsTheConfiguration leaves a repository as a cancelled
// plan does that was to read what another default branch names.
func TestReconcileLooksWhereNobodyKnowsTheConfiguration(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	w.eventually(0, `SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL`)
	_, err := w.service.store.Pool().Exec(t.Context(), `UPDATE kgsync.repositories SET config_sha = ''`)
	w.ok(err)
	w.ok(w.service.runner.Sync().Reconcile(t.Context(), w.repo))
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'reconcile' AND state = 'completed'`)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE config_sha <> '' AND verified_generation = generation`)
	w.ok(w.service.runner.Sync().Reconcile(t.Context(), w.repo))
	w.want(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'reconcile'`)
}

// TestALateReadOfTheDefaultBranchsName lets GitHub still name the old default branch
// where the plan asks that the change of it has queued.
func TestALateReadOfTheDefaultBranchsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	_, err := w.git.Git("checkout", "-q", "-b", "trunk")
	w.ok(err)
	w.commit(map[string]string{"pages/Trunk.md": "public:: true\n"})
	w.sim.Inject(githubsim.Fault{Contains: "/repositories/", Status: http.StatusOK, Times: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: fmt.Sprintf(`{"id":%d,"full_name":"local/vault","default_branch":"main"}`, w.repo)})
	w.ok(w.sim.SetDefaultBranch(t.Context(), w.repo, "trunk"))
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Trunk'`)
}

// TestASettleThatComesEarlyIsFollowedByAnother lets a settle that came for its limit
// read the head as it was before the last push.
func TestASettleThatComesEarlyIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.SettleDelay = 3 * time.Second })
	w.install()
	before, after := w.commit(map[string]string{".kgsync.yml": "# for a plan\n", "pages/Last.md": "public:: true\n"})
	w.push(before, after)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Last'`)
	w.eventually(1, `SELECT count(*) FROM kgsync.repositories WHERE hint_sha = '' AND settle_job_id IS NOT NULL AND lease_job_id IS NULL`)
	w.sim.Inject(githubsim.Fault{Contains: "/commits/", StaleHead: before, Times: 1})
	_, err := w.service.store.Pool().Exec(t.Context(), `UPDATE kgsync.repositories SET settle_since = settle_due_at - interval '30 seconds'`)
	w.ok(err)
	w.eventually(0, `SELECT count(*) FROM kg.pages WHERE name = 'Last'`)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Last'`)
}

// TestOneAnswerThatARepositoryIsEmptyDeletesNothing answers 409 once where the head is
// asked for and no push is waited for.
func TestOneAnswerThatARepositoryIsEmptyDeletesNothing(t *testing.T) {
	t.Parallel()
	w, _ := followingDrafts(t)
	for _, branch := range []string{"drafts", "main"} {
		w.sim.Inject(githubsim.Fault{Contains: "/commits/heads/" + branch, Status: http.StatusConflict, Body: `{"message":"Git Repository is empty."}`, Times: 1})
		w.replan()
	}
	w.want(0, `SELECT count(*) FROM kgsync.generations WHERE commit_sha = ''`)
	w.want(0, `SELECT count(*) FROM kgsync.runs WHERE error LIKE '%names branch main%'`)
	w.pushDraft("Later")
}

func TestReconcileHealsALostPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.ReconcileEvery = time.Second })
	w.install()
	w.commit(map[string]string{"pages/Lost.md": "public:: true\n"}) // no webhook at all
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Lost'`)
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'reconcile' AND state = 'completed' AND total_files = 21`)
}

func TestALostDeliveryIsRedelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.HealEvery = time.Second })
	w.install()
	before, after := w.commit(map[string]string{"pages/Lost.md": "public:: true\n"})
	w.sim.DropDeliveries(1)
	_ = w.sim.Push(t.Context(), w.repo, "refs/heads/main", before, after)
	w.want(0, `SELECT count(*) FROM kg.pages WHERE name = 'Lost'`)
	w.eventually(1, `SELECT count(*) FROM kg.pages WHERE name = 'Lost'`)
	w.want(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'push'`)
	w.eventually(0, `SELECT count(*) FROM kgsync.missed_deliveries`)
}

func TestAFailedFileIsQuarantinedAndRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	refuse := githubsim.Fault{Method: http.MethodGet, Status: http.StatusForbidden, Body: `{"message":"no"}`}
	refuse.Contains = "/contents/pages/"
	healContents := w.sim.Inject(refuse)
	refuse.Contains = "/git/blobs/"
	healBlobs := w.sim.Inject(refuse)
	before, after := w.commit(map[string]string{"pages/Page 1.md": "public:: true\n\n- poison\n"})
	w.push(before, after)
	w.eventually(1, `SELECT count(*) FROM kg.files WHERE state = 'stale' AND path = 'pages/Page 1.md'`)
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE state = 'completed_with_errors'`)
	w.want(1, `SELECT count(*) FROM kg.links WHERE path = 'pages/Page 1.md' AND target = 'Page 2'`)
	healContents()
	healBlobs()
	_, files, err := w.service.runner.Sync().Retry(t.Context(), w.repo, nil)
	w.ok(err)
	if files != 1 {
		t.Errorf("retries %d files, want 1", files)
	}
	w.eventually(1, `SELECT count(*) FROM kg.files WHERE state = 'current' AND path = 'pages/Page 1.md'`)
	w.eventually(1, stateOf, "current")
	w.want(0, `SELECT count(*) FROM kg.links WHERE path = 'pages/Page 1.md'`)
}

func TestACancelledRunEndsAndItsFilesAreTakenUpByRetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.sim.SetLatency(300 * time.Millisecond)
	_, err := w.sim.Install(t.Context(), "local", w.repo)
	w.ok(err)
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE state = 'running'`)
	run := int64(w.count(`SELECT id FROM kg.runs WHERE state = 'running'`))
	state, err := w.service.runner.Sync().Cancel(t.Context(), run)
	w.ok(err)
	if state != "cancelled" {
		t.Fatalf("the run is %s", state)
	}
	w.eventually(1, stateOf, "current_with_errors")
	w.sim.SetLatency(0)
	_, _, err = w.service.runner.Sync().Retry(t.Context(), w.repo, nil)
	w.ok(err)
	w.eventually(20, `SELECT count(*) FROM kg.pages`)
	w.eventually(1, stateOf, "current")
	if state, err := w.service.runner.Sync().Cancel(t.Context(), run); err != nil || state != "cancelled" {
		t.Errorf("cancelling again: %s, %v", state, err)
	}
}

// A run may end while its plan lists the tree: cancelled, or filled by an attempt that
// was held to be dead. What the plan writes then would be nobody's work.
func TestARunThatEndedWhileItsTreeWasListedStaysEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	ctx := t.Context()
	held, err := w.service.store.Pool().Begin(ctx) // the listing waits for this transaction
	w.ok(err)
	_, err = held.Exec(ctx, `LOCK TABLE kgsync.tree_entries IN ACCESS EXCLUSIVE MODE`)
	w.ok(err)
	_, err = w.sim.Install(ctx, "local", w.repo)
	w.ok(err)
	w.eventually(1, `SELECT count(*) FROM kgsync.runs WHERE state = 'planning' AND generation IS NOT NULL`)
	_, err = w.service.store.Pool().Exec(ctx, `UPDATE kgsync.runs SET state = 'failed', finished_at = now() WHERE state = 'planning'`)
	w.ok(err)
	w.ok(held.Rollback(ctx))
	w.eventually(0, `SELECT count(*) FROM river_job WHERE kind = 'plan' AND state = 'running'`)
	_, err = w.service.runner.Sync().Resync(ctx, w.repo, "admin", false)
	w.ok(err)
	w.eventually(20, `SELECT count(*) FROM kg.pages`)
	w.eventually(1, stateOf, "current")
	w.want(1, `SELECT count(*) FROM kgsync.runs WHERE state = 'failed' AND NOT sealed`)
	w.want(0, `SELECT count(*) FROM kgsync.run_files rf JOIN kgsync.runs u ON u.id = rf.run_id WHERE u.state = 'failed'`)
}
