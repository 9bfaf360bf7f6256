package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/samplevault"
)

func sqlDoc(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "sql.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// strs answers a query of one text column.
func (w *world) strs(sql string, args ...any) []string {
	w.t.Helper()
	rows, err := w.service.store.Pool().Query(w.t.Context(), sql, args...)
	w.ok(err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.ok(err)
	return list
}

var (
	viewSection = regexp.MustCompile(`(?s)\n## kg\.(\w+)\n\n([^\n]+)\n\n\| column \| meaning \|\n\|---\|---\|\n((?:\|[^\n]*\n)+)`)
	firstCell   = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\S")
	sqlBlock    = regexp.MustCompile("(?s)```sql\n(.*?)```")
)

// TestEveryViewIsDocumented holds docs/sql.md to the views of the database: their
// columns in order, and their comments.
func TestEveryViewIsDocumented(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var documented []string
	for _, m := range viewSection.FindAllStringSubmatch(sqlDoc(t), -1) {
		documented = append(documented, m[1])
		if comment := w.strs(`SELECT coalesce(obj_description(to_regclass('kg.' || $1)), '')`, m[1]); !slices.Equal(comment, []string{m[2]}) {
			t.Errorf("the comment on kg.%s is %q, documented is %q", m[1], comment, m[2])
		}
		var columns []string
		for _, cell := range firstCell.FindAllStringSubmatch(m[3], -1) {
			columns = append(columns, cell[1])
		}
		real := w.strs(`SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass('kg.' || $1) AND attnum > 0 ORDER BY attnum`, m[1])
		if !slices.Equal(columns, real) {
			t.Errorf("kg.%s has the columns\n%v, documented are\n%v", m[1], real, columns)
		}
	}
	same(t, "view", documented, w.strs(`SELECT table_name::text FROM information_schema.views WHERE table_schema = 'kg'`))
}

// TestEveryDocumentedQueryAnswers runs the queries of docs/sql.md on the sample vault.
func TestEveryDocumentedQueryAnswers(t *testing.T) {
	t.Parallel()
	w := sampleWorld(t)
	blocks := sqlBlock.FindAllStringSubmatch(sqlDoc(t), -1)
	if len(blocks) < 10 {
		t.Fatalf("only %d queries were found", len(blocks))
	}
	for _, m := range blocks {
		rows, err := w.service.store.Pool().Query(t.Context(), m[1])
		w.ok(err)
		list, err := pgx.CollectRows(rows, pgx.RowToMap)
		if err != nil || len(list) == 0 {
			t.Errorf("%d rows, %v:\n%s", len(list), err, m[1])
		}
	}
}

// sampleWorld is a world that has synced the sample vault.
func sampleWorld(t *testing.T) *world {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	if err := samplevault.WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir+"/")] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, files)
	w.install()
	return w
}

var (
	literal   = regexp.MustCompile(`'(\w+)'::text`)
	caseValue = regexp.MustCompile(`(?:THEN|ELSE) '(\w+)'::text`)
)

// TestEveryValueIsDocumented holds the enumerations of docs/sql.md to the constraints,
// to the views that compute them, and to the parser.
func TestEveryValueIsDocumented(t *testing.T) {
	t.Parallel()
	w := sampleWorld(t)
	quotedIn := func(re *regexp.Regexp, texts []string) (list []string) {
		for _, m := range re.FindAllStringSubmatch(strings.Join(texts, "\n"), -1) {
			list = append(list, m[1])
		}
		return list
	}
	constraint := func(name string) []string {
		return quotedIn(literal, w.strs(`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1`, name))
	}
	computed := func(view string) []string {
		return quotedIn(caseValue, w.strs(`SELECT pg_get_viewdef(to_regclass($1))`, view))
	}
	real := map[string][]string{
		"repositories.state":   computed("kg.repositories"),
		"files.state":          computed("kg.files"),
		"files.kind":           {string(parse.KindOntology), string(parse.KindKnowledgeGraph), string(parse.KindSkipped)},
		"nodes.type":           quotedIn(regexp.MustCompile(`'(\w+)'::text AS type`), w.strs(`SELECT pg_get_viewdef('kg.nodes'::regclass)`)),
		"links.kind":           {string(parse.LinkPage), string(parse.LinkProperty), string(parse.LinkTag), string(parse.LinkBlock), string(parse.LinkFile)},
		"runs.state":           constraint("runs_state_check"),
		"runs.trigger":         constraint("runs_trigger_check"),
		"run_files.outcome":    append(constraint("run_files_outcome_check"), "pending"),
		"classes.dialect":      {"ontology_block", "functional", "manchester", "jsonld"},
		"owl_properties.type":  {"ObjectProperty", "DataProperty", "AnnotationProperty"},
		"diagnostics.severity": {"error", "warning", "info"},
	}
	var documented []string
	for _, row := range doc(t, "sql.md") {
		column := names(row[0])[0]
		view, field, ok := strings.Cut(column, ".")
		if !ok {
			continue
		}
		documented = append(documented, column)
		same(t, "value of "+column+":", names(row[1]), real[column])
		for _, value := range w.strs(`SELECT DISTINCT ` + field + ` FROM kg.` + view) {
			if !slices.Contains(names(row[1]), value) {
				t.Errorf("%s is %q, which is not documented", column, value)
			}
		}
	}
	for column := range real {
		if !slices.Contains(documented, column) {
			t.Errorf("the values of %s are not documented", column)
		}
	}
}
