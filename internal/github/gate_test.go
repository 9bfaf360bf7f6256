package github

import (
	"testing"
	"time"
)

// TestAWaitOfAnotherProcessCountsAsOurs: it may be told again and again.
func TestAWaitOfAnotherProcessCountsAsOurs(t *testing.T) {
	t.Parallel()
	var g gate
	now := time.Now()
	for range 3 {
		g.hear(now, time.Minute)
	}
	if got := g.wait(now); got != time.Minute {
		t.Errorf("waits %v", got)
	}
	if got := g.shut(now.Add(time.Minute), time.Minute, true); got != 2*time.Minute {
		t.Errorf("the next wait is %v, want twice as long", got)
	}
}
