package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthTimeout is how long a server may take to say that it is ready.
const healthTimeout = 5 * time.Second

// healthCommand asks a running server whether it is ready: for containers, which
// have no other program to ask with.
func healthCommand() *cobra.Command {
	c := &cobra.Command{Use: "health", Short: "Exit 0 if the running server is ready to work", Args: cobra.NoArgs}
	server := serverFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, server.path("/readyz"), nil)
		if err != nil {
			return fmt.Errorf("the server's address %q is not a URL", *server)
		}
		res, err := (&http.Client{Timeout: healthTimeout}).Do(req)
		if err != nil {
			return fmt.Errorf("reach the server (is it running? see --server): %w", err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("the server is not ready: /readyz answers %s", res.Status)
		}
		fmt.Fprintln(c.OutOrStdout(), "ready")
		return nil
	}
	return c
}
