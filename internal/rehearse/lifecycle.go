package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/kgsync/kgsync/internal/github/githubsim"
)

var lifecycleKinds = []kind{
	{"suspend", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if w.suspended || w.installation == 0 {
			return "", nil
		}
		w.suspended = true
		return "the installation", w.sim.Suspend(ctx, w.installation)
	}},
	{"unsuspend", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if !w.suspended || w.installation == 0 {
			return "", nil
		}
		w.suspended = false
		return "the installation", w.sim.Unsuspend(ctx, w.installation)
	}},
	{"uninstall", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if w.installation == 0 {
			return "", nil
		}
		id := w.installation
		w.installation, w.suspended, w.removed = 0, false, false
		w.seemedGone = true
		return "the App", w.sim.Uninstall(ctx, id)
	}},
	{"install", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if w.installation != 0 {
			return "", nil
		}
		return "the App", w.install(ctx)
	}},
	{"remove-repository", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if w.installation == 0 || w.removed || w.suspended {
			return "", nil
		}
		w.removed = true
		return "from the selection", w.sim.RemoveFromInstallation(ctx, w.installation, w.repo)
	}},
	{"add-repository", "lifecycle", 2, func(w *world, ctx context.Context, _ *rand.Rand) (string, error) {
		if w.installation == 0 || !w.removed || w.suspended {
			return "", nil
		}
		w.removed = false
		return "to the selection", w.sim.AddToInstallation(ctx, w.installation, w.repo)
	}},
	{"rename-repository", "lifecycle", 2, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		to := fmt.Sprintf("vault-%d", rng.IntN(4))
		if to == w.name {
			return "", nil
		}
		w.name = to
		return to, w.sim.Rename(ctx, w.repo, to)
	}},
	{"transfer-repository", "lifecycle", 2, transfer},
}

// transfer gives the repository to another account, where the App is installed too.
func transfer(w *world, ctx context.Context, _ *rand.Rand) (_ string, err error) {
	if w.installation == 0 || w.suspended || w.removed {
		return "", nil
	}
	to := map[string]string{owner: "another", "another": owner}[w.owner]
	id := w.elsewhere[to]
	if id == 0 {
		if id, err = w.sim.Install(ctx, to); err != nil {
			return "", err
		}
	}
	w.elsewhere[w.owner] = w.installation
	w.owner, w.installation = to, id
	w.seemedGone = true // the one installation has it no more, the other not yet
	return "to " + to, w.sim.Transfer(ctx, w.repo, to)
}

func (w *world) install(ctx context.Context) (err error) {
	w.installation, err = w.sim.Install(ctx, w.owner, w.repo)
	return err
}

// stopFaults ends every fault: what was held arrives, access is back, at least one
// process lives, GitHub has told of every branch.
func (w *world) stopFaults(ctx context.Context) error {
	for _, remove := range w.faults {
		remove()
	}
	w.faults = nil
	w.sim.SetLatency(0)
	w.sim.SetClockSkew(0)
	w.net.heal()
	for _, p := range w.replicas {
		p.proxy.lift()
	}
	if err := w.endSilence(ctx); err != nil {
		return err
	}
	if len(w.replicas) == 0 {
		if err := w.startProcess(ctx); err != nil {
			return err
		}
	}
	w.net.release(ctx, newRand(w.history.Seed))
	if err := w.restoreAccess(ctx); err != nil {
		return err
	}
	list, err := w.git.Git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
	if err != nil {
		return err
	}
	for branch := range fields(list) {
		if _, told := w.pushed[branch]; told {
			if err := w.push(ctx, branch); err != nil {
				return err
			}
		}
	}
	return nil
}

// endSilence replaces the processes that GitHub asked for silence without saying how
// long: their minutes stand in their memory, where no time can be made to pass, and in
// what they told each other.
func (w *world) endSilence(ctx context.Context) error {
	if !w.quiet {
		return ctx.Err()
	}
	w.quiet = false
	n := len(w.replicas)
	for range n {
		p := w.remove(newRand(w.history.Seed))
		if err := p.stop(); err != nil {
			w.result.note(fmt.Sprintf("a process stopped with %v", err), time.Since(w.started))
		}
	}
	if _, err := w.pool.Exec(ctx, `UPDATE kgsync.github_standings SET quiet_until = now()`); err != nil {
		return fmt.Errorf("end GitHub's silence: %w", err)
	}
	for range n {
		if err := w.startProcess(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) restoreAccess(ctx context.Context) error {
	switch {
	case w.installation == 0:
		return w.install(ctx)
	case w.suspended:
		w.suspended = false
		if err := w.sim.Unsuspend(ctx, w.installation); err != nil {
			return err
		}
	}
	if w.removed {
		w.removed = false
		return w.sim.AddToInstallation(ctx, w.installation, w.repo)
	}
	return nil
}

// lasting adds a fault until unpoison.
func (w *world) lasting(f githubsim.Fault) {
	w.lastingFaults = append(w.lastingFaults, w.sim.Inject(f))
}

// unpoison lets GitHub serve every content again.
func (w *world) unpoison() {
	for _, remove := range w.lastingFaults {
		remove()
	}
	w.lastingFaults = nil
	clear(w.poisoned)
}

// skewClock sets GitHub's clock and ours apart for a while: signatures that expired,
// tokens from the future, deliveries out of the window.
func skewClock(w *world, _ context.Context, rng *rand.Rand) (string, error) {
	d := []time.Duration{-10 * time.Minute, -45 * time.Second, 0, 45 * time.Second, 10 * time.Minute, 26 * time.Hour}[rng.IntN(6)]
	w.sim.SetClockSkew(d)
	return fmt.Sprintf("GitHub's clock is off by %v", d), nil
}
