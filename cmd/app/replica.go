package main

import (
	"context"
	"time"

	"github.com/kgsync/kgsync/internal/rehearse"
	"github.com/kgsync/kgsync/internal/store"
)

// rehearsed is a service as the rehearsal sees a process of the product.
type rehearsed struct{ *service }

// startRehearsed starts a service with all roles; it is a rehearse.Start.
func startRehearsed(ctx context.Context, s rehearse.Settings) (rehearse.Replica, error) {
	t := s.Times
	archives, blobs := "on", "keep"
	if s.NoArchives {
		archives = "off"
	}
	if s.DropBlobs {
		blobs = "off"
	}
	c := &config{GroupSize: s.GroupSize, bulkFiles: s.BulkFiles, Archives: archives, Blobs: blobs, DatabaseURL: secret(s.DatabaseURL), Listen: "127.0.0.1:0", GitHubURL: s.GitHubURL, AppID: s.AppID, privateKey: s.PrivateKeyPEM,
		WebhookSecrets: []secret{secret(s.WebhookSecret)}, Workers: 6, MaxWrites: store.DefaultMaxWrites, MaxFileBytes: t.MaxFileBytes, MaxAttempts: t.MaxAttempts,
		SettleDelay: t.SettleDelay, SettleLimit: t.SettleLimit, ReconcileEvery: t.ReconcileEvery, ListingEvery: t.ReconcileEvery, HealEvery: t.HealEvery,
		SweepEvery: t.SweepEvery, Grace: t.Grace, JobTimeout: t.JobTimeout, PlanLease: t.LeaseDuration}
	svc, err := newService(ctx, c, s.Logger, true)
	if err != nil {
		return nil, err
	}
	if err := svc.start(ctx, true); err != nil {
		return nil, err
	}
	return rehearsed{svc}, nil
}

// URL implements rehearse.Replica.
func (r rehearsed) URL() string { return r.url() }

// ClientID implements rehearse.Replica.
func (r rehearsed) ClientID() string { return r.runner.ClientID() }

// Stop implements rehearse.Replica.
func (r rehearsed) Stop() error { return r.stop() }

// Abandon implements rehearse.Replica.
func (r rehearsed) Abandon() {
	_ = r.http.Close() // nobody hears of an error of the dead
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_ = r.runner.Stop(ctx)
		r.leave()
		r.store.Pool().Close()
	}()
}
