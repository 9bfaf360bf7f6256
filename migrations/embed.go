// Package migrations holds the numbered SQL files of our schema. River's own
// tables are migrated by River (rivermigrate) and never copied here.
package migrations

import "embed"

// FS holds the migrations in goose's format, one file a step, up and down.
//
//go:embed *.sql
var FS embed.FS
