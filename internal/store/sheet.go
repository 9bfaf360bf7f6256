package store

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// sheet collects rows for one fact table, column by column: they are inserted by
// one INSERT ... SELECT unnest, so that the round trips and the parsing of a batch
// do not grow with its rows. Each row is given its file, then the other columns in
// their order.
type sheet struct {
	sql     string
	files   []int64
	columns []column
	next    int
}

// column is a slice of one of these kinds, whichever its type needs.
type column struct {
	kind  string
	texts []string
	ints  []int32
	bools []bool
	dates []*string
	jsons []map[string]string
}

// newSheet takes the columns as "name type, ...".
func newSheet(table, columns string) sheet {
	s := sheet{}
	var names, values, arrays strings.Builder
	for i, c := range strings.Split(columns, ", ") {
		name, kind, _ := strings.Cut(c, " ")
		names.WriteString(", " + name)
		values.WriteString(", " + name + "::" + kind)
		arrays.WriteString(", $" + strconv.Itoa(i+3) + "::" + arrayOf(kind) + "[]")
		s.columns = append(s.columns, column{kind: kind})
	}
	s.sql = "INSERT INTO kgsync." + table + " (repository_id, file_id" + names.String() + ") SELECT $1, file_id" + values.String() +
		" FROM unnest($2::bigint[]" + arrays.String() + ") AS v (file_id" + names.String() + ")"
	return s
}

// arrayOf is the type that a column travels as: ISO dates are texts to us.
func arrayOf(kind string) string {
	if kind == "date" {
		return "text"
	}
	return kind
}

func (s *sheet) row(file int64) *sheet {
	s.files, s.next = append(s.files, file), 0
	return s
}

func (s *sheet) column() *column {
	s.next++
	return &s.columns[s.next-1]
}

func (s *sheet) text(v string) *sheet {
	c := s.column()
	c.texts = append(c.texts, v)
	return s
}

func (s *sheet) int(v int) *sheet {
	c := s.column()
	c.ints = append(c.ints, int32(v)) //nolint:gosec // a line or column of a file of bounded size
	return s
}

func (s *sheet) bool(v bool) *sheet {
	c := s.column()
	c.bools = append(c.bools, v)
	return s
}

// date takes an ISO date; "" is none.
func (s *sheet) date(v string) *sheet {
	c := s.column()
	var p *string
	if v != "" {
		p = &v
	}
	c.dates = append(c.dates, p)
	return s
}

func (s *sheet) json(v map[string]string) *sheet {
	c := s.column()
	c.jsons = append(c.jsons, v)
	return s
}

func (c *column) values() any {
	switch c.kind {
	case "int":
		return c.ints
	case "bool":
		return c.bools
	case "date":
		return c.dates
	case "jsonb":
		return c.jsons
	default:
		return c.texts
	}
}

// insert queues the rows, if there are any.
func (s *sheet) insert(b *pgx.Batch, repo int64) {
	if len(s.files) == 0 {
		return
	}
	args := make([]any, 0, len(s.columns)+2)
	args = append(args, repo, s.files)
	for i := range s.columns {
		args = append(args, s.columns[i].values())
	}
	b.Queue(s.sql, args...)
}
