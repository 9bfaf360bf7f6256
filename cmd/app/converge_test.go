package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kgsync/kgsync/internal/rehearse"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// The settings of the convergence test, all optional:
//
//	KGSYNC_SEED       first seed (1); each seed is one history
//	KGSYNC_HISTORIES  how many (8)
//	KGSYNC_PARALLEL   at once (4)
//	KGSYNC_LEDGER     file that remembers what was played; a run goes on where it was
//	KGSYNC_HISTORY    a history as printed by a failure, played instead
//	KGSYNC_EMPHASIS   kinds of steps to draw more or less often, as kind=weight,kind=weight
//	KGSYNC_SHRINK     how long to look for a shorter history that drifts too (1m)
//	KGSYNC_LOG        level at which the product's log is shown
func TestAnyHistoryConverges(t *testing.T) {
	stage, err := rehearse.NewStage(t.Context(), rehearse.Config{DatabaseServer: storetest.Server(t), Start: startRehearsed,
		Logger: productLog(t), Emphasis: emphasis(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stage.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if v := os.Getenv("KGSYNC_HISTORY"); v != "" {
		replay(t, stage, v)
		return
	}
	ledger := &rehearse.Ledger{}
	if path := os.Getenv("KGSYNC_LEDGER"); path != "" {
		if ledger, err = rehearse.OpenLedger(path); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ledger.Close() })
	}
	drifted, err := stage.Run(t.Context(), rehearse.Campaign{From: uint64(number(t, "KGSYNC_SEED", 1)), Histories: number(t, "KGSYNC_HISTORIES", 8),
		Parallel: number(t, "KGSYNC_PARALLEL", 4), Shrink: shrink(t), Ledger: ledger, StopAtDrift: os.Getenv("KGSYNC_LEDGER") == ""})
	if err != nil {
		t.Error(err)
	}
	for _, r := range drifted {
		h, _ := json.Marshal(r.History)
		t.Errorf("%s\nreplay it: KGSYNC_HISTORY='%s' go test ./cmd/app -run %s\nor unshortened: KGSYNC_SEED=%d KGSYNC_HISTORIES=1 ...", r.Report(), h, t.Name(), r.History.Seed)
	}
	ledger.Totals().Write(t.Output())
}

// replay plays one history a few times: a failure repeats with some probability.
func replay(t *testing.T, stage *rehearse.Stage, text string) {
	var h rehearse.History
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatalf("KGSYNC_HISTORY: %v", err)
	}
	for range 5 {
		r, err := stage.Play(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(r.Report())
		if !r.Converged() {
			t.FailNow()
		}
	}
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("%s is %q, not a number", name, v)
	}
	return n
}

// shrink reads KGSYNC_SHRINK.
func shrink(t *testing.T) time.Duration {
	t.Helper()
	v := os.Getenv("KGSYNC_SHRINK")
	if v == "" {
		return time.Minute
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		t.Fatalf("KGSYNC_SHRINK: %v", err)
	}
	return d
}

// emphasis reads KGSYNC_EMPHASIS.
func emphasis(t *testing.T) map[string]int {
	t.Helper()
	weights := map[string]int{}
	for part := range strings.SplitSeq(os.Getenv("KGSYNC_EMPHASIS"), ",") {
		if part == "" {
			continue
		}
		kind, weight, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(weight)
		if err != nil || n < 0 {
			t.Fatalf("KGSYNC_EMPHASIS: %q is not kind=weight", part)
		}
		weights[kind] = n
	}
	return weights
}

// productLog hears the product when KGSYNC_LOG names a level such as INFO.
func productLog(t *testing.T) *slog.Logger {
	t.Helper()
	name := os.Getenv("KGSYNC_LOG")
	if name == "" {
		return nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		t.Fatalf("KGSYNC_LOG: %v", err)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
