package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/store"
)

func migrateCommand() *cobra.Command {
	var f databaseFlags
	c := &cobra.Command{Use: "migrate up|down|status", Short: "Change or show the database schema's version", Args: cobra.ExactArgs(1), ValidArgs: []string{"up", "down", "status"}}
	f.add(c)
	c.Flags().Bool("json", false, "print JSON")
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(c.ValidArgs, args[0]) {
			return fmt.Errorf("%q is not a direction: choose up, down or status", args[0])
		}
		return f.withStore(c.Context(), func(st *store.Store) error {
			switch args[0] {
			case "up":
				return store.Migrate(c.Context(), st.Pool())
			case "down":
				return store.MigrateDown(c.Context(), st.Pool())
			default:
				list, err := store.Migrations(c.Context(), st.Pool())
				if err != nil {
					return err
				}
				if asJSON, _ := c.Flags().GetBool("json"); asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(list)
				}
				for _, m := range list {
					fmt.Fprintf(c.OutOrStdout(), "%-28s applied: %v\n", m.Name, m.Applied)
				}
				return nil
			}
		})
	}
	return c
}
