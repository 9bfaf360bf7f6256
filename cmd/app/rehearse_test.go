package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kgsync/kgsync/internal/rehearse"
	"github.com/kgsync/kgsync/internal/samplevault"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

func TestAnOperatorRehearsesTheirRepository(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/vault"
	if err := samplevault.Repository(dir); err != nil {
		t.Fatal(err)
	}
	var out, msg bytes.Buffer
	o := rehearseOptions{repo: dir, databaseURL: storetest.Server(t), histories: 2, seed: 11, steps: 8, parallel: 2, json: true}
	if err := runRehearse(t.Context(), o, &out, &msg); err != nil {
		t.Fatalf("%v\n%s%s", err, msg.String(), out.String())
	}
	var r rehearseResult
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Totals.Histories != 2 || r.Totals.Files < 60 || len(r.Drift) != 0 {
		t.Errorf("%s", out.String())
	}
}

func TestARehearsalSaysWhatIsWrongWithItsInput(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]rehearseOptions{
		"--histories is 0":        {parallel: 1},
		"is not a git repository": {histories: 1, parallel: 1, repo: t.TempDir(), databaseURL: storetest.Server(t)},
	} {
		err := runRehearse(t.Context(), o, &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestADriftIsAnError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	drifted := &rehearse.Result{History: rehearse.History{Seed: 7}, Violations: []string{"a row is missing"}}
	err := reportRehearsal(rehearseOptions{}, &rehearse.Totals{Histories: 3, Drifted: []uint64{7}}, []*rehearse.Result{drifted}, &out)
	if err == nil || errors.Unwrap(err) != nil || !strings.Contains(out.String(), "VIOLATED: a row is missing") {
		t.Errorf("%v: %s", err, out.String())
	}
}
