package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
	"github.com/kgsync/kgsync/internal/store"
)

// PlanJob names a plan or settle job.
type PlanJob struct {
	ID           int64
	RepositoryID int64
	Settle       bool
}

// plan is one attempt of a plan job.
type plan struct {
	*Syncer
	job       PlanJob
	repo      *store.Repository // as read when the attempt began: its generation is the one seen before the head
	run       *store.Run
	src       Source
	usage     github.Usage
	config    *defaultConfig // .kgsync.yml of the default branch, once read
	believed  bool           // its head was not the expected one
	started   time.Time
	leaseless bool // a verification: no lease, no checkpoints, no change of the repository
}

// Plan makes the wanted state equal the head's tree: it takes the repository's
// lease, notes the hint's number, reads the head, pins (generation, commit),
// stages the tree and writes the differences with their jobs in one transaction.
// Each step is idempotent, so an attempt goes on where the one before stopped.
// A [Wait] asks for another attempt; nil means that the job is done.
func (s *Syncer) Plan(ctx context.Context, job PlanJob) error {
	p := &plan{Syncer: s, job: job, started: time.Now()}
	mine, err := p.begin(ctx)
	if err != nil || !mine {
		return err
	}
	p.usage.Live = p.run.Trigger == "push"
	p.src = s.source(p.repo.InstallationID, &p.usage)
	err = p.steps(ctx)
	if errors.Is(err, store.ErrUnstaged) {
		err = &Wait{After: time.Second, Reason: err.Error()}
	}
	if uerr := s.store.AddUsage(context.WithoutCancel(ctx), p.run.ID, p.usage.Requests(), p.usage.Bytes()); uerr != nil {
		return errors.Join(err, uerr)
	}
	if err == nil {
		return s.FinishRun(ctx, p.run.ID)
	}
	if errors.Is(err, github.ErrRateLimited) { // for up to an hour: pushes shall be fast meanwhile
		_, rerr := s.store.RenewLease(context.WithoutCancel(ctx), p.repo.ID, p.job.ID, time.Now())
		return errors.Join(err, rerr)
	}
	return err
}

func (p *plan) steps(ctx context.Context) error {
	if p.run.Generation == nil {
		if err := p.pin(ctx); err != nil || p.run.Ended() {
			return err
		}
	}
	if err := p.stageTree(ctx); err != nil {
		if errors.Is(err, github.ErrNotFound) {
			return fmt.Errorf("%w: %w", errVanished, err)
		}
		return err
	}
	key, config, err := p.loadConfig(ctx)
	if err != nil {
		return err
	}
	if named := p.otherBranch(config); named != "" {
		return p.follow(ctx, named)
	}
	if chosen, err := p.store.ChooseKey(ctx, p.run.ID, key); err != nil {
		return err
	} else if !chosen {
		return p.ifOpen(ctx, func(tx pgx.Tx, repo *store.Repository) error {
			return p.endSuperseded(ctx, tx, repo, "the configuration changed after another one had chosen among the staged files", true)
		})
	}
	if err := p.store.KeepStaged(ctx, p.run.ID, config.Selects); err != nil {
		return err
	}
	return p.write(ctx, key, config)
}

// begin takes the lease. It reports false when there is nothing to do: the job
// was taken over, or the repository is gone.
func (p *plan) begin(ctx context.Context) (bool, error) {
	mine := false
	now, err := p.store.Now(ctx) // River wakes us by it, whatever this machine's clock says
	if err != nil {
		return false, err
	}
	err = p.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, p.job.RepositoryID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		runID, err := p.claim(ctx, tx, repo, now)
		if err != nil || runID == 0 {
			return err
		}
		if p.run, err = store.ReadRun(ctx, tx, runID); err != nil {
			return err
		}
		p.repo = repo
		if p.run.Ended() {
			return store.DropLease(ctx, tx, repo.ID, p.job.ID)
		}
		if !repo.Readable() { // its return queues a plan
			return p.endSuperseded(ctx, tx, repo, "GitHub does not let us read the repository", false)
		}
		mine = true
		full, err := store.TakeLease(ctx, tx, repo.ID, p.job.ID, runID, now.Add(p.opts.LeaseDuration))
		p.run.FullResync = p.run.FullResync || full
		return err
	})
	return mine, err
}

// claim gives the run that this job shall fill, 0 if none: an earlier attempt's,
// the queued plan's, or for a settle the queued plan's that it takes over or a new one.
func (p *plan) claim(ctx context.Context, tx pgx.Tx, repo *store.Repository, now time.Time) (int64, error) {
	is := func(id *int64) bool { return id != nil && *id == p.job.ID }
	if is(repo.LeaseJobID) && repo.LeaseRunID != nil {
		return *repo.LeaseRunID, nil
	}
	if !is(repo.PlanJobID) && !is(repo.SettleJobID) {
		return 0, nil
	}
	if repo.LeasedBy(p.job.ID, now) {
		return 0, &Wait{After: time.Second, Reason: "another plan of the repository is running"}
	}
	if is(repo.PlanJobID) {
		return *repo.PlanRunID, store.ClearQueuedPlan(ctx, tx, repo.ID)
	}
	if repo.SettleDueAt != nil && repo.SettleDueAt.After(now) {
		return 0, &Wait{After: repo.SettleDueAt.Sub(now), Reason: "more pushes moved the settle"}
	}
	if err := p.clearSettle(ctx, tx, repo); err != nil {
		return 0, err
	}
	if repo.PlanRunID != nil {
		return *repo.PlanRunID, store.ClearQueuedPlan(ctx, tx, repo.ID)
	}
	return store.NewSettle(ctx, tx, repo)
}

// clearSettle forgets the settle that begins. One that comes because pushes went on
// for the limit may be close to the last of them and read what was there before:
// another one follows.
func (p *plan) clearSettle(ctx context.Context, tx pgx.Tx, repo *store.Repository) error {
	early := repo.SettleDueAt != nil && repo.SettleSince != nil && p.opts.SettleLimit > p.opts.SettleDelay &&
		!repo.SettleDueAt.Before(repo.SettleSince.Add(p.opts.SettleLimit))
	if !early {
		return store.ClearSettle(ctx, tx, repo.ID)
	}
	repo.SettleJobID, repo.SettleDueAt, repo.SettleSince = nil, nil, nil
	return p.settleLater(ctx, tx, repo, false)
}

// pin reads the head and gives it the next generation, unless a newer generation
// was accepted since the attempt began. While the head differs from the hint it
// asks to come again: GitHub's reads lag behind its webhooks by seconds.
func (p *plan) pin(ctx context.Context) error {
	head, err := p.hintedHead(ctx), error(nil)
	if head == "" {
		head, err = p.readHead(ctx)
	}
	if err != nil || p.run.Ended() {
		return err
	}
	if p.unexpected(head) {
		if err := p.askAgain(ctx, "the head is not yet the pushed commit, or there is none any more"); err != nil {
			return err
		}
	}
	return p.ifOpen(ctx, func(tx pgx.Tx, repo *store.Repository) error {
		if repo.LeaseJobID == nil || *repo.LeaseJobID != p.job.ID {
			return p.endSuperseded(ctx, tx, repo, "lost its lease before the pin", repo.HintSHA != "" || repo.DefaultHint != "")
		}
		if repo.Generation != p.repo.Generation {
			return &Wait{After: 50 * time.Millisecond, Reason: "a newer generation was accepted while the head was read"}
		}
		generation, err := store.AcceptGeneration(ctx, tx, repo.ID, head)
		if err != nil {
			return err
		}
		p.run.Generation, p.run.Commit, p.run.HintNumber = &generation, head, p.repo.HintNumber
		return store.PinRun(ctx, tx, p.run.ID, generation, head, p.repo.HintNumber)
	})
}

// unexpected reports whether a head is not the pushed commit, or an empty repository's
// where one is known that had commits: that would delete everything [7].
func (p *plan) unexpected(head string) bool {
	if p.repo.HintSHA != "" {
		return head != p.repo.HintSHA
	}
	return head == "" && p.repo.Commit != ""
}

// askAgain gives the [Wait] before the next look at a head that is not the expected
// commit, nil once the run has looked often enough to believe it.
func (p *plan) askAgain(ctx context.Context, reason string) error {
	if p.leaseless || p.run.HeadTries >= p.opts.HeadRetries {
		return nil
	}
	n, err := p.store.CountHeadTry(ctx, p.run.ID)
	if err != nil {
		return err
	}
	return &Wait{After: time.Duration(1<<min(n, 5)) * 250 * time.Millisecond, Reason: reason}
}

// write makes the differences wanted, with their jobs, and seals the run, all in
// one transaction under the repository's row lock.
func (p *plan) write(ctx context.Context, key string, config *repoconfig.Config) error {
	return p.ifOpen(ctx, func(tx pgx.Tx, repo *store.Repository) error {
		if repo.Generation != *p.run.Generation {
			return p.endSuperseded(ctx, tx, repo, "a newer generation was accepted", true)
		}
		total, unchanged, err := store.SetWantedFromTree(ctx, tx, p.run, key)
		if err != nil {
			return err
		}
		wanted, err := p.enqueueWanted(ctx, tx)
		if err != nil {
			return err
		}
		if gone := wanted - (total - unchanged); gone > 0 {
			total += gone
		}
		if err := store.SealRun(ctx, tx, p.run.ID, key, total, unchanged); err != nil {
			return err
		}
		if err := store.MarkPlanned(ctx, tx, repo.ID, *p.run.Generation, key); err != nil {
			return err
		}
		if err := store.SetConfigSHA(ctx, tx, p.repo, p.config.commitOrNone()); err != nil {
			return err
		}
		if err := store.PutConfigDiagnostics(ctx, tx, repo.ID, config.Diagnostics); err != nil {
			return err
		}
		if err := p.settleHint(ctx, tx, repo); err != nil {
			return err
		}
		return store.DropLease(ctx, tx, repo.ID, p.job.ID)
	})
}

// ifOpen calls f with the repository locked, unless the run is no longer to be written.
func (p *plan) ifOpen(ctx context.Context, f func(tx pgx.Tx, repo *store.Repository) error) error {
	return p.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, p.repo.ID)
		if err != nil {
			return err
		}
		if open, err := p.stillOpen(ctx, tx); err != nil || !open {
			return err
		}
		return f(tx, repo)
	})
}

// stillOpen reports whether the run still is to be written. Another attempt may have
// sealed it, if this one is late, and somebody may have ended it: both leave this
// attempt nothing to do [3]. The repository must be locked.
func (p *plan) stillOpen(ctx context.Context, tx pgx.Tx) (bool, error) {
	run, err := store.ReadRun(ctx, tx, p.run.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && !run.Sealed && !run.Ended() {
		return true, nil
	}
	now := time.Now()
	p.run.FinishedAt = &now // for this attempt
	return false, nil
}

// settleHint drops the hint that the plan looked at, or plans again for a newer one. A
// head that was believed against what a push had said is looked at once more: the settle
// that believes an old read would be the last to look.
func (p *plan) settleHint(ctx context.Context, tx pgx.Tx, repo *store.Repository) error {
	doubted, err := store.DoubtHint(ctx, tx, repo.ID, p.run.HintNumber, p.run.Commit)
	if err != nil {
		return err
	}
	if doubted || p.believed {
		if err := p.settleLater(ctx, tx, repo, true); err != nil {
			return err
		}
	}
	if doubted || repo.HintSHA == "" {
		return nil
	}
	dropped, err := store.DropHint(ctx, tx, repo.ID, p.run.HintNumber)
	if err != nil || dropped {
		return err
	}
	_, err = p.RequestPlan(ctx, tx, repo, "push", false)
	return err
}

// endSuperseded ends the run without effect and, if asked, makes sure that
// another plan runs.
func (p *plan) endSuperseded(ctx context.Context, tx pgx.Tx, repo *store.Repository, reason string, again bool) error {
	if err := store.EndRun(ctx, tx, p.run.ID, "superseded", reason); err != nil {
		return err
	}
	now := time.Now()
	p.run.FinishedAt = &now
	if again {
		if _, err := p.RequestPlan(ctx, tx, repo, p.run.Trigger, p.run.FullResync); err != nil {
			return err
		}
	}
	return store.DropLease(ctx, tx, repo.ID, p.job.ID)
}

// errVanished says that GitHub does not have the pinned commit: a force push took
// it away, or its reads lag.
var errVanished = errors.New("the pinned commit vanished")

// FailPlan ends the run of a plan job that is given up. The sweeper plans again,
// after a pause that grows while that goes on; a repository that cannot be read
// any more is lost instead.
func (s *Syncer) FailPlan(ctx context.Context, job PlanJob, cause error) error {
	var lost []string
	var installation int64
	err := s.store.InTx(ctx, func(tx pgx.Tx) error {
		repo, err := store.LockRepository(ctx, tx, job.RepositoryID)
		if err != nil {
			return err
		}
		if repo.LeaseJobID == nil || *repo.LeaseJobID != job.ID || repo.LeaseRunID == nil {
			return nil
		}
		state := "failed"
		if errors.Is(cause, errVanished) {
			state = "superseded"
		}
		if err := store.EndRun(ctx, tx, *repo.LeaseRunID, state, cause.Error()); err != nil {
			return err
		}
		installation = repo.InstallationID
		if lost, err = s.loseOrDelay(ctx, tx, repo, cause); err != nil {
			return err
		}
		return store.DropLease(ctx, tx, repo.ID, job.ID)
	})
	if err == nil {
		s.SayLost(ctx, installation, lost)
	}
	return err
}

// loseOrDelay lets the repository rest after a plan that failed. One that cannot be
// read is lost, its name, and looked for in GitHub's list then: a push may have come
// while a 404 was on its way.
func (s *Syncer) loseOrDelay(ctx context.Context, tx pgx.Tx, repo *store.Repository, cause error) ([]string, error) {
	pause, err := store.DelayPlans(ctx, tx, repo.ID)
	if err != nil || !errors.Is(cause, errNoRepository) {
		return nil, err
	}
	lost, err := store.LoseAccess(ctx, tx, repo.ID)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	return lost, s.queue.EnqueueListing(ctx, tx, repo.InstallationID, false, max(pause, lookAgain))
}

// LeavePlan ends the run of a plan whose installation can no longer be read.
func (s *Syncer) LeavePlan(ctx context.Context, job PlanJob, cause error) error {
	repo, err := s.store.Repository(ctx, job.RepositoryID)
	if err != nil || repo.LeaseJobID == nil || *repo.LeaseJobID != job.ID || repo.LeaseRunID == nil {
		return err
	}
	if err := s.AccessLost(ctx, repo.ID, *repo.LeaseRunID, cause); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx pgx.Tx) error { return store.DropLease(ctx, tx, repo.ID, job.ID) })
}
