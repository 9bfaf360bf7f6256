package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Repository is the sync state of one repository. Its zero ids mean "none".
type Repository struct {
	ID                 int64
	InstallationID     int64
	FullName           string
	DefaultBranch      string
	Branch             string
	Generation         int64
	Commit             string // of Generation
	DerivationKey      string
	HintSHA            string
	HintNumber         int64
	PlanJobID          *int64
	PlanRunID          *int64
	SettleJobID        *int64
	SettleDueAt        *time.Time
	SettleSince        *time.Time
	LeaseJobID         *int64
	LeaseRunID         *int64
	LeaseUntil         *time.Time
	VerifiedSHA        string
	VerifiedGeneration int64
}

// LeasedBy reports whether a plan other than job holds the repository at now.
func (r *Repository) LeasedBy(job int64, now time.Time) bool {
	return r.LeaseJobID != nil && *r.LeaseJobID != job && r.LeaseUntil != nil && r.LeaseUntil.After(now)
}

const repositoryColumns = `r.id, r.installation_id, r.full_name, r.default_branch, r.branch, r.generation,
	coalesce((SELECT g.commit_sha FROM kgsync.generations g WHERE g.repository_id = r.id AND g.generation = r.generation), ''),
	r.derivation_key, r.hint_sha, r.hint_number, r.plan_job_id, r.plan_run_id, r.settle_job_id, r.settle_due_at,
	r.settle_since, r.lease_job_id, r.lease_run_id, r.lease_until, r.verified_sha, r.verified_generation`

// LockRepository reads a repository under its row lock. ErrNotFound if there is none.
func LockRepository(ctx context.Context, tx pgx.Tx, id int64) (*Repository, error) {
	return scanRepository(ctx, tx, "r.id = $1 FOR UPDATE OF r", id)
}

// Repository reads a repository without a lock.
func (s *Store) Repository(ctx context.Context, id int64) (*Repository, error) {
	return scanRepository(ctx, s.pool, "r.id = $1", id)
}

// RepositoryNamed finds a repository by owner/name, case-insensitively as
// GitHub does; of several (a name can be reused) the newest.
func (s *Store) RepositoryNamed(ctx context.Context, fullName string) (*Repository, error) {
	return scanRepository(ctx, s.pool, "lower(r.full_name) = lower($1) ORDER BY r.lost_access_at NULLS FIRST, r.created_at DESC LIMIT 1", fullName)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func scanRepository(ctx context.Context, q querier, where string, arg any) (*Repository, error) {
	rows, err := q.Query(ctx, "SELECT "+repositoryColumns+" FROM kgsync.repositories r WHERE "+where, arg)
	if err != nil {
		return nil, fmt.Errorf("read repository %v: %w", arg, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Repository])
	return r, notFound(err, "repository %v", arg)
}

// PutInstallation records an installation and its state (active, suspended, deleted).
func PutInstallation(ctx context.Context, tx pgx.Tx, id int64, account, state string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO kgsync.installations AS i (id, account, state) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET account = coalesce(nullif(excluded.account, ''), i.account), state = excluded.state, updated_at = now()`,
		id, account, state)
	if err != nil {
		return fmt.Errorf("record installation %d: %w", id, err)
	}
	return nil
}

// PutRepository records what an event says about a repository: ids stay, names
// change. Empty strings keep what is known.
func PutRepository(ctx context.Context, tx pgx.Tx, id, installation int64, fullName, defaultBranch string, private bool) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO kgsync.installations (id) VALUES ($1) ON CONFLICT DO NOTHING`, installation)
	if err == nil {
		_, err = tx.Exec(ctx, `
			INSERT INTO kgsync.repositories AS r (id, installation_id, full_name, default_branch, private) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET installation_id = excluded.installation_id, full_name = excluded.full_name,
				default_branch = coalesce(nullif(excluded.default_branch, ''), r.default_branch), private = excluded.private,
				lost_access_at = NULL`,
			id, installation, fullName, defaultBranch, private)
	}
	if err != nil {
		return fmt.Errorf("record repository %s: %w", fullName, err)
	}
	return nil
}

// LoseAccess marks a repository whose content can no longer be read.
func LoseAccess(ctx context.Context, tx pgx.Tx, repositoryID int64) error {
	_, err := tx.Exec(ctx, `UPDATE kgsync.repositories SET lost_access_at = coalesce(lost_access_at, now()) WHERE id = $1`, repositoryID)
	if err != nil {
		return fmt.Errorf("mark repository %d as lost: %w", repositoryID, err)
	}
	return nil
}

// RepositoriesOf lists the ids of an installation's repositories.
func RepositoriesOf(ctx context.Context, tx pgx.Tx, installation int64) ([]int64, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM kgsync.repositories WHERE installation_id = $1 ORDER BY id`, installation)
	if err != nil {
		return nil, fmt.Errorf("list repositories of installation %d: %w", installation, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// SetBranch records the branch to follow and what GitHub says of the default one.
func (s *Store) SetBranch(ctx context.Context, repositoryID int64, fullName, defaultBranch, branch string, private bool) error {
	_, err := s.pool.Exec(ctx, `UPDATE kgsync.repositories SET full_name = $2, default_branch = $3, branch = $4, private = $5 WHERE id = $1`,
		repositoryID, fullName, defaultBranch, branch, private)
	if err != nil {
		return fmt.Errorf("record branch of repository %d: %w", repositoryID, err)
	}
	return nil
}
