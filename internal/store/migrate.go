package store

import (
	"context"
	"database/sql"
	"fmt"

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

// Migrate brings River's tables and ours to the newest version.
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
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock)) //nolint:errcheck // the lock ends with the connection at the latest

	db := stdlib.OpenDBFromPool(pool)
	defer closeDB(db)
	ours, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	rivers, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("read River's migrations: %w", err)
	}
	return f(ours, rivers)
}

func closeDB(db *sql.DB) { _ = db.Close() }
