package ontoblock

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// block reads the OntologyBlock that block root of the outline opens. What
// stands before the first owl:class:: belongs to that class; each further one
// begins the next class. Properties that are marked as taken describe something
// else. Shift is added to line numbers.
func (r *reader) block(o *logseq.Outline, taken []bool, root, shift int) {
	title := o.Blocks[root].Line + shift
	classes := []*draft{{Class: Class{Line: title, Metadata: map[string]string{}}}}
	c := classes[0]
	from, to := o.PropertiesWithin(root)
	for i := from; i < to; i++ {
		p := &o.Properties[i]
		if taken[i] {
			continue
		}
		key := normal(p.RawKey)
		switch {
		case key == "owl-class":
			if c.IRI != "" {
				c = &draft{Class: Class{Metadata: map[string]string{}}}
				classes = append(classes, c)
			}
			c.Line = p.Line + shift
			c.IRI = r.iri(plain(p.Value), c.Line)
		case ignored[key]:
		case fields[key]:
			c.set(key, p.Value)
		default:
			c.relate(r, key, p, shift)
		}
	}
	if c = classes[0]; c.IRI == "" {
		r.report(diag.New(title, diag.Warning, diag.OntologyBlockNoClass,
			"this OntologyBlock declares no class: add owl:class:: with its IRI"))
	}
	for _, c := range classes {
		r.state(c)
	}
}

// draft is a class whose statements are being collected.
type draft struct {
	Class
	parents, relations []Relation
}

// relate reads a key that may be a relation; a value that names nothing is
// metadata. An item that names nothing among others that do is reported.
func (c *draft) relate(r *reader, key string, p *logseq.Property, shift int) {
	line := p.Line + shift
	targets, text := r.targets(key, p.Value, c.IRI, line)
	if len(targets) == 0 {
		c.set(key, p.Value)
		return
	}
	if len(text) > 0 {
		r.report(diag.New(line, diag.Warning, diag.OntologyBlockPlainItem,
			"%s:: states nothing of %q, which is neither a page in brackets nor an IRI: write [[ ]] around the name of a page",
			clip(p.RawKey), clip(strings.Join(text, ", "))))
	}
	for _, t := range targets {
		s := Relation{Predicate: predicate(p.RawKey), Object: t, Line: line}
		if parents[key] {
			c.parents = append(c.parents, s)
		} else {
			c.relations = append(c.relations, s)
		}
	}
}

// state adds a class and its statements to the result. A superclass of no class
// is nothing; a relation without one is the page's.
func (r *reader) state(c *draft) {
	out := &r.result
	if c.IRI != "" {
		r.missingFields(&c.Class)
		out.Classes = append(out.Classes, c.Class)
		for _, s := range c.parents {
			s.Subject = c.IRI
			out.SubClassOf = append(out.SubClassOf, s)
		}
	}
	for _, s := range c.relations {
		s.Subject = c.IRI
		out.Relations = append(out.Relations, s)
	}
}

func (r *reader) missingFields(c *Class) {
	for _, f := range []struct{ key, value string }{{"term-id", c.TermID}, {"preferred-term", c.Label}, {"definition", c.Definition}} {
		if f.value == "" {
			r.report(diag.New(c.Line, diag.Info, diag.OntologyBlockMissing, "this OntologyBlock has no %s::, which it should have", f.key))
		}
	}
}

// set keeps a field; the first value of a repeated key counts.
func (c *Class) set(key, value string) {
	for _, f := range []struct {
		key  string
		into *string
	}{
		{"term-id", &c.TermID}, {"preferred-term", &c.Label}, {"label", &c.Label}, {"rdfs-label", &c.Label},
		{"definition", &c.Definition}, {"maturity", &c.Maturity}, {"status", &c.Status},
		{"source-domain", &c.Domain}, {"domain", &c.Domain},
	} {
		if f.key == key {
			if *f.into == "" {
				*f.into = plain(value)
			}
			return
		}
	}
	if _, repeated := c.Metadata[key]; value != "" && !repeated {
		c.Metadata[key] = value
	}
}

// maxFindings is how many findings about one file are kept.
const maxFindings = 100

// clip shortens a text that a message quotes.
func clip(s string) string {
	const maxClip = 60 // bytes
	if len(s) <= maxClip {
		return s
	}
	return strings.ToValidUTF8(s[:maxClip], "") + "..."
}

func (r *reader) report(d diag.Diagnostic) {
	if len(r.result.Diagnostics) < maxFindings {
		r.result.Diagnostics = append(r.result.Diagnostics, d)
	}
}
