package store_test

import (
	"testing"

	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// TestLocksOfAVanishedMachineEnd: every connection asks Postgres to end a transaction
// in which nobody speaks any more.
func TestLocksOfAVanishedMachineEnd(t *testing.T) {
	t.Parallel()
	pool, err := store.Connect(t.Context(), storetest.URL(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var idle string
	if err := pool.QueryRow(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&idle); err != nil || idle != "1min" {
		t.Errorf("a silent transaction ends after %s, %v", idle, err)
	}
	if n := pool.Config().MaxConns; n != 3 {
		t.Errorf("the pool has room for %d connections, want 3", n)
	}
}
