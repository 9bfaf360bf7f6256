package githubsim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // GitHub still sends the legacy signature header
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// maxPayloadBytes is the size beyond which GitHub never sends an event.
	// Source: docs, webhooks/webhook-events-and-payloads.
	maxPayloadBytes = 25 << 20
	hookID          = 1
	// maxAttempts bounds the log of a long-lived server.
	maxAttempts      = 10_000
	maxResponseBytes = 64 << 10
)

// ErrPayloadTooLarge says that an event exceeds 25 MB: GitHub neither sends nor
// lists it.
var ErrPayloadTooLarge = errors.New("webhook payload is larger than 25 MB")

// Delivery is one attempt to deliver a webhook.
type Delivery struct {
	// ID is the attempt's own; GUID (X-GitHub-Delivery) stays the same when the
	// event is redelivered.
	ID          int64
	GUID, Event string
	// StatusCode of the answer; zero when there was none.
	StatusCode int
	// Body is the payload sent.
	Body []byte
}

// attempt is a Delivery with what the deliveries API shows besides.
type attempt struct {
	Delivery
	action                       string
	repositoryID, installationID int64
	at                           time.Time
	took                         time.Duration
	redelivery                   bool
	url                          string
	request, response            http.Header
	responseBody                 string
}

// hook is the App's webhook: its log, and the deliveries held or dropped.
type hook struct {
	redeliveries sync.WaitGroup

	mu       sync.Mutex
	attempts []attempt
	drop     int
	holding  bool
	held     []attempt
}

func newHook() *hook { return &hook{} }

// Deliver sends an event to the webhook URL, once, and logs the attempt
// whatever the answer; no answer at all is logged with status zero. The payload
// is JSON already ([]byte, json.RawMessage) or encoded here. Without a webhook
// URL nothing happens and the Delivery is zero. Errors: ErrPayloadTooLarge, and
// a payload or URL that cannot be used.
func (s *Server) Deliver(ctx context.Context, event string, payload any) (Delivery, error) {
	body, err := encodePayload(payload)
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver %s: %w", event, err)
	}
	if len(body) > maxPayloadBytes {
		return Delivery{}, fmt.Errorf("deliver %s: %w", event, ErrPayloadTooLarge)
	}
	s.mu.Lock()
	url := s.webhookURL
	s.mu.Unlock()
	if url == "" {
		return Delivery{}, nil
	}
	a := attempt{Delivery: Delivery{ID: s.newID(), GUID: newGUID(), Event: event, Body: body}, at: s.now(), url: url}
	a.describe()
	if s.hook.intercept(a) {
		return a.Delivery, nil
	}
	return s.attempt(ctx, a)
}

// Redeliver repeats the delivery with this GUID (X-GitHub-Delivery): same GUID
// and payload, new ID. It fails when the log knows no such GUID.
func (s *Server) Redeliver(ctx context.Context, guid string) error {
	a, ok := s.hook.last(func(a attempt) bool { return a.GUID == guid })
	if !ok {
		return fmt.Errorf("redeliver: no delivery has the GUID %s", guid)
	}
	return s.repeat(ctx, a)
}

func (s *Server) repeat(ctx context.Context, a attempt) error {
	s.mu.Lock()
	a.url = s.webhookURL
	s.mu.Unlock()
	if a.url == "" {
		return errors.New("redeliver: the App has no webhook URL")
	}
	a.ID, a.StatusCode, a.redelivery, a.at = s.newID(), 0, true, s.now()
	a.response, a.responseBody, a.took = nil, "", 0
	_, err := s.attempt(ctx, a)
	return err
}

// Deliveries returns every attempt, oldest first (the last 10,000). A dropped
// delivery is there with status zero; a held one only after its release.
func (s *Server) Deliveries() []Delivery {
	s.hook.mu.Lock()
	defer s.hook.mu.Unlock()
	list := make([]Delivery, len(s.hook.attempts))
	for i, a := range s.hook.attempts {
		list[i] = a.Delivery
	}
	return list
}

// DropDeliveries loses the next n deliveries: they are logged with status zero
// but never sent, until someone redelivers them.
func (s *Server) DropDeliveries(n int) {
	s.hook.mu.Lock()
	defer s.hook.mu.Unlock()
	s.hook.drop = n
}

// HoldDeliveries keeps deliveries back until release, which sends them in their
// order. Redeliveries are not held.
func (s *Server) HoldDeliveries() (release func(context.Context) error) {
	s.hook.mu.Lock()
	defer s.hook.mu.Unlock()
	s.hook.holding = true
	return func(ctx context.Context) error {
		s.hook.mu.Lock()
		held := s.hook.held
		s.hook.held, s.hook.holding = nil, false
		s.hook.mu.Unlock()
		var errs []error
		for _, a := range held {
			if _, err := s.attempt(ctx, a); err != nil {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
}

// intercept drops or holds an attempt; false lets it through.
func (h *hook) intercept(a attempt) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.drop > 0:
		h.drop--
		h.addLocked(a)
	case h.holding:
		h.held = append(h.held, a)
	default:
		return false
	}
	return true
}

func (h *hook) addLocked(a attempt) {
	h.attempts = append(h.attempts, a)
	if extra := len(h.attempts) - maxAttempts; extra > 0 {
		h.attempts = slices.Delete(h.attempts, 0, extra)
	}
}

func (h *hook) last(match func(attempt) bool) (attempt, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range slices.Backward(h.attempts) {
		if match(a) {
			return a, true
		}
	}
	return attempt{}, false
}

// attempt sends and logs.
func (s *Server) attempt(ctx context.Context, a attempt) (Delivery, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(a.Body))
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver %s: %w", a.Event, err)
	}
	s.setHookHeaders(request.Header, a)
	a.request = request.Header.Clone()
	begun := time.Now()
	answer, err := s.config.HTTPClient.Do(request)
	a.took = time.Since(begun)
	if err != nil {
		s.config.Logger.Warn("webhook got no answer", "delivery_id", a.GUID, "event", a.Event, "err", err)
		a.responseBody = err.Error()
	} else {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxResponseBytes))
		_ = answer.Body.Close()
		a.StatusCode, a.response, a.responseBody = answer.StatusCode, answer.Header, string(text)
	}
	s.hook.mu.Lock()
	defer s.hook.mu.Unlock()
	s.hook.addLocked(a)
	return a.Delivery, nil
}

// setHookHeaders: docs, webhooks/webhook-events-and-payloads#delivery-headers.
// Without a secret there is no signature.
func (s *Server) setHookHeaders(h http.Header, a attempt) {
	h.Set("Content-Type", "application/json")
	h.Set("Accept", "*/*")
	h.Set("User-Agent", "GitHub-Hookshot/local")
	h.Set("X-Github-Event", a.Event)
	h.Set("X-Github-Delivery", a.GUID)
	h.Set("X-Github-Hook-Id", strconv.Itoa(hookID))
	h.Set("X-Github-Hook-Installation-Target-Type", "integration")
	h.Set("X-Github-Hook-Installation-Target-Id", strconv.FormatInt(s.config.AppID, 10))
	if s.config.WebhookSecret == "" {
		return
	}
	sign := func(algorithm func() hash.Hash) string {
		mac := hmac.New(algorithm, []byte(s.config.WebhookSecret))
		mac.Write(a.Body)
		return hex.EncodeToString(mac.Sum(nil))
	}
	h.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New))
	h.Set("X-Hub-Signature", "sha1="+sign(sha1.New))
}

func encodePayload(payload any) ([]byte, error) {
	switch value := payload.(type) {
	case []byte:
		return value, nil
	case string:
		return []byte(value), nil
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode payload: %w", err)
	}
	return body, nil
}

// describe takes the fields the deliveries API lists out of the payload.
func (a *attempt) describe() {
	var known struct {
		Action       string             `json:"action"`
		Repository   struct{ ID int64 } `json:"repository"`
		Installation struct{ ID int64 } `json:"installation"`
	}
	if json.Unmarshal(a.Body, &known) == nil { // any bytes may be sent on purpose
		a.action, a.repositoryID, a.installationID = known.Action, known.Repository.ID, known.Installation.ID
	}
}

// newGUID is a random UUID (RFC 9562, version 4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
