// Package webhook receives GitHub's deliveries: the route, the size limit, the
// signature, the decoding and the status codes.
//
// It imports nothing internal. What a delivery leads to is decided behind
// [Acceptor], which makes it durable; GitHub gets its 200 only then.
//
// Sources: GitHub docs webhooks/using-webhooks/validating-webhook-deliveries and
// webhooks/webhook-events-and-payloads.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Acceptor makes a delivery durable: without an error the delivery, its wanted
// state and its jobs are committed. A GUID seen before is accepted without work.
type Acceptor interface {
	Accept(ctx context.Context, d *Delivery) (Outcome, error)
}

// Outcome is what came of a delivery; each is acknowledged with 200.
type Outcome string

// The outcomes of a delivery that is durable.
const (
	Accepted  Outcome = "accepted"
	Duplicate Outcome = "duplicate" // its GUID was committed before
	Ignored   Outcome = "ignored"   // it concerns nothing that is followed: a tag, another branch, another event
)

// DefaultMaxBodyBytes is GitHub's cap of a payload: a larger event is never delivered.
const DefaultMaxBodyBytes = 25 << 20

// Config of a Handler. Secrets holds the current webhook secret and, during a
// rotation, others; at least one, none empty.
type Config struct {
	Secrets      [][]byte
	Acceptor     Acceptor
	Logger       *slog.Logger
	Registerer   prometheus.Registerer
	MaxBodyBytes int64 // 0 means DefaultMaxBodyBytes
}

// Handler answers POST /webhooks/github. It is safe for concurrent use.
type Handler struct {
	config  Config
	metrics *metrics
}

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if len(c.Secrets) == 0 {
		return nil, errors.New("no webhook secret is configured: set the App's webhook secret")
	}
	for _, s := range c.Secrets {
		if len(s) == 0 {
			return nil, errors.New("a webhook secret is empty: anybody could sign with it")
		}
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	return &Handler{config: c, metrics: newMetrics(c.Registerer)}, nil
}

// Register adds the handler's route.
func Register(e *echo.Echo, path string, h *Handler) { e.POST(path, h.Handle) }

// problem is a refusal: an HTTP status with the sentence that says what to do.
type problem struct {
	status  int
	outcome string
	detail  string
}

func (p *problem) Error() string { return p.detail }

// Handle answers one delivery.
func (h *Handler) Handle(c echo.Context) error {
	start := time.Now()
	r := c.Request()
	event, outcome, err := h.receive(r)
	h.metrics.delivery(event, outcome, time.Since(start))
	var p *problem
	switch {
	case errors.As(err, &p):
		return writeProblem(c, p)
	case err != nil:
		h.config.Logger.ErrorContext(r.Context(), "delivery not accepted", "delivery_id", r.Header.Get("X-GitHub-Delivery"), "event", event, "err", err)
		c.Response().Header().Set("Retry-After", "30")
		return writeProblem(c, &problem{http.StatusServiceUnavailable, outcome, "The delivery could not be made durable; redeliver it later."})
	}
	return c.JSON(http.StatusOK, map[string]string{"outcome": outcome})
}

func writeProblem(c echo.Context, p *problem) error {
	c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	return c.JSON(p.status, map[string]any{"type": "about:blank", "title": http.StatusText(p.status), "status": p.status, "detail": p.detail})
}

var guid = regexp.MustCompile(`^[0-9A-Za-z-]{8,64}$`)

// receive reads, checks and accepts one delivery and says how it went.
func (h *Handler) receive(r *http.Request) (event, outcome string, err error) {
	event = r.Header.Get("X-GitHub-Event")
	body, err := h.read(r)
	if err != nil {
		return event, outcomeOf(err), err
	}
	if err := h.verify(r.Header.Get("X-Hub-Signature-256"), body); err != nil {
		return event, outcomeOf(err), err
	}
	id := r.Header.Get("X-GitHub-Delivery")
	if event == "" || !guid.MatchString(id) {
		err := &problem{http.StatusBadRequest, "malformed", "X-GitHub-Event or X-GitHub-Delivery is missing or malformed."}
		return event, err.outcome, err
	}
	payload, err := unform(r.Header.Get("Content-Type"), body)
	if err != nil {
		return event, outcomeOf(err), err
	}
	d, err := decode(event, id, payload)
	if err != nil {
		return event, outcomeOf(err), err
	}
	if d == nil {
		return event, string(Ignored), nil
	}
	accepted, err := h.config.Acceptor.Accept(r.Context(), d)
	if err != nil {
		return event, "unavailable", err
	}
	return event, string(accepted), nil
}

func outcomeOf(err error) string {
	var p *problem
	if errors.As(err, &p) {
		return p.outcome
	}
	return "unavailable"
}

func (h *Handler) read(r *http.Request) ([]byte, error) {
	limit := h.config.MaxBodyBytes
	tooLarge := &problem{http.StatusRequestEntityTooLarge, "too_large", "The payload is larger than GitHub sends."}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, &problem{http.StatusBadRequest, "malformed", "The body broke off."}
	}
	if int64(len(body)) > limit {
		return nil, tooLarge
	}
	return body, nil
}

// verify accepts sha256 only, over the raw body, in constant time, by any secret.
func (h *Handler) verify(signature string, body []byte) error {
	refused := &problem{http.StatusUnauthorized, "bad_signature", "X-Hub-Signature-256 is missing or does not match: check the webhook secret."}
	hexed, ok := strings.CutPrefix(signature, "sha256=")
	if !ok {
		return refused
	}
	got, err := hex.DecodeString(hexed)
	if err != nil {
		return refused
	}
	for _, secret := range h.config.Secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), got) {
			return nil
		}
	}
	return refused
}

// unform takes the payload out of a form delivery; GitHub's default content type is form.
func unform(contentType string, body []byte) ([]byte, error) {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("payload") == "" {
		return nil, &problem{http.StatusBadRequest, "malformed", "The form has no payload field."}
	}
	return []byte(form.Get("payload")), nil
}
