package main

import (
	"log/slog"
	"net/http"
	"testing"
)

func TestProfilesAreServedWhereAsked(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	if err := startDebug(t.Context(), address, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + address + "/debug/pprof/heap")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
	if err := startDebug(t.Context(), address, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("an address in use is no error")
	}
}
