package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Replica is one process of the App among those that share GitHub's limits.
type Replica struct {
	Name    string
	Weight  int           // its share against the others'
	Holding float64       // the share that it is still using
	Expires time.Duration // its share ends then unless it is renewed
}

// Standing is how an installation stands with GitHub. Durations count from now.
type Standing struct {
	Installation     int64 // 0: the App itself
	Limit, Remaining int
	Reset            time.Time // by GitHub's clock
	ResetIn, Quiet   time.Duration
}

// Exchanged is what an exchange gives.
type Exchanged struct {
	Share     float64
	Standings []Standing // told since
	At        time.Time  // by the database's clock, for the next exchange
}

const (
	// shareLock is the advisory lock under which shares are dealt.
	shareLock = 0x6b6773796e64
	// spareShare is left to the next process that comes, so that it need not wait
	// until the others have given something up.
	spareShare = 0.1
	// sameReset is by how much two answers may differ about the reset of one window.
	sameReset = "interval '2 seconds'"
)

// Exchange renews a replica's share of GitHub's limits, records what it knows and
// gives what was told since. All shares together never exceed 1: a replica gets at
// most what the others do not hold, and one whose share shrinks holds it until its
// requests have ended.
func (s *Store) Exchange(ctx context.Context, r Replica, known []Standing, since time.Time) (*Exchanged, error) {
	e := &Exchanged{}
	err := s.InTx(ctx, func(tx pgx.Tx) error {
		if err := exec(ctx, tx, "lock", `SELECT pg_advisory_xact_lock($1)`, int64(shareLock)); err != nil {
			return err
		}
		if err := deal(ctx, tx, r, e); err != nil {
			return err
		}
		if len(known) > 0 {
			if err := putStandings(ctx, tx, known); err != nil {
				return err
			}
		}
		var err error
		e.Standings, err = standings(ctx, tx, since)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("exchange shares of GitHub's limits: %w", err)
	}
	return e, nil
}

// deal gives the replica its share: by weight of what is not spare, as far as the
// others do not hold it.
func deal(ctx context.Context, tx pgx.Tx, r Replica, e *Exchanged) error {
	if err := exec(ctx, tx, "end expired shares", `DELETE FROM kgsync.replicas WHERE expires_at < clock_timestamp()`); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `INSERT INTO kgsync.replicas AS r (name, weight, granted, held, expires_at)
		SELECT $1, $2, o.part, greatest(o.part, $3), clock_timestamp() + $4::interval
		FROM (SELECT greatest(0, least(1 - coalesce(sum(held), 0), (1 - $5::float8) * $2 / ($2 + coalesce(sum(weight), 0)))) AS part
			FROM kgsync.replicas WHERE name <> $1) o
		ON CONFLICT (name) DO UPDATE SET weight = excluded.weight, granted = excluded.granted, held = excluded.held, expires_at = excluded.expires_at
		RETURNING r.granted, clock_timestamp()`, r.Name, r.Weight, r.Holding, r.Expires, spareShare).Scan(&e.Share, &e.At)
}

// putStandings records what a replica knows: a newer window replaces an older one,
// in the same window the smaller rest counts, and silence is never shortened.
func putStandings(ctx context.Context, tx pgx.Tx, known []Standing) error {
	ids, limits, remaining := make([]int64, len(known)), make([]int, len(known)), make([]int, len(known))
	resets, in, quiet := make([]time.Time, len(known)), make([]time.Duration, len(known)), make([]time.Duration, len(known))
	for i, k := range known {
		ids[i], limits[i], remaining[i], resets[i], in[i], quiet[i] = k.Installation, k.Limit, k.Remaining, k.Reset, k.ResetIn, k.Quiet
	}
	return exec(ctx, tx, "record standings", `INSERT INTO kgsync.github_standings AS s
			(installation_id, request_limit, remaining, reset_at, reset_here_at, quiet_until, told_at)
		SELECT v.id, v.most, v.remaining, v.reset, clock_timestamp() + v.reset_in, clock_timestamp() + v.quiet, clock_timestamp()
		FROM unnest($1::bigint[], $2::int[], $3::int[], $4::timestamptz[], $5::interval[], $6::interval[]) AS v (id, most, remaining, reset, reset_in, quiet)
		ORDER BY v.id
		ON CONFLICT (installation_id) DO UPDATE SET
			request_limit = CASE WHEN excluded.reset_at < s.reset_at - `+sameReset+` THEN s.request_limit ELSE excluded.request_limit END,
			remaining = CASE WHEN excluded.reset_at < s.reset_at - `+sameReset+` THEN s.remaining
				WHEN excluded.reset_at > s.reset_at + `+sameReset+` THEN excluded.remaining
				ELSE least(s.remaining, excluded.remaining) END,
			reset_at = greatest(s.reset_at, excluded.reset_at), reset_here_at = greatest(s.reset_here_at, excluded.reset_here_at),
			quiet_until = greatest(s.quiet_until, excluded.quiet_until), told_at = excluded.told_at`,
		ids, limits, remaining, resets, in, quiet)
}

// standings gives what was told since. What is over is left out.
func standings(ctx context.Context, tx pgx.Tx, since time.Time) ([]Standing, error) {
	rows, err := tx.Query(ctx, `SELECT installation_id, request_limit, remaining, reset_at,
			greatest(reset_here_at - clock_timestamp(), interval '0'), greatest(quiet_until - clock_timestamp(), interval '0')
		FROM kgsync.github_standings WHERE told_at > $1 AND greatest(reset_here_at, quiet_until) > clock_timestamp()
		ORDER BY installation_id`, since)
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Standing])
}

// Leave gives a replica's share to the others.
func (s *Store) Leave(ctx context.Context, name string) error {
	return s.run(ctx, "leave the sharing of GitHub's limits", `DELETE FROM kgsync.replicas WHERE name = $1`, name)
}
