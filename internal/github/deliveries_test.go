package github

import (
	"fmt"
	"testing"
)

// TestDeliveriesAreListedFromAPageOn reads two pages, then the second by its name
// after newer deliveries have come.
func TestDeliveriesAreListedFromAPageOn(t *testing.T) {
	t.Parallel()
	s := simulate(t, map[string]string{"a.md": "a"})
	s.sim.SetWebhookURL("http://127.0.0.1:1/nobody")
	more := func(n int) {
		for range n / 2 {
			ok(t, s.sim.Suspend(t.Context(), s.ID()))
			ok(t, s.sim.Unsuspend(t.Context(), s.ID()))
		}
	}
	ids := func(page string) (on map[string][]int64, last string) {
		on = map[string][]int64{}
		for d, err := range s.app.Deliveries(t.Context(), page) {
			ok(t, err)
			on[d.Page] = append(on[d.Page], d.ID)
			last = d.Page
		}
		return on, last
	}
	more(120)
	all, second := ids("")
	if len(all) != 2 || len(all[""]) != 100 || second == "" {
		t.Fatalf("pages %v, want two", all)
	}
	more(10)
	if again, _ := ids(second); fmt.Sprint(again) != fmt.Sprint(map[string][]int64{second: all[second]}) {
		t.Errorf("from the second page on %v, want it alone: %v", again, all[second])
	}
}
