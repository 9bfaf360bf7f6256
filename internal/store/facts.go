package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/kgsync/kgsync/internal/parse"
	"github.com/kgsync/kgsync/internal/parse/diag"
)

// factTables hold what files say, each with file_id and repository_id. The trigger
// files_forget_facts deletes from them with the file.
var factTables = []string{"pages", "aliases", "links", "tags", "properties", "classes", "subclass_of", "relations",
	"owl_properties", "axioms", "diagnostics"}

func deleteFacts(b *pgx.Batch, files []int64) {
	for _, t := range factTables {
		b.Queue("DELETE FROM kgsync."+t+" WHERE file_id = ANY ($1)", files)
	}
}

// facts are the rows that the files of one batch state, a sheet a table.
type facts struct {
	pages, aliases, links, tags, properties               *sheet
	classes, subclasses, relations, owl, axioms, findings *sheet
}

func newFacts(repo int64) *facts {
	return &facts{
		pages:      newSheet(repo, "pages", "name, name_key, namespace, public, journal"),
		aliases:    newSheet(repo, "aliases", "alias, alias_key, line"),
		links:      newSheet(repo, "links", "target, target_key, kind, line"),
		tags:       newSheet(repo, "tags", "tag, tag_key, line"),
		properties: newSheet(repo, "properties", "key, value, block_line, line"),
		classes:    newSheet(repo, "classes", "iri, label, definition, dialect, domain, maturity, status, term_id, metadata, line"),
		subclasses: newSheet(repo, "subclass_of", "class, parent, parent_iri, parent_key, dialect, line"),
		relations:  newSheet(repo, "relations", "subject, predicate, object, object_iri, object_key, via, dialect, line"),
		owl:        newSheet(repo, "owl_properties", "iri, type, label, domain, range, dialect, line"),
		axioms:     newSheet(repo, "axioms", "type, subject, object, expression, dialect, line"),
		findings:   newSheet(repo, "diagnostics", "line, col, severity, code, message"),
	}
}

// copy writes the rows, one COPY a table that has any.
func (f *facts) copy(ctx context.Context, tx pgx.Tx) error {
	for _, s := range []*sheet{f.pages, f.aliases, f.links, f.tags, f.properties, f.classes, f.subclasses, f.relations, f.owl, f.axioms, f.findings} {
		if err := s.copy(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// add takes up what a file says.
func (f *facts) add(file int64, d *parse.Document) {
	if d.Kind != parse.KindSkipped {
		f.pages.row(file).text(clean(d.Page.Name)).text(key(d.Page.NameKey)).text(clean(d.Page.Namespace)).bool(d.Page.Public).date(d.Page.Journal)
	}
	for i := range d.Aliases {
		a := &d.Aliases[i]
		f.aliases.row(file).text(clean(a.Name)).text(key(a.NameKey)).int(a.Line)
	}
	for i := range d.Links {
		l := &d.Links[i]
		f.links.row(file).text(clean(l.Target)).text(key(l.TargetKey)).text(string(l.Kind)).int(l.Line)
	}
	for i := range d.Tags {
		t := &d.Tags[i]
		f.tags.row(file).text(clean(t.Name)).text(key(t.NameKey)).int(t.Line)
	}
	for i := range d.Properties {
		p := &d.Properties[i]
		f.properties.row(file).text(clean(p.Key)).text(clean(p.Value)).int(p.Block).int(p.Line)
	}
	f.addOntology(file, d)
	f.addFindings(file, d.Diagnostics)
}

func (f *facts) addOntology(file int64, d *parse.Document) {
	for i := range d.Classes {
		c := &d.Classes[i]
		f.classes.row(file).text(clean(c.IRI)).text(clean(c.Label)).text(clean(c.Definition)).text(string(c.Dialect)).text(clean(c.Domain)).
			text(clean(c.Maturity)).text(clean(c.Status)).text(clean(c.TermID)).json(cleanMap(c.Metadata)).int(c.Line)
	}
	for i := range d.SubClassOf {
		c := &d.SubClassOf[i]
		f.subclasses.row(file).text(clean(c.Class)).text(clean(c.Parent)).text(clean(c.ParentIRI)).text(key(c.ParentKey)).text(string(c.Dialect)).int(c.Line)
	}
	for i := range d.Relations {
		r := &d.Relations[i]
		f.relations.row(file).text(clean(r.Subject)).text(clean(r.Predicate)).text(clean(r.Object)).text(clean(r.ObjectIRI)).
			text(key(r.ObjectKey)).text(clean(r.Via)).text(string(r.Dialect)).int(r.Line)
	}
	for i := range d.OWLProperties {
		p := &d.OWLProperties[i]
		f.owl.row(file).text(clean(p.IRI)).text(p.Type).text(clean(p.Label)).text(clean(p.Domain)).text(clean(p.Range)).text(string(p.Dialect)).int(p.Line)
	}
	for i := range d.Axioms {
		a := &d.Axioms[i]
		f.axioms.row(file).text(clean(a.Type)).text(clean(a.Subject)).text(clean(a.Object)).text(clean(a.Expression)).text(string(a.Dialect)).int(a.Line)
	}
}

func (f *facts) addFindings(file int64, list []diag.Diagnostic) {
	for i := range list {
		x := &list[i]
		f.findings.row(file).int(x.Line).int(x.Column).text(string(x.Severity)).text(string(x.Code)).text(clean(x.Message))
	}
}

// factCounts are the rows that a file's facts are, as the statistics count them.
type factCounts struct{ nodes, edges, classes, properties, axioms, relations int }

func count(d *parse.Document) factCounts {
	type edge struct {
		kind   parse.LinkKind
		target string
	}
	nodes, edges := make(map[string]struct{}, len(d.Links)), make(map[edge]struct{}, len(d.Links))
	if d.Kind != parse.KindSkipped {
		nodes[d.Page.NameKey] = struct{}{}
	}
	for i := range d.Links {
		l := &d.Links[i]
		edges[edge{l.Kind, l.TargetKey}] = struct{}{}
		if l.Kind != parse.LinkBlock {
			nodes[l.TargetKey] = struct{}{}
		}
	}
	return factCounts{len(nodes), len(edges), len(d.Classes), len(d.OWLProperties), len(d.Axioms), len(d.Relations)}
}
