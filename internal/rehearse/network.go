package rehearse

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// fate is what happens to one delivery on its way from GitHub to us.
type fate int

const (
	arrives    fate = iota
	lost            // GitHub sees no answer
	swallowed       // GitHub sees a 200 that nobody of us has sent
	doubled         // arrives twice
	held            // GitHub sees no answer; it arrives later, in any order
	unanswered      // arrives, but the answer is lost
	emptied         // arrives without its commits, as when there is nothing to list
	cutShort        // arrives with as many commits as GitHub lists at most, and not the last ones
	thinned         // arrives with some paths not named, as in a merge that changes what no commit lists
)

// network carries deliveries. It implements http.RoundTripper for the local
// GitHub and keeps count of what was answered.
type network struct {
	secret []byte
	client *http.Client

	mu       sync.Mutex
	targets  []string // base URLs of the processes alive
	fates    []fate   // of the next deliveries
	waiting  []*parcel
	answered map[string]int // GUID -> best status of ours
	pushes   map[string]pushSeen
}

// pushSeen is a push that some process answered 200.
type pushSeen struct{ Ref, After string }

// parcel is a delivery with its body read.
type parcel struct {
	header http.Header
	path   string
	body   []byte
}

var errLost = errors.New("the network lost it")

func newNetwork(secret string) *network {
	return &network{secret: []byte(secret), client: &http.Client{Transport: &http.Transport{}},
		answered: map[string]int{}, pushes: map[string]pushSeen{}}
}

func (n *network) setTargets(urls []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.targets = urls
}

// doom decides the next deliveries.
func (n *network) doom(f ...fate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fates = append(n.fates, f...)
}

func (n *network) next() fate {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.fates) == 0 {
		return arrives
	}
	f := n.fates[0]
	n.fates = n.fates[1:]
	return f
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	p := &parcel{header: r.Header.Clone(), path: r.URL.Path, body: body}
	ctx := r.Context()
	switch n.next() {
	case lost:
		return nil, errLost
	case swallowed:
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	case held:
		n.mu.Lock()
		n.waiting = append(n.waiting, p)
		n.mu.Unlock()
		return nil, errLost
	case doubled:
		if res, err := n.carry(ctx, p); err == nil {
			res.Body.Close()
		}
	case unanswered:
		if res, err := n.carry(ctx, p); err == nil {
			res.Body.Close()
		}
		return nil, errLost
	case emptied:
		p.rewrite(n.secret, func(push map[string]any) { push["commits"] = []any{} })
	case cutShort:
		p.rewrite(n.secret, cutCommits)
	case thinned:
		p.rewrite(n.secret, thin)
	}
	return n.carry(ctx, p)
}

// carry brings a parcel to one of the processes.
func (n *network) carry(ctx context.Context, p *parcel) (*http.Response, error) {
	n.mu.Lock()
	if len(n.targets) == 0 {
		n.mu.Unlock()
		return nil, errors.New("nobody listens")
	}
	target, err := url.Parse(n.targets[rand.IntN(len(n.targets))])
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	target.Path = p.path
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	r.Header = p.header.Clone()
	res, err := n.client.Do(r)
	if err != nil {
		return nil, err
	}
	n.account(p, res.StatusCode)
	return res, nil
}

func (n *network) account(p *parcel, status int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	guid := p.header.Get("X-Github-Delivery")
	if n.answered[guid] != http.StatusOK {
		n.answered[guid] = status
	}
	if status != http.StatusOK || p.header.Get("X-Github-Event") != "push" {
		return
	}
	var push pushSeen
	if json.Unmarshal(p.body, &push) == nil {
		n.pushes[guid] = push
	}
}

// release brings what was held, in any order.
func (n *network) release(ctx context.Context, rng *rand.Rand) int {
	n.mu.Lock()
	waiting := n.waiting
	n.waiting = nil
	n.mu.Unlock()
	rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	for _, p := range waiting {
		if res, err := n.carry(ctx, p); err == nil {
			res.Body.Close()
		}
	}
	return len(waiting)
}

// heal forgets the fates that nothing has met yet.
func (n *network) heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fates = nil
}

// accepted lists the GUIDs that were answered 200.
func (n *network) accepted() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []string
	for guid, status := range n.answered {
		if status == http.StatusOK {
			list = append(list, guid)
		}
	}
	return list
}

func (n *network) close() { n.client.CloseIdleConnections() }

// rewrite changes a push's payload and signs it again.
func (p *parcel) rewrite(secret []byte, change func(map[string]any)) {
	var push map[string]any
	if p.header.Get("X-Github-Event") != "push" || json.Unmarshal(p.body, &push) != nil {
		return
	}
	change(push)
	body, err := json.Marshal(push)
	if err != nil {
		return
	}
	p.body = body
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	p.header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
}

// cutCommits gives the first commit as often as GitHub lists commits at most, and no other.
func cutCommits(push map[string]any) {
	if commits, _ := push["commits"].([]any); len(commits) > 0 {
		push["commits"] = slices.Repeat(commits[:1], 2048)
	}
}

// thin removes every other path from the commits.
func thin(push map[string]any) {
	commits, _ := push["commits"].([]any)
	for _, c := range commits {
		commit, _ := c.(map[string]any)
		for _, key := range []string{"added", "modified", "removed"} {
			paths, _ := commit[key].([]any)
			kept := []any{}
			for i, path := range paths {
				if i%2 == 1 {
					kept = append(kept, path)
				}
			}
			commit[key] = kept
		}
	}
}
