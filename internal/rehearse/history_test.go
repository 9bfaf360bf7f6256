package rehearse

import (
	"path/filepath"
	"reflect"
	"testing"
)

func TestASeedIsOneHistory(t *testing.T) {
	t.Parallel()
	s := &Stage{}
	if a, b := s.History(7), s.History(7); !reflect.DeepEqual(a, b) {
		t.Errorf("two histories of one seed:\n%+v\n%+v", a, b)
	}
	if a, b := s.History(7), s.History(8); reflect.DeepEqual(a.Steps, b.Steps) {
		t.Error("two seeds gave one history")
	}
}

func TestEveryKindIsDrawn(t *testing.T) {
	t.Parallel()
	s := &Stage{}
	drawn := map[string]bool{}
	for seed := range uint64(400) {
		for _, step := range s.History(seed).Steps {
			drawn[step.Kind] = true
		}
	}
	names := map[string]bool{}
	for _, k := range Kinds() {
		if names[k.Name] {
			t.Errorf("%s is there twice", k.Name)
		}
		names[k.Name] = true
		if !drawn[k.Name] {
			t.Errorf("%s is never drawn", k.Name)
		}
	}
	if len(names) < 25 {
		t.Errorf("%d kinds of steps", len(names))
	}
}

func TestEmphasisChangesWhatIsDrawn(t *testing.T) {
	t.Parallel()
	only := map[string]int{}
	for _, k := range kinds {
		only[k.name] = 0
	}
	only["kill"] = 1
	for _, step := range (&Stage{config: Config{Emphasis: only}}).History(3).Steps {
		if step.Kind != "kill" {
			t.Errorf("drew %s", step.Kind)
		}
	}
}

func TestALedgerGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger")
	for seed := range uint64(3) {
		l, err := OpenLedger(path)
		if err != nil {
			t.Fatal(err)
		}
		if l.Has(seed) || seed > 0 && !l.Has(seed-1) {
			t.Errorf("seed %d: the ledger has %v", seed, l.entries)
		}
		r := newResult(History{Seed: seed, GroupSize: 50})
		r.Steps["edit"] = 2
		if seed == 1 {
			r.violate("something")
		}
		if err := l.Add(r); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l, err := OpenLedger(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only read
	if totals := l.Totals(); totals.Histories != 3 || totals.Steps["edit"] != 6 || !reflect.DeepEqual(totals.Drifted, []uint64{1}) {
		t.Errorf("totals %+v", totals)
	}
}
