package main

import "testing"

// outcomes reads how many deliveries of an event had an outcome.
func (w *world) outcomes(event, outcome string) int {
	w.t.Helper()
	families, err := w.service.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "kgsync_webhook_deliveries_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == event && m.GetLabel()[1].GetValue() == outcome {
				return int(m.GetCounter().GetValue())
			}
		}
	}
	return 0
}

// What is not followed and what came twice is acknowledged and told apart.
func TestDeliveriesAreCountedByOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	before, after := w.commit(map[string]string{"pages/Page 1.md": "public:: true\n\n- changed\n"})
	w.push(before, after)
	w.settled()
	deliveries := w.sim.Deliveries()
	if err := w.sim.Redeliver(t.Context(), deliveries[len(deliveries)-1].GUID); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"refs/tags/v1", "refs/heads/other"} {
		if _, err := w.git.Git("update-ref", ref, after); err != nil {
			t.Fatal(err)
		}
		if err := w.sim.Push(t.Context(), w.repo, ref, "", after); err != nil {
			t.Fatal(err)
		}
	}
	for outcome, want := range map[string]int{"accepted": 1, "duplicate": 1, "ignored": 2} {
		if got := w.outcomes("push", outcome); got != want {
			t.Errorf("%s pushes: %d, want %d", outcome, got, want)
		}
	}
}
