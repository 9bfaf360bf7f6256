package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
)

type options struct {
	program, corpus, second string
	copies, rounds          int
	only, write             string
}

// measurement is one table.
type measurement struct {
	name string
	run  func(context.Context, *lab) (*table, error)
}

func measurements() []measurement {
	return []measurement{
		{"parse", measureParse},
		{"hostile", measureHostile},
		{"sync", measureSync},
		{"scale", measureScale},
		{"workers", measureWorkers},
		{"push", measurePush},
		{"acks", measureAcks},
		{"views", measureViews},
	}
}

func names() string {
	var list []string
	for _, m := range measurements() {
		list = append(list, m.name)
	}
	return strings.Join(list, ", ")
}

// runAll takes the measurements that are asked for and reports each when it is there.
func runAll(ctx context.Context, o options) error {
	chosen := measurements()
	if o.only != "" {
		wanted := strings.Split(o.only, ",")
		chosen = slices.DeleteFunc(chosen, func(m measurement) bool { return !slices.Contains(wanted, m.name) })
		if len(chosen) != len(wanted) {
			return fmt.Errorf("--only is %q, choose from %s", o.only, names())
		}
	}
	if o.rounds < 1 || o.copies < 1 {
		return fmt.Errorf("--rounds is %d and --copies is %d, both must be at least 1", o.rounds, o.copies)
	}
	l, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	defer l.close()
	var done []*table
	for _, m := range chosen {
		fmt.Fprintf(os.Stderr, "measuring: %s\n", m.name)
		t, err := m.run(ctx, l)
		if err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
		t.name = m.name
		t.write(os.Stdout)
		done = append(done, t)
	}
	if o.write == "" {
		return nil
	}
	return writeInto(o.write, done)
}
