package githubsim

import (
	"maps"
	"sync"
)

// UnknownOperation counts requests that match no operation of this server.
const UnknownOperation = "unknown"

type requestCounter struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *requestCounter) add(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[string]int{}
	}
	c.count[operation]++
}

// Requests returns how often each operation was requested since the start or
// ResetRequests, answered by a fault or not. Keys are GitHub's operationIds
// (the Op constants).
func (s *Server) Requests() map[string]int {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	counts := make(map[string]int, len(s.requests.count))
	maps.Copy(counts, s.requests.count)
	return counts
}

// ResetRequests starts counting from zero.
func (s *Server) ResetRequests() {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	s.requests.count = nil
}
