package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/store"
	"github.com/kgsync/kgsync/internal/store/storetest"
)

// seed makes repositories 1 and 2 with the files a.md, b.md and c.md, which have
// the ids 11, 12, 13 and 21, 22, 23, and runs the statements.
func seed(t *testing.T, st *store.Store, statements ...string) {
	t.Helper()
	all := append([]string{
		`INSERT INTO kgsync.installations (id) VALUES (1)`,
		`INSERT INTO kgsync.repositories (id, installation_id, full_name) VALUES (1, 1, 'o/one'), (2, 1, 'o/two')`,
		`INSERT INTO kgsync.files (id, repository_id, path, wanted_generation, wanted_run_id, wanted_key) OVERRIDING SYSTEM VALUE
		 SELECT 10 * r + n, r, chr(96 + n) || '.md', 1, 1, '' FROM generate_series(1, 2) r, generate_series(1, 3) n`,
		`INSERT INTO kgsync.pages (file_id, repository_id, name, name_key, public)
		 SELECT id, repository_id, upper(left(path, 1)), left(path, 1), true FROM kgsync.files`,
	}, statements...)
	for _, sql := range all {
		if _, err := st.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func class(file int, iri string, line int) string {
	return fmt.Sprintf(`INSERT INTO kgsync.classes (file_id, repository_id, iri, label, definition, dialect, domain, maturity, status, term_id, metadata, line)
		VALUES (%d, %d, '%s', '', '', 'jsonld', '', '', '', '', '{}', %d)`, file, file/10, iri, line)
}

func below(file int, child, name, iri, key string, line int) string {
	return fmt.Sprintf(`INSERT INTO kgsync.subclass_of (file_id, repository_id, class, parent, parent_iri, parent_key, dialect, line)
		VALUES (%d, %d, '%s', '%s', '%s', '%s', 'jsonld', %d)`, file, file/10, child, name, iri, key, line)
}

func axiom(file int, kind, subject, object string, line int) string {
	return fmt.Sprintf(`INSERT INTO kgsync.axioms (file_id, repository_id, type, subject, object, expression, dialect, line)
		VALUES (%d, %d, '%s', '%s', '%s', '', 'functional', %d)`, file, file/10, kind, subject, object, line)
}

func link(file int, kind, target, key string, line int) string {
	return fmt.Sprintf(`INSERT INTO kgsync.links (file_id, repository_id, target, target_key, kind, line)
		VALUES (%d, %d, '%s', '%s', '%s', %d)`, file, file/10, target, key, kind, line)
}

// findings gives "path:line code" of repository 1, sorted, and checks that the
// other repository has none.
func findings(t *testing.T, st *store.Store) []string {
	t.Helper()
	rows, err := st.Pool().Query(t.Context(),
		`SELECT repository_id, format('%s:%s %s', path, line, code), message FROM kg.diagnostics`)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	var repository int64
	var finding, message string
	if _, err := pgx.ForEachRow(rows, []any{&repository, &finding, &message}, func() error {
		if repository != 1 || message == "" {
			t.Errorf("repository %d has %s: %q", repository, finding, message)
		}
		list = append(list, finding)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// TestWhatOnlyTheRepositoryShows states one thing of each kind that is wrong, and
// beside it what is right and must not be reported.
func TestWhatOnlyTheRepositoryShows(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t)
	seed(t, st,
		`INSERT INTO kgsync.aliases (file_id, repository_id, alias, alias_key, line) VALUES (13, 1, 'Sea', 'sea', 1)`,
		`INSERT INTO kgsync.properties (file_id, repository_id, key, value, block_line, line)
		 VALUES (12, 1, 'id', '11111111-2222-3333-4444-55555555555A', 1, 2)`,
		link(11, "page", "B", "b", 1), link(11, "page", "Sea", "sea", 2), link(11, "page", "Nobody", "nobody", 3),
		link(11, "tag", "todo", "todo", 4), link(11, "property", "x", "x", 4), link(11, "file", "b.md", "b", 5),
		link(11, "file", "gone.md", "gone", 6), link(11, "file", "picture.png", "picture.png", 7),
		link(11, "block", "11111111-2222-3333-4444-55555555555a", "11111111-2222-3333-4444-55555555555a", 8),
		link(11, "block", "99999999-2222-3333-4444-55555555555a", "99999999-2222-3333-4444-55555555555a", 9),

		class(11, "x:A", 10), class(12, "x:B", 10), class(13, "x:C", 10), axiom(13, "Declaration(Class)", "x:D", "", 11),
		below(11, "x:A", "B", "", "b", 12), below(11, "x:A", "Sea", "", "sea", 13), below(11, "x:A", "D", "x:D", "", 14),
		below(11, "x:A", "thing", "owl:Thing", "", 15), below(11, "x:A", "Z", "x:Z", "", 16), below(11, "x:A", "Zed", "", "zed", 17),
		class(13, "x:B", 20),
		// Now b.md is a second page A, and nothing is named B but the file.
		`UPDATE kgsync.pages SET name_key = 'a' WHERE file_id = 12`,
		class(21, "x:A", 1), class(22, "x:B", 1), below(21, "x:A", "B", "x:B", "", 1),
	)
	want := []string{
		"a.md:0 duplicate-title", "a.md:12 unresolved-superclass", "a.md:16 unresolved-superclass", "a.md:17 unresolved-superclass",
		"a.md:1 unresolved-link", "a.md:3 unresolved-link", "a.md:6 unresolved-link", "a.md:9 unresolved-link",
		"b.md:0 duplicate-title", "b.md:10 duplicate-iri", "c.md:20 duplicate-iri",
	}
	slices.Sort(want)
	if d := cmp.Diff(want, findings(t, st)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestCyclesOfClasses(t *testing.T) {
	t.Parallel()
	cycle := string(diag.ClassCycle)
	for name, c := range map[string]struct {
		edges, want []string
	}{
		"a diamond": {[]string{
			below(11, "x:A", "B", "x:B", "", 1), below(11, "x:A", "C", "x:C", "", 2), below(12, "x:B", "D", "x:D", "", 3), below(13, "x:C", "D", "x:D", "", 4)}, nil},
		"itself": {[]string{below(11, "x:A", "A", "x:A", "", 1), below(11, "x:A", "B", "x:B", "", 2)}, []string{"a.md:1 " + cycle}},
		"two, and a class between them": {[]string{
			below(11, "x:A", "B", "x:B", "", 1), below(11, "x:B", "A", "x:A", "", 2), below(11, "x:B", "C", "x:C", "", 3),
			below(12, "x:C", "D", "x:D", "", 4), axiom(13, "SubClassOf", "x:D", "x:A2", 5), below(13, "x:A2", "D", "x:D", "", 6)},
			[]string{"a.md:1 " + cycle, "a.md:2 " + cycle, "c.md:5 " + cycle, "c.md:6 " + cycle}},
		"by page names": {[]string{below(11, "x:A", "B", "", "b", 1), below(12, "x:B", "A", "", "a", 2)},
			[]string{"a.md:1 " + cycle, "b.md:2 " + cycle}},
		"a restriction": {[]string{axiom(11, "SubClassOf", "x:A", "ObjectSomeValuesFrom(x:p x:A)", 1)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t)
			seed(t, st, class(11, "x:A", 9), class(12, "x:B", 9), class(13, "x:C", 9), class(13, "x:D", 9), class(13, "x:A2", 9))
			for _, sql := range c.edges {
				if _, err := st.Pool().Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(c.want, findings(t, st)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestAnyHierarchyIsSearchedInLinearTime: neither a long chain, nor many ways
// between two classes, nor one great cycle takes more than a moment.
func TestAnyHierarchyIsSearchedInLinearTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edges string // child, parent of 1..10,000
		want  int
	}{
		"chain":   {`SELECT n, n + 1 FROM generate_series(1, 10000) n`, 0},
		"ladder":  {`SELECT n, n + d FROM generate_series(1, 10000) n, generate_series(1, 3) d`, 0},
		"circle":  {`SELECT n, n % 10000 + 1 FROM generate_series(1, 10000) n`, 10000},
		"circles": {`SELECT n, CASE WHEN n % 10 = 0 THEN n - 9 ELSE n + 1 END FROM generate_series(1, 10000) n`, 10000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t)
			seed(t, st, `INSERT INTO kgsync.subclass_of (file_id, repository_id, class, parent, parent_iri, parent_key, dialect, line)
				SELECT 11, 1, 'x:' || child, '', 'x:' || parent, '', 'jsonld', 1 FROM (`+c.edges+`) e(child, parent)`)
			var n int
			start := time.Now()
			if err := st.Pool().QueryRow(t.Context(), `SELECT count(*) FROM kgsync.class_cycles(1)`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s", time.Since(start).Round(time.Millisecond))
			if n != c.want {
				t.Errorf("%d statements in cycles, not %d", n, c.want)
			}
		})
	}
}
