package github

import (
	"errors"
	"time"
)

// pingAfter is how long an HTTP/2 connection may be silent before it must prove
// that it lives, and how long it has to do so.
const pingAfter = 15 * time.Second

// timeouts bound a request. The caller's context may be shorter.
type timeouts struct {
	idle    time.Duration // waiting for the answer to begin, or for its next bytes
	small   time.Duration // a whole request with a bounded answer
	listing time.Duration // a whole tree, its consumer's time included
	archive time.Duration // a whole archive, its consumer's time included
}

// GitHub ends its own work on a request after 10 s (docs:
// rest/using-the-rest-api/troubleshooting-the-rest-api, timeouts).
var defaultTimeouts = timeouts{idle: 30 * time.Second, small: 2 * time.Minute, listing: 15 * time.Minute, archive: 2 * time.Hour}

var (
	errStalled = errors.New("no data came for too long")
	errTooLong = errors.New("the whole request took too long")
)
