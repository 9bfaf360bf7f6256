package sync

import "testing"

// TestOnlySoManyArchivesWait: with more than have their turn in time all would be
// dropped.
func TestOnlySoManyArchivesWait(t *testing.T) {
	t.Parallel()
	p := newParked()
	for run := range int64(maxParked) {
		if p.full() || !p.park(run, &stream{}) {
			t.Fatalf("no room for archive %d", run)
		}
	}
	if !p.full() || p.park(maxParked, &stream{}) {
		t.Error("there is room for one more")
	}
	if p.take(1) == nil || p.full() || !p.park(maxParked, &stream{}) {
		t.Error("there is no room where one was")
	}
}
