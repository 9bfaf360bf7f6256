// Package store owns all our SQL: the wanted and applied state of files, runs
// and their outcomes, the facts that files state, and the read-only views.
//
// It may import parse (the content types) and migrations. It knows neither
// GitHub nor River; a caller that must write River jobs in the same transaction
// gets the pgx.Tx from [Store.InTx]. The numbers of invariants in comments refer
// to docs/architecture.md.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var (
	// ErrNotFound says that no row has the asked identity.
	ErrNotFound = errors.New("not found")
	// ErrSuperseded says that a newer wanted state took the place of the
	// caller's; nothing was written and the caller has nothing left to do.
	ErrSuperseded = errors.New("superseded by a newer wanted state")
)

// Store is a pool of connections with the write limit. It is safe for
// concurrent use.
type Store struct {
	pool   *pgxpool.Pool
	writes chan struct{}
	behind chan struct{} // writes of the background among them
	log    *slog.Logger
}

// DefaultMaxWrites is the number of file writes that run at once in a process
// unless the configuration says otherwise.
const DefaultMaxWrites = 4

// New makes a Store on a pool. maxWrites bounds the concurrent file writes of
// this process for the database's sake; 0 means [DefaultMaxWrites].
func New(pool *pgxpool.Pool, maxWrites int, log *slog.Logger) *Store {
	if maxWrites <= 0 {
		maxWrites = DefaultMaxWrites
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Store{pool: pool, writes: make(chan struct{}, maxWrites), behind: make(chan struct{}, max(maxWrites-1, 1)), log: log}
}

// Pool gives the connections, for River and for read-only queries.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// WritesInFlight is the number of file writes running now.
func (s *Store) WritesInFlight() int { return len(s.writes) }

// MaxWrites is the number of file writes that may run at once.
func (s *Store) MaxWrites() int { return cap(s.writes) }

// InTx runs f in one transaction: committed when f returns nil, rolled back
// otherwise. It shows pgx on purpose: River inserts its jobs through the same
// transaction.
func (s *Store) InTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, f)
}

// inWriteSlot is InTx under the limit on concurrent file writes. The background
// never holds all of the slots, if there are several.
func (s *Store) inWriteSlot(ctx context.Context, background bool, f func(pgx.Tx) error) error {
	slots := []chan struct{}{s.writes}
	if background {
		slots = []chan struct{}{s.behind, s.writes}
	}
	for _, slot := range slots {
		select {
		case slot <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("wait for a database write slot: %w", ctx.Err())
		}
		defer func() { <-slot }()
	}
	return s.InTx(ctx, f)
}

// notFound turns pgx's "no rows" into ErrNotFound with what was looked for.
func notFound(err error, format string, args ...any) error {
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
