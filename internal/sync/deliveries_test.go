package sync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kgsync/kgsync/internal/github"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
	reposync "github.com/kgsync/kgsync/internal/sync"
)

// record is GitHub's record of failed deliveries, newest first, of which the test
// may read only some pages at a time.
type record struct {
	reposync.Directory
	list    []github.Delivery
	perPage int
	read    int // deliveries listed
	stop    int // before this one; 0: never
	why     error
	refuse  map[int64]error
	ordered []int64
}

func (r *record) Deliveries(ctx context.Context, page string) iter.Seq2[github.Delivery, error] {
	return func(yield func(github.Delivery, error) bool) {
		first := 0
		if page != "" {
			if _, err := fmt.Sscan(page, &first); err != nil {
				yield(github.Delivery{}, err)
				return
			}
		}
		for i := first; i < len(r.list); i++ {
			if r.stop != 0 && i == r.stop {
				err := r.why
				if err == nil {
					<-ctx.Done()
					err = ctx.Err()
				}
				yield(github.Delivery{}, err)
				return
			}
			d := r.list[i]
			if start := i / r.perPage * r.perPage; start > 0 {
				d.Page = fmt.Sprint(start)
			}
			r.read++
			if !yield(d, nil) {
				return
			}
		}
	}
}

func (r *record) Redeliver(_ context.Context, id int64) error {
	if err := r.refuse[id]; err != nil {
		return err
	}
	r.ordered = append(r.ordered, id)
	return nil
}

// scanning gives a record of so many deliveries, a minute apart, and who scans it.
func scanning(t *testing.T, n int) (*reposync.Syncer, *store.Store, *record) {
	t.Helper()
	r := &record{perPage: 10}
	for i := range n {
		r.list = append(r.list, github.Delivery{ID: int64(n - i), GUID: fmt.Sprint("guid ", n-i), Event: "push", StatusCode: 502,
			DeliveredAt: time.Now().Add(-time.Duration(i) * time.Minute)})
	}
	st := storetest.Open(t)
	return reposync.New(reposync.Parts{Store: st, Directory: r, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()},
		reposync.Options{}), st, r
}

// scanned gives the remembered deliveries and the scan's beginning, if it is complete.
func scanned(t *testing.T, st *store.Store) (missed int, complete time.Time) {
	t.Helper()
	if err := st.Pool().QueryRow(t.Context(), `SELECT count(*) FROM kgsync.missed_deliveries`).Scan(&missed); err != nil {
		t.Fatal(err)
	}
	scan, err := st.DeliveryScan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return missed, scan.Until
}

// TestAScanThatIsCutShortGoesOn reads a record that is too long for one scan: what is
// found is asked for, and the scan goes on at its page until it is complete.
func TestAScanThatIsCutShortGoesOn(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]error{"no time left": nil, "a server error": errors.New("502")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, r := scanning(t, 60)
			begun := time.Now()
			r.why = why
			for i, c := range []struct{ stop, missed, read int }{{25, 25, 25}, {47, 47, 27}, {0, 60, 20}} {
				r.stop, r.read = c.stop, 0
				ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second) // two thirds of it to read
				err := s.ScanDeliveries(ctx)
				cancel()
				if c.stop != 0 && !errors.Is(err, why) || c.stop == 0 && err != nil {
					t.Fatalf("scan %d: %v", i, err)
				}
				missed, complete := scanned(t, st)
				if missed != c.missed || len(r.ordered) != c.missed || r.read != c.read {
					t.Errorf("scan %d: %d found, %d asked for, %d read; want %d, %[5]d, %d", i, missed, len(r.ordered), r.read, c.missed, c.read)
				}
				if isComplete := complete.After(begun.Add(-time.Second)); isComplete != (c.stop == 0) {
					t.Errorf("scan %d: complete until %v", i, complete)
				}
			}
			if _, complete := scanned(t, st); complete.After(begun.Add(time.Second)) {
				t.Errorf("it is complete until %v, want when its first part began, %v", complete, begun)
			}
		})
	}
}

// TestAPageThatGitHubForgotBeginsTheScanAgain lets the page at which a scan should go
// on be refused.
func TestAPageThatGitHubForgotBeginsTheScanAgain(t *testing.T) {
	t.Parallel()
	s, st, r := scanning(t, 30)
	begun := time.Now()
	r.why = errors.New("no such cursor")
	for _, r.stop = range []int{20, 10} { // the second goes on at 10
		if err := s.ScanDeliveries(t.Context()); !errors.Is(err, r.why) {
			t.Fatal(err)
		}
	}
	r.stop, r.read = 0, 0
	if err := s.ScanDeliveries(t.Context()); err != nil {
		t.Fatal(err)
	}
	if missed, complete := scanned(t, st); missed != 30 || r.read != 30 || complete.Before(begun) {
		t.Errorf("%d found, %d read, complete until %v; want 30, 30 and the scan's beginning", missed, r.read, complete)
	}
}

// TestADeliveryThatCannotBeSentHoldsUpNoOther refuses the redelivery of one.
func TestADeliveryThatCannotBeSentHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err                error
		failed             bool
		ordered, left, due int
	}{
		"a server error":         {&github.Error{Class: github.Retry, Status: 502}, false, 4, 5, 0},
		"no such delivery":       {&github.Error{Class: github.Gone, Status: 404}, false, 4, 4, 0},
		"a limit, for all":       {&github.Error{Class: github.Wait, Status: 429}, true, 2, 5, 3},
		"a refused key, for all": {fmt.Errorf("%w: %w", &github.Error{Class: github.Broken, Status: 401}, github.ErrUnauthorized), true, 2, 5, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, st, r := scanning(t, 5)
			r.refuse = map[int64]error{3: c.err}
			if err := s.ScanDeliveries(t.Context()); (err != nil) != c.failed {
				t.Errorf("%v", err)
			}
			var due int
			if err := st.Pool().QueryRow(t.Context(), `SELECT count(*) FROM kgsync.missed_deliveries WHERE due_at <= now()`).Scan(&due); err != nil {
				t.Fatal(err)
			}
			if left, _ := scanned(t, st); len(r.ordered) != c.ordered || left != c.left || due != c.due {
				t.Errorf("%d asked for, %d remembered, %d due; want %d, %d, %d", len(r.ordered), left, due, c.ordered, c.left, c.due)
			}
		})
	}
}
