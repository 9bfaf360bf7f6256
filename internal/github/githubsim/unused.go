package githubsim

import (
	"net"
	"net/http"
	"sync"
)

// unusedConns knows the connections on which nothing was asked yet. A client dials
// ahead and then finds another connection free; http.Server.Shutdown would wait five
// seconds for a request on each of them.
type unusedConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// note is the server's ConnState.
func (u *unusedConns) note(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, c)
		return
	}
	if u.closed {
		_ = c.Close() // nobody asked anything on it
		return
	}
	u.conns[c] = struct{}{}
}

// close ends them, and those that still come.
func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for c := range u.conns {
		_ = c.Close() // nobody asked anything on it
	}
}
