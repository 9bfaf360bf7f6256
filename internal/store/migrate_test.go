package store_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t)
	for {
		list, err := store.Migrations(t.Context(), st.Pool())
		if err != nil {
			t.Fatal(err)
		}
		if !list[0].Applied {
			break
		}
		if err := store.MigrateDown(t.Context(), st.Pool()); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Migrate(t.Context(), st.Pool()); err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := st.Dump(t.Context(), 1, &dump); err != nil || dump.Len() != 0 {
		t.Errorf("dump of nothing: %q, %v", dump.String(), err)
	}
}

func TestReplicasMigrateAtOnce(t *testing.T) {
	t.Parallel()
	database := storetest.EmptyURL(t)
	pools := make([]*pgxpool.Pool, 4)
	for i := range pools {
		pools[i] = connect(t, database)
	}
	migrateAtOnce(t, pools...)
}

// A process whose pool is as small as it can be must not wait for itself.
func TestCallersOfOneSmallPoolMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"1", "2"} {
		u, err := url.Parse(storetest.EmptyURL(t))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("pool_max_conns", size)
		u.RawQuery = q.Encode()
		pool := connect(t, u.String())
		migrateAtOnce(t, pool, pool, pool, pool)
	}
}

func TestMigrationGivesUpWaitingWithItsContext(t *testing.T) {
	t.Parallel()
	pool := connect(t, storetest.EmptyURL(t))
	const kgsync = 0x6b6773796e63
	other, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	if _, err := other.Exec(t.Context(), "SELECT pg_advisory_lock($1)", int64(kgsync)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := store.Migrate(ctx, pool); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("migrate beside a held lock: %v", err)
	}
}

func connect(t *testing.T, database string) *pgxpool.Pool {
	t.Helper()
	pool, err := store.Connect(t.Context(), database, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// migrateAtOnce migrates a database through all pools at the same time and
// checks that all of it is there.
func migrateAtOnce(t *testing.T, pools ...*pgxpool.Pool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // a deadlock is a failure, not a hang
	defer cancel()
	errs := make(chan error, len(pools))
	for _, pool := range pools {
		go func() { errs <- store.Migrate(ctx, pool) }()
	}
	for range pools {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	list, err := store.Migrations(t.Context(), pools[0])
	if err != nil || len(list) == 0 {
		t.Fatalf("list of migrations: %v, %v", list, err)
	}
	for _, m := range list {
		if !m.Applied {
			t.Errorf("%s is not applied", m.Name)
		}
	}
}
