package github

import "time"

// Limits are what GitHub allows one caller, an installation or the App itself, over
// all processes (docs: rest/using-the-rest-api/rate-limits-for-the-rest-api). The
// primary limit is not among them: every answer tells it.
type Limits struct {
	Concurrent int           // requests in flight
	Points     int           // for each endpoint and Window; reading costs 1, writing 5
	CPU        time.Duration // of GitHub's, for each Window; the time until an answer begins counts as that
	Window     time.Duration
	Contents   int // check runs and the like, an hour
	Reserve    int // percent of the primary limit, and of what may be used at once, kept for pushes
}

// GitHubLimits are github.com's.
func GitHubLimits() *Limits {
	return &Limits{Concurrent: 100, Points: 900, CPU: 90 * time.Second, Window: time.Minute, Contents: 500, Reserve: 10}
}

// What a bucket holds and what flows into it are shares of a limit that come to less
// than all of it in any window, however the requests fall. The rest is for buckets
// that begin, after a restart, with firstPart.
const (
	burstPart = 0.27
	flowPart  = 2.0 / 3
	firstPart = 0.01
)

// bucket is a token bucket of a limit over all processes; each has its share of it.
type bucket struct {
	limit float64
	every time.Duration
	level float64
	at    time.Time // when it had that level
}

// newBucket begins as if it had filled since the process knows of its share.
func newBucket(limit float64, every time.Duration, since time.Time) *bucket {
	return &bucket{limit: limit, every: every, level: limit * firstPart, at: since}
}

// fill lets the time pass until now.
func (b *bucket) fill(now time.Time, share float64) {
	flow := b.limit * flowPart / b.every.Seconds() * share
	b.level = min(b.size(share), b.level+now.Sub(b.at).Seconds()*flow)
	b.at = now
}

func (b *bucket) size(share float64) float64 { return b.limit * burstPart * share }

// wait fills the bucket and says how long until it has n above what is kept of it, a
// part of its size. One that is too small to ever have so much gives what it has.
func (b *bucket) wait(now time.Time, share, n, kept float64) time.Duration {
	b.fill(now, share)
	size := b.size(share)
	if n = min(n+kept*size, size); b.level >= n || size == 0 {
		return 0
	}
	flow := b.limit * flowPart / b.every.Seconds() * share
	return time.Duration((n - b.level) / flow * float64(time.Second))
}

// take may leave the bucket in debt: what an answer costs is known after it.
func (b *bucket) take(n float64) { b.level -= n }
