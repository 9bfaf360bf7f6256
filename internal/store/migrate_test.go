package store_test

import (
	"bytes"
	"testing"

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
	url := storetest.URL(t)
	replica := func() *pgxpool.Pool {
		pool, err := store.Connect(t.Context(), url, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	first := replica()
	for range 3 {
		if err := store.MigrateDown(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	errs := make(chan error, 4)
	for range cap(errs) {
		pool := replica()
		go func() { errs <- store.Migrate(t.Context(), pool) }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
