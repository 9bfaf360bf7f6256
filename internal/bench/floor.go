package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// floor is the least that saving the corpus can take: read every file, decode its
// JSON with encoding/json, and one COPY a table of the rows that a sync has made,
// committed durably.
type floor struct {
	read, copied, bare time.Duration // bare is COPY into tables without indexes
}

func (f floor) wall() time.Duration { return f.read + f.copied }

// rowsOf takes the rows of a finished sync out, in COPY's binary format.
func rowsOf(ctx context.Context, conn *pgx.Conn) (map[string][]byte, error) {
	rows := map[string][]byte{}
	for _, t := range factTables {
		var b bytes.Buffer
		if _, err := conn.PgConn().CopyTo(ctx, &b, "COPY kgsync."+t+" TO STDOUT (FORMAT binary)"); err != nil {
			return nil, fmt.Errorf("take rows of %s: %w", t, err)
		}
		rows[t] = b.Bytes()
	}
	return rows, nil
}

// measureFloor reads the folder and copies the rows into tables of the same shape
// in the same database.
func measureFloor(ctx context.Context, conn *pgx.Conn, dir string, rows map[string][]byte) (f floor, err error) {
	begun := time.Now()
	if _, err := readAndDecode(dir); err != nil {
		return f, err
	}
	f.read = time.Since(begun)
	if f.copied, err = copyRows(ctx, conn, rows, "INCLUDING INDEXES"); err != nil {
		return f, err
	}
	f.bare, err = copyRows(ctx, conn, rows, "")
	return f, err
}

func copyRows(ctx context.Context, conn *pgx.Conn, rows map[string][]byte, including string) (time.Duration, error) {
	if _, err := conn.Exec(ctx, "CREATE SCHEMA floor"); err != nil {
		return 0, err
	}
	for t := range rows {
		if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE TABLE floor.%s (LIKE kgsync.%s %s)", t, t, including)); err != nil {
			return 0, err
		}
	}
	begun := time.Now()
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for t, b := range rows {
			if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(b), "COPY floor."+t+" FROM STDIN (FORMAT binary)"); err != nil {
				return fmt.Errorf("copy into %s: %w", t, err)
			}
		}
		return nil
	})
	took := time.Since(begun)
	if err == nil {
		_, err = conn.Exec(ctx, "DROP SCHEMA floor CASCADE")
	}
	return took, err
}

// readAndDecode is the floor of reading: every file's bytes, its fenced JSON decoded,
// its wikilinks counted. It gives the number of bytes.
func readAndDecode(dir string) (int64, error) {
	paths, err := markdown(dir)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, p := range paths {
		content, err := os.ReadFile(filepath.Clean(p))
		if err != nil {
			return 0, err
		}
		scanFloor(content)
		total += int64(len(content))
	}
	return total, nil
}

var fence = []byte("```")

// scanFloor decodes each fence of JSON and counts what looks like a wikilink.
func scanFloor(content []byte) (links int) {
	links = bytes.Count(content, []byte("[["))
	for rest := content; ; {
		_, after, found := bytes.Cut(rest, fence)
		if !found {
			return links
		}
		body, next, _ := bytes.Cut(after, fence)
		info, text, _ := bytes.Cut(body, []byte("\n"))
		if bytes.HasPrefix(info, []byte("json")) {
			var v any
			_ = json.Unmarshal(text, &v) // a broken one costs what it costs
		}
		rest = next
	}
}
