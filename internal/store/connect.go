package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Connect opens a pool of at most maxConns connections (0: pgx's default) and
// checks that the database answers.
//
// The search path is fixed: with Postgres's default of "$user", public a role
// named like our schema would find or make River's and the migrations' tables there.
// Just-in-time compilation is off: it costs more than it gives on the views.
func Connect(ctx context.Context, url string, maxConns int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database URL is not a Postgres URL like postgres://user:password@host/database")
	}
	c.ConnConfig.RuntimeParams["search_path"] = "public"
	c.ConnConfig.RuntimeParams["jit"] = "off"
	if maxConns > 0 {
		c.MaxConns = max(c.MaxConns, int32(maxConns)) //nolint:gosec // a small number
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return pool, nil
}
