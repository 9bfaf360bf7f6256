package rehearse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kgsync/kgsync/internal/github/githubsim"
	"github.com/kgsync/kgsync/internal/store"
)

// reference is another running product, on a database and a GitHub of its own that
// no fault touches. What a history ends with is installed there and synced afresh.
type reference struct {
	stage    *Stage
	sim      *githubsim.Server
	replica  Replica
	database string
	pool     *pgxpool.Pool
	store    *store.Store
	number   atomic.Int64
}

func newReference(ctx context.Context, s *Stage) (r *reference, err error) {
	r = &reference{stage: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close(context.WithoutCancel(ctx)))
			r = nil
		}
	}()
	if r.database, err = s.cluster.create(ctx); err != nil {
		return r, err
	}
	url := s.cluster.url(r.database)
	if r.pool, err = store.Connect(ctx, url, 0); err != nil {
		return r, err
	}
	r.store = store.New(r.pool, 0, s.config.Logger)
	if r.sim, err = githubsim.New(githubsim.Config{WebhookSecret: hookSecret, Logger: s.config.Logger}); err != nil {
		return r, err
	}
	if err := r.sim.Start("127.0.0.1:0"); err != nil {
		return r, err
	}
	times := s.times()
	times.SweepEvery = time.Hour // it only costs time
	r.replica, err = s.config.Start(ctx, Settings{DatabaseURL: url, GitHubURL: r.sim.URL(), AppID: r.sim.AppID(), PrivateKeyPEM: r.sim.PrivateKeyPEM(),
		WebhookSecret: hookSecret, GroupSize: 50, Times: times, Logger: s.config.Logger})
	if err != nil {
		return r, fmt.Errorf("start the reference: %w", err)
	}
	r.sim.SetWebhookURL(r.replica.URL() + "/webhooks/github")
	return r, nil
}

// dump syncs the repository in the directory afresh and gives its canonical dump
// with the commit that it is of.
func (r *reference) dump(ctx context.Context, dir, defaultBranch string) (dump []byte, err error) {
	account := fmt.Sprintf("history-%d", r.number.Add(1))
	repo, err := r.sim.AddRepository(ctx, githubsim.RepositoryOptions{Owner: account, Name: "vault", Dir: dir, DefaultBranch: defaultBranch})
	if err != nil {
		return nil, err
	}
	installation, err := r.sim.Install(ctx, account, repo.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.forget(context.WithoutCancel(ctx), installation, repo.ID)) }()
	if err := r.synced(ctx, repo.ID); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = r.store.Dump(ctx, repo.ID, &b)
	return b.Bytes(), err
}

// errNoReference is a violation of its own.
var errNoReference = errors.New("the fresh sync that a history is compared with does not come to rest")

// synced waits until the repository is current.
func (r *reference) synced(ctx context.Context, repo int64) error {
	deadline := time.Now().Add(restLimit)
	state := ""
	for time.Now().Before(deadline) {
		var open bool
		err := r.pool.QueryRow(ctx, `SELECT state, EXISTS (SELECT 1 FROM kgsync.runs u WHERE u.repository_id = r.id AND u.finished_at IS NULL)
			FROM kg.repositories r WHERE id = $1`, repo).Scan(&state, &open)
		if err == nil && state == "current" && !open {
			return nil
		}
		if err := wait(ctx, 15*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: the repository is %q", errNoReference, state)
}

// forget removes the repository, so that many histories cost no more than one.
func (r *reference) forget(ctx context.Context, installation, repo int64) error {
	if err := r.sim.Uninstall(ctx, installation); err != nil {
		return err
	}
	if err := r.sim.RemoveRepository(repo); err != nil {
		return err
	}
	_, err := r.pool.Exec(ctx, `DELETE FROM kgsync.repositories WHERE id = $1`, repo)
	return err
}

func (r *reference) close(ctx context.Context) error {
	var errs []error
	if r.replica != nil {
		errs = append(errs, r.replica.Stop())
	}
	if r.sim != nil {
		short, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		errs = append(errs, r.sim.Close(short))
	}
	if r.pool != nil {
		r.pool.Close()
	}
	if r.database != "" {
		errs = append(errs, r.stage.cluster.drop(ctx, r.database))
	}
	return errors.Join(errs...)
}
