package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The statements of pushes take any number of them at once: pushes of different
// repositories that come at the same time share one transaction.

// Said is what a push says of its repository.
type Said struct {
	Listed
	InstallationID int64
}

// LockKnown locks the repositories of which all that is said is what we know: they
// belong to the installation, are readable and bear these names. Of the others it
// gives nothing: what differs must be looked at. The lock is enough to rely on:
// whoever takes a repository from its installation waits for it. Without wait it
// leaves out repositories that are locked. Locks are taken in the order of the ids,
// so that two callers never wait for each other in a circle.
func LockKnown(ctx context.Context, tx pgx.Tx, said []Said, wait bool) (map[int64]*Repository, error) {
	n := len(said)
	ids, installations := make([]int64, n), make([]int64, n)
	names, branches := make([]string, n), make([]string, n)
	privates, archiveds := make([]bool, n), make([]bool, n)
	for i, s := range said {
		ids[i], installations[i], names[i], branches[i] = s.ID, s.InstallationID, s.FullName, s.DefaultBranch
		privates[i], archiveds[i] = s.Private, s.Archived
	}
	lock := " FOR NO KEY UPDATE OF r"
	if !wait {
		lock += " SKIP LOCKED"
	}
	rows, err := tx.Query(ctx, `SELECT `+repositoryColumns+repositoryTables+`
		JOIN unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bool[], $6::bool[])
			AS v (id, installation_id, full_name, default_branch, private, archived)
			ON r.id = v.id AND r.installation_id = v.installation_id AND r.full_name = v.full_name
			AND v.default_branch IN ('', r.default_branch) AND r.private = v.private AND r.archived = v.archived
		WHERE i.state = 'active' AND r.lost_access_at IS NULL ORDER BY r.id`+lock, ids, installations, names, branches, privates, archiveds)
	if err != nil {
		return nil, fmt.Errorf("lock %d repositories: %w", n, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Repository])
	if err != nil {
		return nil, fmt.Errorf("lock %d repositories: %w", n, err)
	}
	known := make(map[int64]*Repository, len(list))
	for _, r := range list {
		known[r.ID] = r
	}
	return known, nil
}

// Settle is a scheduled settle: its River job, when it is due, and the first push
// that it covers.
type Settle struct {
	JobID      int64
	Due, Since time.Time
}

// RecordPush leaves the `after` of a push as the hint, with a new number: the head
// may have moved there (section 3). A push also shows that GitHub still lists the
// repository, which must be locked.
func RecordPush(ctx context.Context, tx pgx.Tx, repositoryID int64, after string, s Settle) error {
	return exec(ctx, tx, "record push", `UPDATE kgsync.repositories SET hint_sha = $2, hint_number = hint_number + 1, hint_doubted = false,
		settle_job_id = $3, settle_due_at = $4, settle_since = $5, listed_at = now() WHERE id = $1`, repositoryID, after, s.JobID, s.Due, s.Since)
}

// FastPush is a push whose paths are re-read at its commit.
type FastPush struct {
	RepositoryID int64
	Generation   int64 // the repository's next
	Commit, Key  string
	Paths        []string
	Settle       Settle
}

// fastPushes are the columns of several.
type fastPushes struct {
	repositories, generations, settleJobs []int64
	commits, keys                         []string
	dues, sinces                          []time.Time
	counts                                []int32
	pathOwners                            []int64
	paths                                 []string
}

func columnsOf(pushes []FastPush) *fastPushes {
	c := &fastPushes{}
	for _, p := range pushes {
		c.repositories, c.generations = append(c.repositories, p.RepositoryID), append(c.generations, p.Generation)
		c.commits, c.keys, c.counts = append(c.commits, p.Commit), append(c.keys, p.Key), append(c.counts, int32(len(p.Paths))) //nolint:gosec // a push of few paths
		c.settleJobs, c.dues, c.sinces = append(c.settleJobs, p.Settle.JobID), append(c.dues, p.Settle.Due), append(c.sinces, p.Settle.Since)
		c.paths = append(c.paths, p.Paths...)
		c.pathOwners = append(c.pathOwners, slices.Repeat([]int64{p.RepositoryID}, len(p.Paths))...)
	}
	return c
}

// AcceptFast records pushes of different repositories as [RecordPush] does and makes
// the commit of each its repository's next generation, which wants the paths, their
// blobs not known yet. It gives the runs by repository, pinned and sealed: their
// lists are complete once the caller has added the jobs of the paths in the same
// transaction. The repositories must be locked. Files are locked in the order of
// their paths, as [Store.Apply] does.
func AcceptFast(ctx context.Context, tx pgx.Tx, pushes []FastPush) (map[int64]int64, error) {
	c, b := columnsOf(pushes), &pgx.Batch{}
	b.Queue(`UPDATE kgsync.repositories r SET hint_sha = v.commit_sha, hint_number = hint_number + 1, hint_doubted = false, settle_job_id = v.settle_job_id,
			settle_due_at = v.due, settle_since = v.since, listed_at = now(), generation = v.generation, commit_sha = v.commit_sha
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
			AS v (id, generation, commit_sha, settle_job_id, due, since) WHERE r.id = v.id`,
		c.repositories, c.generations, c.commits, c.settleJobs, c.dues, c.sinces)
	b.Queue(`INSERT INTO kgsync.generations (repository_id, generation, commit_sha) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])`,
		c.repositories, c.generations, c.commits)
	runs := make(map[int64]int64, len(pushes))
	b.Queue(`
		WITH run AS (
			INSERT INTO kgsync.runs (repository_id, generation, commit_sha, derivation_key, total_files, trigger, state, sealed, started_at)
			SELECT *, 'push', 'running', true, now() FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[])
			RETURNING id, repository_id, generation, derivation_key
		), wanted AS (
			INSERT INTO kgsync.files AS f (repository_id, path, wanted_generation, wanted_run_id, wanted_key, open_since)
			SELECT repository_id, p.path, generation, run.id, derivation_key, generation
			FROM unnest($6::bigint[], $7::text[]) AS p (repository_id, path) JOIN run USING (repository_id) ORDER BY repository_id, p.path COLLATE "C"
			ON CONFLICT (repository_id, path) DO UPDATE SET wanted_generation = excluded.wanted_generation,
				wanted_run_id = excluded.wanted_run_id, wanted_blob = NULL, wanted_mode = '', wanted_size = 0, wanted_gone = false,
				wanted_key = excluded.wanted_key, open_since = coalesce(f.open_since, excluded.open_since)
		)
		SELECT repository_id, id FROM run`, c.repositories, c.generations, c.commits, c.keys, c.counts, c.pathOwners, c.paths).
		Query(func(rows pgx.Rows) error {
			var repository, run int64
			_, err := pgx.ForEachRow(rows, []any{&repository, &run}, func() error {
				runs[repository] = run
				return nil
			})
			return err
		})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("accept %d pushes: %w", len(pushes), err)
	}
	return runs, nil
}
