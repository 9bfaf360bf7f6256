package rehearse

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/store/storetest"
)

func TestACutWireIsAnEndedTransaction(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyURL(t)
	p, err := newProxy(url)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	direct, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close(t.Context())
	if _, err := direct.Exec(t.Context(), `CREATE TABLE written (n int)`); err != nil {
		t.Fatal(err)
	}
	through, err := pgx.Connect(t.Context(), p.url)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := through.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO written VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	sprung := make(chan struct{})
	p.setTrap(3, func() { // inside of COMMIT's message
		p.cut(true)
		close(sprung)
	})
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("the commit went through")
	}
	select {
	case <-sprung:
	case <-time.After(time.Minute):
		t.Fatal("the trap did not spring")
	}
	if _, err := pgx.Connect(t.Context(), p.url); err == nil {
		t.Error("a connection came through a wire that is cut")
	}
	var n int
	if err := direct.QueryRow(t.Context(), `SELECT count(*) FROM written`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are there, %v", n, err)
	}
	p.lift()
	again, err := pgx.Connect(t.Context(), p.url)
	if err != nil {
		t.Fatalf("after the lift: %v", err)
	}
	again.Close(t.Context())
}
