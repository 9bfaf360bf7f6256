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
	SettleWhole        bool // more than pushes asked for it
	LeaseJobID         *int64
	LeaseRunID         *int64
	LeaseUntil         *time.Time
	VerifiedSHA        string
	VerifiedGeneration int64
	ConfigSHA          string // default branch's commit that .kgsync.yml is known at, if another branch is followed
	DefaultHint        string // commit that the newest push showed the default branch at, if another branch is followed and no plan looked since
	InstallationState  string
	LostAccessAt       *time.Time
}

// Readable reports whether GitHub lets us read the repository, as far as we know.
func (r *Repository) Readable() bool { return r.InstallationState == "active" && r.LostAccessAt == nil }

// LeasedBy reports whether a plan other than job holds the repository at now.
func (r *Repository) LeasedBy(job int64, now time.Time) bool {
	return r.LeaseJobID != nil && *r.LeaseJobID != job && r.LeaseUntil != nil && r.LeaseUntil.After(now)
}

const repositoryColumns = `r.id, r.installation_id, r.full_name, r.default_branch, r.branch, r.generation,
	r.commit_sha, r.derivation_key, r.hint_sha, r.hint_number, r.plan_job_id, r.plan_run_id, r.settle_job_id, r.settle_due_at,
	r.settle_since, r.settle_whole, r.lease_job_id, r.lease_run_id, r.lease_until, r.verified_sha, r.verified_generation,
	r.config_sha, r.default_hint_sha, i.state, r.lost_access_at`

const repositoryTables = ` FROM kgsync.repositories r JOIN kgsync.installations i ON i.id = r.installation_id`

// LockRepository reads a repository under its row lock, which does not keep others
// from writing rows that refer to it. ErrNotFound if there is none.
func LockRepository(ctx context.Context, tx pgx.Tx, id int64) (*Repository, error) {
	return scanRepository(ctx, tx, "r.id = $1 FOR NO KEY UPDATE OF r", id)
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
	rows, err := q.Query(ctx, "SELECT "+repositoryColumns+repositoryTables+" WHERE "+where, arg)
	if err != nil {
		return nil, fmt.Errorf("read repository %v: %w", arg, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Repository])
	return r, notFound(err, "repository %v", arg)
}

// SetBranch records the branch to follow and what GitHub says of the repository, if
// the job still holds its lease.
func (s *Store) SetBranch(ctx context.Context, job, repositoryID int64, fullName, defaultBranch, branch string, private, archived bool) error {
	return s.run(ctx, "record the branch", `UPDATE kgsync.repositories SET full_name = $2, default_branch = $3, branch = $4, private = $5, archived = $6
		WHERE id = $1 AND lease_job_id = $7`, repositoryID, fullName, defaultBranch, branch, private, archived, job)
}

// Follow records another branch to follow. A hint was about the branch before; what is
// known of the default branch's head is one for whichever is followed now.
func Follow(ctx context.Context, tx pgx.Tx, repositoryID int64, branch, defaultHead string) error {
	return exec(ctx, tx, "follow another branch", `UPDATE kgsync.repositories SET branch = $2, config_sha = '', hint_doubted = false,
		hint_sha = CASE WHEN $2 = default_branch THEN $3 ELSE '' END,
		default_hint_sha = CASE WHEN $2 = default_branch THEN '' ELSE $3 END WHERE id = $1`, repositoryID, branch, defaultHead)
}
