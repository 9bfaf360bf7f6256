package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
)

// factTables hold what files say, each with file_id and repository_id.
var factTables = []string{"pages", "aliases", "links", "tags", "properties", "classes", "subclass_of", "relations",
	"owl_properties", "axioms", "diagnostics"}

func deleteFacts(b *pgx.Batch, fileID int64) {
	for _, t := range factTables {
		b.Queue("DELETE FROM kgsync."+t+" WHERE file_id = $1", fileID)
	}
}

type factCounts struct{ nodes, edges, classes, properties, axioms, relations int }

// insertFacts queues one statement per kind of fact that the document states.
func insertFacts(b *pgx.Batch, file, repo int64, d *parse.Document) factCounts {
	if d.Kind != parse.KindSkipped {
		b.Queue(`INSERT INTO kgsync.pages (file_id, repository_id, name, name_key, namespace, public, journal)
			VALUES ($1, $2, $3, $4, $5, $6, nullif($7, '')::date)`,
			file, repo, clean(d.Page.Name), key(d.Page.NameKey), clean(d.Page.Namespace), d.Page.Public, d.Page.Journal)
	}
	insertRows(b, file, repo, d.Aliases, "aliases (file_id, repository_id, alias, alias_key, line)", "text, text, int",
		func(a parse.Alias) []any { return []any{clean(a.Name), key(a.NameKey), a.Line} })
	insertRows(b, file, repo, d.Links, "links (file_id, repository_id, target, target_key, kind, line)", "text, text, text, int",
		func(l parse.Link) []any { return []any{clean(l.Target), key(l.TargetKey), string(l.Kind), l.Line} })
	insertRows(b, file, repo, d.Tags, "tags (file_id, repository_id, tag, tag_key, line)", "text, text, int",
		func(t parse.Tag) []any { return []any{clean(t.Name), key(t.NameKey), t.Line} })
	insertRows(b, file, repo, d.Properties, "properties (file_id, repository_id, key, value, block_line, line)", "text, text, int, int",
		func(p parse.Property) []any { return []any{clean(p.Key), clean(p.Value), p.Block, p.Line} })
	insertOntology(b, file, repo, d)
	for _, x := range d.Diagnostics {
		b.Queue(`INSERT INTO kgsync.diagnostics (file_id, repository_id, line, col, severity, code, message) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			file, repo, x.Line, x.Column, string(x.Severity), string(x.Code), clean(x.Message))
	}
	return count(d)
}

func insertOntology(b *pgx.Batch, file, repo int64, d *parse.Document) {
	insertRows(b, file, repo, d.Classes, "classes (file_id, repository_id, iri, label, definition, dialect, domain, maturity, status, term_id, metadata, line)",
		"text, text, text, text, text, text, text, text, jsonb, int",
		func(c parse.Class) []any {
			return []any{clean(c.IRI), clean(c.Label), clean(c.Definition), string(c.Dialect), clean(c.Domain), clean(c.Maturity),
				clean(c.Status), clean(c.TermID), cleanMap(c.Metadata), c.Line}
		})
	insertRows(b, file, repo, d.SubClassOf, "subclass_of (file_id, repository_id, class, parent, parent_iri, parent_key, dialect, line)",
		"text, text, text, text, text, int",
		func(c parse.SubClass) []any {
			return []any{clean(c.Class), clean(c.Parent), clean(c.ParentIRI), key(c.ParentKey), string(c.Dialect), c.Line}
		})
	insertRows(b, file, repo, d.Relations, "relations (file_id, repository_id, subject, predicate, object, object_iri, object_key, via, dialect, line)",
		"text, text, text, text, text, text, text, int",
		func(r parse.Relation) []any {
			return []any{clean(r.Subject), clean(r.Predicate), clean(r.Object), clean(r.ObjectIRI), key(r.ObjectKey), clean(r.Via), string(r.Dialect), r.Line}
		})
	insertRows(b, file, repo, d.OWLProperties, "owl_properties (file_id, repository_id, iri, type, label, domain, range, dialect, line)",
		"text, text, text, text, text, text, int",
		func(p parse.OWLProperty) []any {
			return []any{clean(p.IRI), p.Type, clean(p.Label), clean(p.Domain), clean(p.Range), string(p.Dialect), p.Line}
		})
	insertRows(b, file, repo, d.Axioms, "axioms (file_id, repository_id, type, subject, object, expression, dialect, line)",
		"text, text, text, text, text, int",
		func(a parse.Axiom) []any {
			return []any{clean(a.Type), clean(a.Subject), clean(a.Object), clean(a.Expression), string(a.Dialect), a.Line}
		})
}

// insertRows queues one INSERT ... SELECT unnest for all rows of one kind: a
// round trip's work does not grow with their number. types names the column
// types after file_id and repository_id; text, int and jsonb are known.
func insertRows[T any](b *pgx.Batch, file, repo int64, rows []T, target, types string, values func(T) []any) {
	if len(rows) == 0 {
		return
	}
	names := strings.Split(types, ", ")
	columns := make([]any, len(names))
	for _, r := range rows {
		for i, v := range values(r) {
			columns[i] = appendValue(columns[i], v, len(rows))
		}
	}
	var sql strings.Builder
	sql.WriteString("INSERT INTO kgsync." + target + " SELECT $1, $2, * FROM unnest(")
	for i, n := range names {
		if i > 0 {
			sql.WriteString(", ")
		}
		fmt.Fprintf(&sql, "$%d::%s[]", i+3, n)
	}
	sql.WriteString(")")
	b.Queue(sql.String(), append([]any{file, repo}, columns...)...)
}

// appendValue grows one column's slice, made on first use with room for n rows.
func appendValue(column, v any, n int) any {
	switch v := v.(type) {
	case int:
		list, _ := column.([]int)
		if list == nil {
			list = make([]int, 0, n)
		}
		return append(list, v)
	case map[string]string:
		list, _ := column.([]map[string]string)
		return append(list, v)
	default:
		list, _ := column.([]string)
		if list == nil {
			list = make([]string, 0, n)
		}
		return append(list, v.(string))
	}
}

func count(d *parse.Document) factCounts {
	nodes, edges := map[string]struct{}{}, map[[2]string]struct{}{}
	if d.Kind != parse.KindSkipped {
		nodes[d.Page.NameKey] = struct{}{}
	}
	for _, l := range d.Links {
		edges[[2]string{string(l.Kind), l.TargetKey}] = struct{}{}
		if l.Kind != parse.LinkBlock {
			nodes[l.TargetKey] = struct{}{}
		}
	}
	return factCounts{len(nodes), len(edges), len(d.Classes), len(d.OWLProperties), len(d.Axioms), len(d.Relations)}
}

// maxKeyBytes bounds what is indexed: a btree entry holds 2704 bytes at most.
const maxKeyBytes = 1000

// key makes a text fit an index: longer ones are clipped and told apart by a hash.
func key(s string) string {
	s = clean(s)
	if len(s) <= maxKeyBytes {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:maxKeyBytes-70], "") + "…" + hex.EncodeToString(sum[:])
}

// clean makes a text storable: Postgres takes neither NUL nor invalid UTF-8.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}

func cleanMap(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[clean(k)] = clean(v)
	}
	return out
}
