package rehearse

import (
	"context"
	"log/slog"
	"time"
)

// Settings of one process of the product.
type Settings struct {
	DatabaseURL   string
	GitHubURL     string
	AppID         int64
	PrivateKeyPEM []byte
	WebhookSecret string
	GroupSize     int  // files in one job of a bulk plan
	BulkFiles     int  // differences of a plan beyond which it is one; zero means the product's own
	NoArchives    bool // every file is fetched by a request of its own
	DropBlobs     bool // contents are not kept
	Times         Times
	Logger        *slog.Logger
}

// Times are the product's waits, shortened so that a history takes seconds.
type Times struct {
	SettleDelay, SettleLimit  time.Duration
	SweepEvery, HealEvery     time.Duration
	ReconcileEvery            time.Duration
	Grace                     time.Duration // how long a lost repository's data is kept
	MaxAttempts               int           // of one job
	MaxFileBytes              int64
	JobTimeout, LeaseDuration time.Duration
}

// shortTimes are those of every history. Reconcile and heal happen when a history
// says so: what must converge without them must be seen to.
func shortTimes() Times {
	return Times{
		SettleDelay: 120 * time.Millisecond, SettleLimit: 500 * time.Millisecond, SweepEvery: time.Second,
		HealEvery: time.Hour, ReconcileEvery: 24 * time.Hour, Grace: 24 * time.Hour, MaxAttempts: 4,
		JobTimeout: 5 * time.Second, LeaseDuration: 20 * time.Second,
	}
}

// Replica is one running process of the product, or what stands for one.
type Replica interface {
	// URL is where its web server answers.
	URL() string
	// ClientID is its name in River's attempted_by.
	ClientID() string
	// Stop ends it gracefully.
	Stop() error
	// Abandon frees what a killed process held. Its connections to the database
	// have been cut before and nothing that it does reaches anybody any more.
	Abandon()
}

// Start starts a process with all roles on a migrated database.
type Start func(ctx context.Context, s Settings) (Replica, error)
