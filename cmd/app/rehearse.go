package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/rehearse"
	"github.com/kgsync/kgsync/internal/store/embedded"
)

// rehearseOptions are the flags of rehearse.
type rehearseOptions struct {
	repo        string
	databaseURL string
	histories   int
	seed        uint64
	steps       int
	parallel    int
	json        bool
}

func rehearseCommand() *cobra.Command {
	var o rehearseOptions
	c := &cobra.Command{
		Use:   "rehearse",
		Short: "Put a copy of your repository through edits, faults and crashes, and prove that the graph converges",
		Long: `Rehearse clones the repository, installs kgsync on it at a local GitHub with throwaway databases, and plays
random histories: edits, renames, force pushes, lost and reordered deliveries, API faults, kills, Postgres crashes.
After each, every row must equal that of a fresh sync of the head. It exits 0 if all do. Your repository is only read.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runRehearse(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVar(&o.repo, "repo", "", "git repository to start from (none: a small vault that holds one of everything)")
	f.StringVar(&o.databaseURL, "database-url", "", "Postgres to make throwaway databases on, as a role with CREATEDB (none: a private one)")
	f.IntVar(&o.histories, "histories", 20, "how many histories")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the first history; the same seeds give the same histories")
	f.IntVar(&o.steps, "steps", 0, "steps of a history (0: 10 to 40, by its seed)")
	f.IntVar(&o.parallel, "parallel", 2, "histories at once")
	f.BoolVar(&o.json, "json", false, "print one JSON result on standard output")
	return c
}

// rehearseResult is what --json prints.
type rehearseResult struct {
	Totals *rehearse.Totals   `json:"totals"`
	Drift  []*rehearse.Result `json:"drift"` // each made as short as a minute allows
}

func runRehearse(ctx context.Context, o rehearseOptions, out, msg io.Writer) error {
	if o.histories < 1 || o.parallel < 1 || o.steps < 0 {
		return fmt.Errorf("--histories is %d and --parallel %d, choose at least 1; --steps is %d, choose 0 or more", o.histories, o.parallel, o.steps)
	}
	server := o.databaseURL
	if server == "" {
		fmt.Fprintln(msg, "Starting a private Postgres ...")
		pg, err := embedded.Start(ctx, embedded.Config{Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}}) // throwaway data
		if err != nil {
			return err
		}
		defer pg.Stop()
		server = pg.URL("postgres")
	}
	stage, err := rehearse.NewStage(ctx, rehearse.Config{Repository: o.repo, DatabaseServer: server, Start: startRehearsed, Steps: o.steps,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	ledger := &rehearse.Ledger{}
	drift, err := stage.Run(ctx, rehearse.Campaign{From: o.seed, Histories: o.histories, Parallel: o.parallel, Shrink: time.Minute, Ledger: ledger,
		Each: func(r *rehearse.Result) { fmt.Fprintln(msg, progressLine(r)) }})
	if cerr := stage.Close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return reportRehearsal(o, ledger.Totals(), drift, out)
}

func progressLine(r *rehearse.Result) string {
	state := "equal"
	if !r.Converged() {
		state = "DRIFTED: " + r.Violations[0]
	}
	return fmt.Sprintf("%v: %d files, %d rows, %.1f s: %s", r.History, r.Files, r.Rows, r.Duration.Seconds(), state)
}

// reportRehearsal prints the proof and fails if there is none.
func reportRehearsal(o rehearseOptions, totals *rehearse.Totals, drift []*rehearse.Result, out io.Writer) error {
	if o.json {
		if drift == nil {
			drift = []*rehearse.Result{}
		}
		if err := json.NewEncoder(out).Encode(rehearseResult{totals, drift}); err != nil {
			return err
		}
	} else {
		for _, r := range drift {
			fmt.Fprintln(out, r.Report())
		}
		totals.Write(out)
	}
	if n := len(totals.Drifted); n > 0 {
		return fmt.Errorf("%d of %d histories drifted: this is a bug of kgsync; report it with the lines above", n, totals.Histories)
	}
	return nil
}
