package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/kgsync/kgsync/migrations"
)

// migrationLock is the advisory lock that lets any number of replicas migrate
// at once: one works, the others wait and find nothing to do.
const migrationLock = 0x6b6773796e63 // "kgsync"

// Migrate brings River's tables and ours to the newest version. Any number of
// processes and callers may do so at once. It uses one connection of its own and
// none of the pool's.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return withMigrations(ctx, pool, func(ours *goose.Provider, rivers *rivermigrate.Migrator[pgx.Tx]) error {
		if _, err := rivers.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate River's tables: %w", err)
		}
		if _, err := ours.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// MigrateDown takes back the newest of our migrations. River's tables stay.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool) error {
	return withMigrations(ctx, pool, func(ours *goose.Provider, _ *rivermigrate.Migrator[pgx.Tx]) error {
		if _, err := ours.Down(ctx); err != nil {
			return fmt.Errorf("migrate down: %w", err)
		}
		return nil
	})
}

// MigrationStatus is one migration and whether it has been applied.
type MigrationStatus struct {
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrations lists our migrations, oldest first.
func Migrations(ctx context.Context, pool *pgxpool.Pool) ([]MigrationStatus, error) {
	var list []MigrationStatus
	err := withMigrations(ctx, pool, func(ours *goose.Provider, _ *rivermigrate.Migrator[pgx.Tx]) error {
		all, err := ours.Status(ctx)
		for _, m := range all {
			list = append(list, MigrationStatus{Name: m.Source.Path, Applied: m.State == goose.StateApplied})
		}
		return err
	})
	return list, err
}

func withMigrations(ctx context.Context, pool *pgxpool.Pool, f func(*goose.Provider, *rivermigrate.Migrator[pgx.Tx]) error) error {
	session, err := migrationSession(ctx, pool)
	if err != nil {
		return err
	}
	defer session.Close()
	db := stdlib.OpenDBFromPool(session)
	defer closeDB(db)
	ours, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	rivers, err := rivermigrate.New(riverpgxv5.New(session), nil)
	if err != nil {
		return fmt.Errorf("read River's migrations: %w", err)
	}
	return f(ours, rivers)
}

// migrationSession gives a pool of one connection that holds the lock from its
// first to its last moment. It is apart from the caller's pool, of which nothing
// is taken: callers that wait cannot starve the one that works, however small
// the pool is.
func migrationSession(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Pool, error) {
	c := pool.Config()
	c.MaxConns, c.MinConns, c.MinIdleConns = 1, 0, 0
	c.AfterConnect = lockMigrations
	session, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to migrate: %w", err)
	}
	if err := session.Ping(ctx); err != nil {
		session.Close()
		return nil, fmt.Errorf("connect to migrate: %w", err)
	}
	return session, nil
}

// lockRetry is how often a replica looks whether another one's migration is over.
const lockRetry = 100 * time.Millisecond

// lockMigrations waits for the lock, which ends with the connection. It asks
// again and again: a statement that waits in the server holds a snapshot, and
// CREATE INDEX CONCURRENTLY of the migration it waits for would wait for that.
func lockMigrations(ctx context.Context, conn *pgx.Conn) error {
	for {
		var locked bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&locked); err != nil || locked {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another process to migrate: %w", ctx.Err())
		case <-time.After(lockRetry):
		}
	}
}

func closeDB(db *sql.DB) { _ = db.Close() }
