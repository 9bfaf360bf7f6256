package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/parse"
)

// version is set when building (make build).
var version = "dev"

func versionCommand() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs}
	asJSON := c.Flags().Bool("json", false, "print JSON, with the parser's version and Go's")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if !*asJSON {
			_, err := fmt.Fprintln(c.OutOrStdout(), version)
			return err
		}
		return json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"version": version, "parser_version": parse.Version, "go_version": runtime.Version()})
	}
	return c
}
