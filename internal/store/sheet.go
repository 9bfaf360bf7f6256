package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// sheet collects rows for one fact table in the binary format of COPY (Postgres
// documentation, COPY, "Binary Format"): it takes a third less of the server than
// INSERT does, and what a row holds is encoded once. Each row is given its file,
// then the table's other columns in their order.
type sheet struct {
	table   string
	columns []string
	repo    int64
	left    int // columns that the last row still lacks
	data    []byte
}

// copySignature begins the format: its name, no flags, no extension. copyEnd ends it.
const (
	copySignature = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	copyEnd       = "\xff\xff"
)

// newSheet takes the columns as "name, ...".
func newSheet(repo int64, table, columns string) *sheet {
	return &sheet{table: table, columns: strings.Split(columns, ", "), repo: repo}
}

// fixed are the columns that every fact table has.
var fixed = []string{"repository_id", "file_id"}

func (s *sheet) row(file int64) *sheet {
	s.whole()
	if len(s.data) == 0 {
		s.data = append(s.data, copySignature...)
	}
	s.left = len(s.columns)
	s.data = binary.BigEndian.AppendUint16(s.data, uint16(len(s.columns)+len(fixed))) //nolint:gosec // a handful
	return s.bigint(s.repo).bigint(file)
}

// whole panics if the last row is not: that is a mistake in this package.
func (s *sheet) whole() {
	if s.left != 0 {
		panic(fmt.Sprintf("a row of %s lacks %d columns", s.table, s.left))
	}
}

func (s *sheet) length(n int) {
	s.data = binary.BigEndian.AppendUint32(s.data, uint32(n)) //nolint:gosec // of a file of bounded size
}

func (s *sheet) bigint(v int64) *sheet {
	s.length(8)
	s.data = binary.BigEndian.AppendUint64(s.data, uint64(v)) //nolint:gosec // two's complement
	return s
}

func (s *sheet) text(v string) *sheet {
	s.left--
	s.length(len(v))
	s.data = append(s.data, v...)
	return s
}

func (s *sheet) int(v int) *sheet {
	s.left--
	s.length(4)
	s.data = binary.BigEndian.AppendUint32(s.data, uint32(v)) //nolint:gosec // a line or column of a file of bounded size
	return s
}

func (s *sheet) bool(v bool) *sheet {
	s.left--
	s.length(1)
	var b byte
	if v {
		b = 1
	}
	s.data = append(s.data, b)
	return s
}

// epoch is where Postgres begins to count days.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// date takes an ISO date; what is none is NULL.
func (s *sheet) date(v string) *sheet {
	day, err := time.Parse(time.DateOnly, v)
	if err != nil {
		s.left--
		s.length(-1)
		return s
	}
	return s.int(int(day.Sub(epoch) / (24 * time.Hour)))
}

// json is a jsonb: its version, then the text.
func (s *sheet) json(v map[string]string) *sheet {
	s.left--
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a map of texts is no JSON: %v", err))
	}
	s.length(1 + len(text))
	s.data = append(append(s.data, 1), text...)
	return s
}

// copy writes the rows, if there are any.
func (s *sheet) copy(ctx context.Context, tx pgx.Tx) error {
	if len(s.data) == 0 {
		return nil
	}
	s.whole()
	s.data = append(s.data, copyEnd...)
	sql := "COPY kgsync." + s.table + " (" + strings.Join(append(fixed[:len(fixed):len(fixed)], s.columns...), ", ") + ") FROM STDIN (FORMAT binary)"
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(s.data), sql); err != nil {
		return fmt.Errorf("copy into %s: %w", s.table, err)
	}
	return nil
}
