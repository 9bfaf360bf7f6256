package github

import (
	"context"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// Delivery is one attempt to deliver a webhook. Attempts of the same event share
// the GUID. GitHub keeps them for three days and never retries by itself (docs:
// webhooks/using-webhooks/handling-failed-webhook-deliveries).
type Delivery struct {
	ID             int64     `json:"id"`
	GUID           string    `json:"guid"`
	Event          string    `json:"event"`
	Action         string    `json:"action"` // "" for events without
	DeliveredAt    time.Time `json:"delivered_at"`
	Redelivery     bool      `json:"redelivery"`
	Status         string    `json:"status"`      // "OK", or what went wrong
	StatusCode     int       `json:"status_code"` // 0: no answer
	InstallationID int64     `json:"installation_id"`
	RepositoryID   int64     `json:"repository_id"`
	Page           string    `json:"-"` // where [App.Deliveries] lists it and what is older; "" on the first page
}

// OK reports whether our endpoint accepted the attempt.
func (d Delivery) OK() bool { return d.StatusCode >= 200 && d.StatusCode < 300 }

// Deliveries lists the App's deliveries from a page on, newest first, of all outcomes:
// GitHub's own filter for failures may omit attempts without an answer. A page is
// named by the delivery that it begins with, so that newer ones do not move it (docs:
// rest/apps/webhooks, the parameter cursor).
func (a *App) Deliveries(ctx context.Context, page string) iter.Seq2[Delivery, error] {
	read := array[Delivery](opDeliveries)
	return listFrom(ctx, a.client, nil, opDeliveries, "app/hook/deliveries", "cursor", page, func(res *answer) ([]Delivery, error) {
		list, err := read(res)
		for i := range list {
			list[i].Page = res.Request.URL.Query().Get("cursor")
		}
		return list, err
	})
}

// Redeliver asks GitHub to send a delivery (its ID, not the GUID) again. It only
// orders it; the outcome is another Delivery.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	res, err := a.client.send(ctx, nil, request{op: opRedeliver, method: http.MethodPost,
		path: "app/hook/deliveries/" + strconv.FormatInt(id, 10) + "/attempts"})
	if err != nil {
		return err
	}
	return res.Body.Close()
}
