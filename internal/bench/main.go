// Command bench measures kgsync against floors and baselines taken in the same run,
// since the machines it runs on are noisy: `make bench` prints the tables and writes
// them into docs/benchmarks.md.
//
// It owns what is measured and how. The parts run as they do in production: the
// server is the built binary, Postgres and the local GitHub are processes of their
// own. It reads /proc, so it runs on Linux only. Nothing imports it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:           "bench",
		Short:         "Measure kgsync beside floors and baselines of the same run",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return runAll(c.Context(), o) },
	}
	f := c.PersistentFlags()
	f.StringVar(&o.program, "kgsync", "bin/kgsync", "the program to measure")
	f.StringVar(&o.corpus, "corpus", "", "folder of Markdown files; empty means the sample vault, many times")
	f.StringVar(&o.second, "metaverse", "", "another folder, of plain Markdown with OntologyBlocks, for the parser")
	f.IntVar(&o.copies, "copies", 8, "how often the folder stands in the large repository")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of what is compared; medians are shown")
	f = c.Flags()
	f.StringVar(&o.only, "only", "", "names of measurements, comma separated: "+names())
	f.StringVar(&o.write, "write", "", "Markdown file whose measured part is replaced")
	c.AddCommand(simulatorCommand(), acceptorCommand(), profileCommand(&o), pgoCommand(&o))
	return c
}
