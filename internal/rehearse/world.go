package rehearse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
	"github.com/kgsync/kgsync/internal/store"
)

const (
	owner      = "local"
	repository = "vault"
	hookSecret = "the webhook secret of a rehearsal"
	baseTag    = "rehearsal-base" // where a history starts
)

// world is one history under way: a repository, a GitHub, a database and the
// processes on it.
type world struct {
	stage   *Stage
	history History
	dir     string
	log     *slog.Logger

	git           *gitfixture.Repo
	vault         *vault
	pushed        map[string]string // branch -> what GitHub was last told
	defaultBranch string
	oneBranch     bool // no step has changed which branch is followed

	sim           *githubsim.Server
	net           *network
	repo          int64
	owner, name   string // of the repository at GitHub
	installation  int64
	elsewhere     map[string]int64 // installations on accounts that do not have the repository
	quiet         bool             // GitHub asked for silence and said no time
	suspended     bool
	seemedGone    bool     // a step has ended an installation or made GitHub say so
	lifecycle     bool     // a step has touched the installation or its selection
	removed       bool     // from the installation
	faults        []func() // removers
	lastingFaults []func() // removers of what poison left
	poisoned      map[string]bool

	database string
	pool     *pgxpool.Pool // our own eyes on the database
	store    *store.Store
	replicas []*process
	watcher  *watcher

	started time.Time
	mu      sync.Mutex
	result  *Result
}

// build sets everything up to the installation of the App, exclusively.
func (s *Stage) build(ctx context.Context, h History) (w *world, err error) {
	w = &world{stage: s, history: h, log: s.config.Logger.With("seed", h.Seed), pushed: map[string]string{}, oneBranch: true,
		owner: owner, name: repository, elsewhere: map[string]int64{}, poisoned: map[string]bool{}, vault: &vault{blobs: map[string]int{}}, result: newResult(h), started: time.Now()}
	defer func() {
		if err != nil {
			w.close(context.WithoutCancel(ctx))
		}
	}()
	if w.dir, err = os.MkdirTemp(s.dir, "history-"); err != nil {
		return w, fmt.Errorf("make a temporary directory: %w", err)
	}
	if w.git, err = s.clone(filepath.Join(w.dir, "vault")); err != nil {
		return w, err
	}
	w.defaultBranch = s.branch
	if w.pushed[s.branch], err = w.git.Head(); err != nil {
		return w, err
	}
	if w.database, err = s.cluster.create(ctx); err != nil {
		return w, err
	}
	if _, err = w.git.Git("tag", baseTag); err != nil {
		return w, err
	}
	if w.pool, err = store.Connect(ctx, s.cluster.url(w.database, "application_name", ourName), 0); err != nil {
		return w, err
	}
	w.store = store.New(w.pool, 0, w.log)
	if err := w.openGitHub(ctx); err != nil {
		return w, err
	}
	for range h.Replicas {
		if err := w.startProcess(ctx); err != nil {
			return w, err
		}
	}
	w.installation, err = w.sim.Install(ctx, owner, w.repo)
	return w, err
}

// openGitHub starts the local GitHub with the network between it and us.
func (w *world) openGitHub(ctx context.Context) (err error) {
	w.net = newNetwork(hookSecret)
	w.sim, err = githubsim.New(githubsim.Config{WebhookSecret: hookSecret, WebhookURL: "http://kgsync.invalid/webhooks/github", Logger: w.log,
		HTTPClient: &http.Client{Transport: w.net, Timeout: 5 * time.Second}})
	if err != nil {
		return fmt.Errorf("set up the local GitHub: %w", err)
	}
	if err := w.sim.Start("127.0.0.1:0"); err != nil {
		return err
	}
	w.sim.SetLatency(w.history.Latency)
	repo, err := w.sim.AddRepository(ctx, githubsim.RepositoryOptions{Owner: owner, Name: repository, Dir: w.git.Dir, DefaultBranch: w.defaultBranch})
	w.repo = repo.ID
	return err
}

func (w *world) close(ctx context.Context) {
	for _, p := range w.replicas {
		p.end()
	}
	w.replicas = nil
	if w.net != nil {
		w.net.setTargets(nil)
		w.net.close()
	}
	if w.sim != nil {
		short, cancel := context.WithTimeout(ctx, time.Second)
		_ = w.sim.Close(short)
		cancel()
	}
	if w.pool != nil {
		w.pool.Close()
	}
	if w.database != "" {
		if err := w.stage.cluster.drop(ctx, w.database); err != nil {
			w.log.Warn("a throwaway database stays", "err", err)
		}
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
	}
}

// push tells GitHub's news of a branch, if there are any.
func (w *world) push(ctx context.Context, branch string) error {
	after, err := w.git.Git("rev-parse", "--verify", "-q", "refs/heads/"+branch)
	if err != nil {
		after = "" // deleted
	}
	before := w.pushed[branch]
	if after == "" {
		delete(w.pushed, branch)
	} else {
		w.pushed[branch] = after
	}
	return w.sim.Push(ctx, w.repo, "refs/heads/"+branch, before, after)
}

// commit records the work tree and mostly pushes it; now and then several commits
// come in one push.
func (w *world) commit(ctx context.Context, rng *rand.Rand, message string) error {
	if _, err := w.git.Commit(message); err != nil {
		return err
	}
	if rng.IntN(6) == 0 {
		return nil
	}
	branch, err := w.current()
	if err != nil {
		return err
	}
	return w.push(ctx, branch)
}

// current is the branch that is checked out.
func (w *world) current() (string, error) { return w.git.Git("symbolic-ref", "--short", "HEAD") }

// violate records a broken promise.
func (w *world) violate(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result.violate(fmt.Sprintf(format, args...))
}

// Play lives through a history and gives what came of it. An error means that the
// rehearsal itself could not go on.
func (s *Stage) Play(ctx context.Context, h History) (*Result, error) {
	ctx, cancel := context.WithTimeout(ctx, historyLimit)
	defer cancel()
	w, err := s.build(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("set the stage for %v: %w", h, err)
	}
	defer w.close(context.WithoutCancel(ctx))
	w.watcher = watch(ctx, w)
	err = w.live(ctx)
	w.watcher.stop()
	w.countJobs(ctx)
	w.result.Requests = w.requests()
	w.result.Duration = time.Since(w.started)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", h, err)
	}
	return w.result, nil
}

// historyLimit ends a history that hangs; what did not come to rest is said much earlier.
const historyLimit = 8 * time.Minute

func (w *world) live(ctx context.Context) error {
	if w.history.FirstSync {
		if stuck := w.rest(ctx, restLimit); stuck != "" {
			w.violate("the first sync did not come to rest: %s", stuck)
			return nil
		}
	}
	for i, step := range w.history.Steps {
		k, ok := kindNamed(step.Kind)
		if !ok {
			return fmt.Errorf("step %d: there is no kind of step %q", i+1, step.Kind)
		}
		rng := rand.New(rand.NewPCG(step.Seed, 7))
		if err := pause(ctx, rng); err != nil {
			return err
		}
		what, err := k.play(w, ctx, rng)
		if err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, step.Kind, err)
		}
		w.lifecycle = w.lifecycle || k.area == "lifecycle"
		if what != "" {
			w.result.step(k, what, time.Since(w.started))
		}
	}
	w.result.note("the faults stop", time.Since(w.started))
	if err := w.calm(ctx); err != nil {
		return err
	}
	w.result.note("at rest", time.Since(w.started))
	err := w.prove(ctx)
	w.result.note("compared", time.Since(w.started))
	return err
}

// pause lets the product work a little between two steps, or not at all.
func pause(ctx context.Context, rng *rand.Rand) error {
	switch n := rng.IntN(10); {
	case n < 5:
		return ctx.Err()
	case n < 9:
		return wait(ctx, time.Duration(rng.IntN(20_000))*time.Microsecond)
	default:
		return wait(ctx, time.Duration(rng.IntN(150))*time.Millisecond)
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// countJobs counts the jobs that River still knows, by kind: which ways the product
// has gone.
func (w *world) countJobs(ctx context.Context) {
	rows, err := w.pool.Query(ctx, `SELECT kind, count(*) FROM river_job GROUP BY kind`)
	if err != nil {
		return // the history has ended in an error of its own
	}
	var kind string
	var n int
	_, _ = pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
		w.result.Counts["jobs: "+kind] += n
		return nil
	})
}

func (w *world) requests() int {
	total := 0
	for _, n := range w.sim.Requests() {
		total += int(n)
	}
	return total
}

var errNobody = errors.New("no process is alive")
