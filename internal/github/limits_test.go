package github

import (
	"testing"
	"time"
)

// TestNoWindowSeesMoreThanTheLimit takes from buckets whenever they give, a share each
// and anew after a restart, and counts every window there is.
func TestNoWindowSeesMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	const limit, step = 900, 100 * time.Millisecond
	start := time.Now()
	shares := []float64{0.3, 0.3, 0.3}
	buckets := make([]*bucket, len(shares))
	for i := range buckets {
		buckets[i] = newBucket(limit, time.Minute, start)
	}
	var taken []int // in each step
	for n := range 3000 {
		now := start.Add(time.Duration(n) * step)
		if n%400 == 399 { // one is killed
			buckets[n%len(buckets)] = newBucket(limit, time.Minute, now)
		}
		took := 0
		if n > 600 { // after a quiet minute they are full
			for i, b := range buckets {
				for b.wait(now, shares[i], 1, 0) == 0 {
					b.take(1)
					took++
				}
			}
		}
		taken = append(taken, took)
	}
	most, total := 0, 0
	for from := range len(taken) - 600 {
		sum := 0
		for _, n := range taken[from : from+600] {
			sum += n
		}
		most = max(most, sum)
		total += taken[from]
	}
	if most > limit || most < limit*3/4 {
		t.Errorf("up to %d in a minute of %d", most, limit)
	}
	if total == 0 {
		t.Error("nothing was taken")
	}
}

func TestABucketKeepsAPartForPushes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := newBucket(900, time.Minute, now.Add(-time.Hour))
	n := 0
	for b.wait(now, 1, 1, keptInBucket) == 0 {
		b.take(1)
		n++
	}
	kept := 0
	for b.wait(now, 1, 1, 0) == 0 {
		b.take(1)
		kept++
	}
	if n < 150 || kept < 70 {
		t.Errorf("%d for all, then %d for pushes", n, kept)
	}
	if wait := b.wait(now, 1, 1, 0); wait > time.Second/9 {
		t.Errorf("a push waits %v for the next", wait)
	}
}
