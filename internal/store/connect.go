package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Connect opens a pool of at most maxConns connections (0, or where the URL names its
// own pool_max_conns: as pgx does) and checks that the database answers.
//
// The search path is fixed: with Postgres's default of "$user", public a role
// named like our schema would find or make River's and the migrations' tables there.
// Just-in-time compilation is off: it costs more than it gives on the views. A machine
// that vanishes in the middle of a transaction holds its locks for a minute, not for
// the two hours after which a kernel by itself asks whether a connection still is one.
func Connect(ctx context.Context, url string, maxConns int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database URL is not a Postgres URL like postgres://user:password@host/database")
	}
	c.ConnConfig.RuntimeParams["search_path"] = "public"
	c.ConnConfig.RuntimeParams["jit"] = "off"
	for name, value := range map[string]string{"idle_in_transaction_session_timeout": "60s",
		"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "4"} { // the last three in seconds, and ignored on sockets of the machine
		if _, set := c.ConnConfig.RuntimeParams[name]; !set {
			c.ConnConfig.RuntimeParams[name] = value
		}
	}
	if maxConns > 0 && !strings.Contains(url, "pool_max_conns") {
		c.MaxConns = int32(maxConns) //nolint:gosec // a small number
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
