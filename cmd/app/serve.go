package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var role string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the GitHub App: webhooks, API and workers (configured by KGSYNC_*)",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if role != "all" && role != "web" && role != "worker" {
				return fmt.Errorf("--role is %q, choose all, web or worker", role)
			}
			config, err := loadConfig()
			if err != nil {
				return err
			}
			log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
			if err := startDebug(c.Context(), config.DebugListen, log); err != nil {
				return err
			}
			s, err := newService(c.Context(), config, log, role != "web")
			if err != nil {
				return err
			}
			// A worker serves health and metrics too.
			if err := s.start(c.Context(), true); err != nil {
				return err
			}
			log.Info("serving", "url", s.url(), "role", role, "version", version)
			<-c.Context().Done()
			log.Info("stopping")
			return s.stop()
		},
	}
	c.Flags().StringVar(&role, "role", "all", "all, web or worker")
	return c
}
