// Command kgsync keeps a Postgres knowledge graph and OWL ontology in step with
// Markdown repositories on GitHub.
//
// This package wires the parts together: configuration, signals, subcommands. It
// may import everything.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	tuneGarbage()
	err := root().ExecuteContext(ctx)
	var exit exitCode
	switch {
	case errors.As(err, &exit): // what was wrong has been said
		os.Exit(int(exit))
	case err != nil:
		fmt.Fprintln(os.Stderr, "kgsync:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "kgsync",
		Short:         "Keep a Postgres knowledge graph in step with Markdown repositories on GitHub",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.AddCommand(devCommand(), serveCommand(), migrateCommand(), resyncCommand(), verifyCommand(), retryCommand(), cancelCommand(), watchCommand(), filesCommand(),
		psqlCommand(), dumpCommand(), healthCommand(), rehearseCommand(), versionCommand())
	for _, name := range []string{"export", "doctor"} {
		c.AddCommand(&cobra.Command{Use: name, Hidden: true, DisableFlagParsing: true, RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("%s is not available in this version", name)
		}})
	}
	return c
}
