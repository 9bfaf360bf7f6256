package rehearse

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store"
)

// cluster makes throwaway databases on a Postgres server, cloned from a migrated
// template. Their names carry the process's id, so that several runs share a server.
type cluster struct {
	server   string // URL of a database to give orders in
	template string
	strategy string // of CREATE DATABASE
	number   atomic.Int64
}

func newCluster(ctx context.Context, server string) (*cluster, error) {
	c := &cluster{server: server, template: fmt.Sprintf("kgsync_rehearsal_%d", os.Getpid()), strategy: "wal_log"}
	if err := c.order(ctx, "CREATE DATABASE "+c.template); err != nil {
		return nil, fmt.Errorf("make a throwaway database (the role needs CREATEDB): %w", err)
	}
	pool, err := store.Connect(ctx, c.url(c.template), 0)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	var durable string
	if err := pool.QueryRow(ctx, "SHOW fsync").Scan(&durable); err != nil {
		return nil, fmt.Errorf("read the setting fsync: %w", err)
	}
	if durable == "off" { // a checkpoint is nearly free, and copying files takes a third of the time
		c.strategy = "file_copy"
	}
	return c, store.Migrate(ctx, pool)
}

// url leads to a database of the server; more are names and values of parameters.
func (c *cluster) url(name string, more ...string) string {
	u, err := url.Parse(c.server)
	if err != nil {
		return c.server
	}
	u.Path = "/" + name
	q := u.Query()
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func (c *cluster) order(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, c.server)
	if err != nil {
		return fmt.Errorf("connect to Postgres: %w", err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// create gives the name of a fresh migrated database.
func (c *cluster) create(ctx context.Context) (string, error) {
	name := fmt.Sprintf("%s_%d", c.template, c.number.Add(1))
	if err := c.order(ctx, "CREATE DATABASE "+name+" TEMPLATE "+c.template+" STRATEGY "+c.strategy); err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	return name, nil
}

func (c *cluster) drop(ctx context.Context, name string) error {
	if err := c.order(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

func (c *cluster) close(ctx context.Context) error { return c.drop(ctx, c.template) }
