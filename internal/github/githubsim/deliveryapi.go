package githubsim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// deliveryRetention is how long deliveries can be listed and redelivered.
// Source: docs, data/variables/webhooks.yml.
const deliveryRetention = 3 * 24 * time.Hour

// listDeliveries is GET /app/hook/deliveries: newest first, paged by a cursor,
// filtered by status=success (200-399) or failure (400-599), which leaves out
// attempts without an answer.
func (s *Server) listDeliveries(c *call) error {
	query := c.r.URL.Query()
	size := min(max(queryInt(c.r, "per_page", defaultPerPage), 1), maxPerPage)
	cursor, hasCursor := int64(0), query.Get("cursor") != ""
	if hasCursor {
		var err error
		if cursor, err = strconv.ParseInt(query.Get("cursor"), 10, 64); err != nil {
			return unprocessable("Invalid cursor")
		}
	}
	all := s.hook.retained(s.now(), func(a attempt) bool {
		return (!hasCursor || a.ID <= cursor) && statusMatches(query.Get("status"), a.StatusCode)
	})
	list := []map[string]any{}
	for _, a := range all[:min(size, len(all))] {
		list = append(list, a.summary())
	}
	if len(all) > size {
		query.Set("cursor", strconv.FormatInt(all[size].ID, 10))
		c.w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, c.base, c.r.URL.Path, query.Encode()))
	}
	return writeJSON(c.w, c.r, http.StatusOK, list)
}

func statusMatches(filter string, status int) bool {
	switch filter {
	case "success":
		return status >= 200 && status < 400
	case "failure":
		return status >= 400 && status < 600
	}
	return true
}

// getDelivery is GET /app/hook/deliveries/{id}, with request and response.
func (s *Server) getDelivery(c *call) error {
	a, err := s.findDelivery(c)
	if err != nil {
		return err
	}
	value := a.summary()
	value["url"] = a.url
	value["request"] = map[string]any{"headers": flatHeaders(a.request), "payload": json.RawMessage(a.Body)}
	if !json.Valid(a.Body) {
		value["request"] = map[string]any{"headers": flatHeaders(a.request), "payload": nil}
	}
	value["response"] = map[string]any{"headers": flatHeaders(a.response), "payload": a.responseBody}
	return writeJSON(c.w, c.r, http.StatusOK, value)
}

// redeliver is POST /app/hook/deliveries/{id}/attempts: accepted now, sent
// afterwards.
func (s *Server) redeliver(c *call) error {
	a, err := s.findDelivery(c)
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.r.Context())
	s.hook.redeliveries.Go(func() {
		if err := s.repeat(ctx, a); err != nil {
			s.config.Logger.Warn("redelivery failed", "delivery_id", a.GUID, "err", err)
		}
	})
	return writeJSON(c.w, c.r, http.StatusAccepted, map[string]any{})
}

func (s *Server) findDelivery(c *call) (attempt, error) {
	id, err := c.pathID("delivery_id")
	if err != nil {
		return attempt{}, err
	}
	found := s.hook.retained(s.now(), func(a attempt) bool { return a.ID == id })
	if len(found) == 0 {
		return attempt{}, notFound()
	}
	return found[0], nil
}

// retained lists the attempts that GitHub would still show, newest first.
func (h *hook) retained(now time.Time, match func(attempt) bool) []attempt {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []attempt
	for _, a := range h.attempts {
		if now.Sub(a.at) <= deliveryRetention && match(a) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b attempt) int { return int(b.ID - a.ID) })
	return list
}

func (a attempt) summary() map[string]any {
	status := http.StatusText(a.StatusCode)
	switch {
	case a.StatusCode == 0:
		status = "failed to connect to host"
	case a.StatusCode < 300:
		status = "OK"
	}
	value := map[string]any{
		"id": a.ID, "guid": a.GUID, "delivered_at": a.at.UTC().Format(time.RFC3339), "redelivery": a.redelivery,
		"duration": a.took.Seconds(), "status": status, "status_code": a.StatusCode, "event": a.Event,
		"action": nullable(a.action), "installation_id": nil, "repository_id": nil, "throttled_at": nil,
	}
	if a.installationID != 0 {
		value["installation_id"] = a.installationID
	}
	if a.repositoryID != 0 {
		value["repository_id"] = a.repositoryID
	}
	return value
}

func flatHeaders(h http.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name := range h {
		flat[name] = h.Get(name)
	}
	return flat
}
