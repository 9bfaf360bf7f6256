package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// beside serves one more repository, which is not installed yet.
func (w *world) beside(owner, name string, files map[string]string) int64 {
	w.t.Helper()
	git, err := gitfixture.New(filepath.Join(w.t.TempDir(), name))
	w.ok(err)
	for path, content := range files {
		w.ok(git.Write(path, content))
	}
	_, err = git.Commit("files")
	w.ok(err)
	r, err := w.sim.AddRepository(w.t.Context(), githubsim.RepositoryOptions{Owner: owner, Name: name, Dir: git.Dir})
	w.ok(err)
	return r.ID
}

// forever delays requests for longer than a test lasts.
const forever = time.Hour

const (
	running     = `SELECT count(*) FROM river_job WHERE state = 'running' AND queue = $1`
	processed   = `SELECT count(*) FROM kgsync.run_files rf JOIN kgsync.runs u ON u.id = rf.run_id WHERE u.repository_id = $1 AND rf.outcome IS NOT NULL`
	unfinished  = `SELECT count(*) FROM kgsync.runs WHERE repository_id = $1 AND finished_at IS NULL`
	pagesOfName = `SELECT count(*) FROM kg.pages WHERE name = $1`
)

// TestAPushPassesAFirstSyncThatHoldsAllBulkWorkers: the files of a large first sync
// never arrive, and a push to another repository does not wait for any of them.
func TestAPushPassesAFirstSyncThatHoldsAllBulkWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.Archives = "off" })
	w.install()
	w.sim.Inject(githubsim.Fault{PathPrefix: "/repos/local/large/git/blobs/", Delay: forever})
	large := w.beside("local", "large", bulky(1200))
	w.ok(w.sim.AddToInstallation(t.Context(), w.inst, large))
	w.eventually(4, running, "bulk") // all that there are
	for _, name := range []string{"First", "Second", "Third"} {
		w.push(w.commit(map[string]string{"pages/" + name + ".md": "public:: true\n"}))
		w.eventually(1, pagesOfName, name)
	}
	w.want(0, processed, large)
	w.want(1, unfinished, large)
}

// TestASmallFirstSyncPassesALargeOne: of two installations, the one that came later
// with less is done first, and the large one was under way before.
func TestASmallFirstSyncPassesALargeOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault(), func(c *config) { c.Archives = "off" })
	w.install()
	w.sim.Inject(githubsim.Fault{Contains: "/git/blobs/", Delay: 20 * time.Millisecond})
	large, small := w.beside("local", "large", bulky(1500)), w.beside("other", "small", bulky(60))
	w.ok(w.sim.AddToInstallation(t.Context(), w.inst, large))
	w.eventually(1, `SELECT count(*) FROM (`+processed+`) d (n) WHERE n > 0`, large)
	_, err := w.sim.Install(t.Context(), "other", small)
	w.ok(err)
	w.eventually(60, `SELECT count(*) FROM kg.pages WHERE repository_id = $1`, small)
	w.eventually(0, unfinished, small)
	w.want(1, unfinished, large)
}

// TestDownloadsHoldUpNoOtherRepository: while as many archives are downloaded as may
// be at once, and none of them comes, a small repository is synced for the first time.
func TestDownloadsHoldUpNoOtherRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.sim.Inject(githubsim.Fault{Contains: "/legacy.tar.gz/", Delay: forever})
	for _, name := range []string{"one", "two"} {
		w.ok(w.sim.AddToInstallation(t.Context(), w.inst, w.beside("local", name, bulky(150))))
	}
	w.eventually(2, running, "archives")
	small := w.beside("local", "small", bulky(60))
	w.ok(w.sim.AddToInstallation(t.Context(), w.inst, small))
	w.eventually(60, `SELECT count(*) FROM kg.pages WHERE repository_id = $1`, small)
	w.eventually(0, unfinished, small)
	w.eventually(2, `SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL AND total_files = 150`)
}

// TestAPushThatNeedsAPlanPassesTheListingsOfFirstSyncs: as many trees as may be at
// once are listed, none of them comes, and a push that no fast path takes is planned.
func TestAPushThatNeedsAPlanPassesTheListingsOfFirstSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.sim.Inject(githubsim.Fault{PathPrefix: "/repos/local/huge-", Contains: "/git/trees/", Delay: forever})
	for _, name := range []string{"huge-1", "huge-2", "huge-3", "huge-4"} {
		w.ok(w.sim.AddToInstallation(t.Context(), w.inst, w.beside("local", name, bulky(1))))
	}
	w.eventually(3, `SELECT count(*) FROM river_job WHERE state = 'running' AND kind = 'plan'`)
	w.push(w.commit(map[string]string{".kgsync.yml": "public: all\n", "pages/Planned.md": "- no property\n"}))
	w.eventually(1, pagesOfName, "Planned")
	w.eventually(3, `SELECT count(*) FROM river_job WHERE state = 'running' AND kind = 'plan'`)
	w.want(4, `SELECT count(*) FROM kgsync.runs WHERE finished_at IS NULL AND trigger = 'install'`)
}
