package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// table is what one measurement found.
type table struct {
	name, title string
	head        []string
	rows        [][]string
	notes       []string
}

func (t *table) row(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch v := c.(type) {
		case float64:
			row[i] = fmt.Sprintf("%.2f", v)
		case time.Duration:
			row[i] = duration(v)
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	t.rows = append(t.rows, row)
}

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// duration rounds to three digits or so.
func duration(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// write prints Markdown.
func (t *table) write(w io.Writer) {
	fmt.Fprintf(w, "\n### %s\n\n| %s |\n|%s\n", t.title, strings.Join(t.head, " | "), strings.Repeat("---|", len(t.head)))
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(r, " | "))
	}
	for i, n := range t.notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "- %s\n", n)
	}
}

// writeInto replaces each table's part of the file, which stands between its marks.
func writeInto(path string, tables []*table) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	for _, t := range tables {
		begin, end := "<!-- measured: "+t.name+" -->\n", "<!-- end: "+t.name+" -->\n"
		before, rest, found := bytes.Cut(text, []byte(begin))
		_, after, ended := bytes.Cut(rest, []byte(end))
		if !found || !ended {
			return fmt.Errorf("%s has no lines %q and %q to write between", path, begin, end)
		}
		var b bytes.Buffer
		b.Write(before)
		b.WriteString(begin)
		t.write(&b)
		fmt.Fprintf(&b, "\nMeasured on %s.\n", time.Now().UTC().Format(time.DateOnly))
		b.WriteString(end)
		b.Write(after)
		text = b.Bytes()
	}
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // a document
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}
