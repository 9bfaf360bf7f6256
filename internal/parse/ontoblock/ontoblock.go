// Package ontoblock reads ontology written as Logseq properties: OntologyBlock
// outlines, and property schemas of owl:iri:: and owl:type:: lines.
//
// It owns what the keys mean. It finds functional-syntax sources and hands them
// on unparsed. It is pure and total; it may import parse/diag, parse/logseq and
// the standard library.
package ontoblock

import (
	"regexp"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// Class is a class that a block declares.
type Class struct {
	IRI, Label, Definition, Domain, Maturity, Status, TermID string
	Metadata                                                 map[string]string
	Line                                                     int
}

// Target is a page or IRI that a value names. Page is "" for an IRI, IRI for a page.
type Target struct{ Name, IRI, Via string }

// Relation is one statement of a block; Predicate is is_subclass_of for superclasses.
type Relation struct {
	Subject, Predicate string
	Object             Target
	Line               int
}

// Property is a declared OWL property.
type Property struct {
	IRI, Type, Domain, Range string
	Line                     int
}

// Source is functional-style syntax given as the value of a property. Line is
// the 1-based line of its first line.
type Source struct {
	Text string
	Line int
}

// Result is what the outline declares.
type Result struct {
	Blocks      int // OntologyBlocks found
	Classes     []Class
	SubClassOf  []Relation
	Relations   []Relation
	Properties  []Property
	Sources     []Source
	InBlock     func(block int) bool // whether a block of the outline lies in an OntologyBlock
	Diagnostics []diag.Diagnostic
}

// Parse reads every OntologyBlock and property schema of the outline.
func Parse(o *logseq.Outline) Result {
	var r Result
	roots := roots(o)
	r.Blocks = len(roots)
	for _, root := range roots {
		r.block(o, root)
	}
	r.schema(o)
	r.InBlock = func(block int) bool {
		for _, root := range roots {
			if o.Within(block, root) {
				return true
			}
		}
		return false
	}
	return r
}

// IsTitle reports whether a heading or summary opens an OntologyBlock.
func IsTitle(s string) bool {
	s = strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}), ""))
	return strings.HasPrefix(s, "ontologyblock")
}

// roots gives the blocks that open an OntologyBlock, by heading or by summary.
func roots(o *logseq.Outline) []int {
	var list []int
	taken := func(i int) bool {
		for _, r := range list {
			if o.Within(i, r) {
				return true
			}
		}
		return false
	}
	summaries := map[int]bool{}
	for _, s := range o.Summaries {
		if IsTitle(s.Text) {
			summaries[s.Block] = true
		}
	}
	for i := range o.Blocks {
		b := &o.Blocks[i]
		if (summaries[i] || b.Heading > 0 && IsTitle(b.Title)) && !taken(i) {
			list = append(list, i)
		}
	}
	return list
}

// fields are the keys that describe the class itself, by their normal form.
var fields = map[string]bool{"term-id": true, "preferred-term": true, "definition": true, "source-domain": true, "status": true,
	"maturity": true, "owl-class": true, "ontology": true, "public-access": true, "last-updated": true, "version": true,
	"quality-score": true, "authority-score": true, "scope-note": true, "alt-terms": true, "source": true, "sources": true, "id": true,
	"collapsed": true, "owl-physicality": true, "owl-role": true, "owl-inferred-class": true, "owl-functional-syntax": true,
	"tags": true, "alias": true, "public": true, "title": true}

// normal folds the spellings of a key: owl:class, owl_class and owl-class are one.
func normal(key string) string {
	return strings.NewReplacer(":", "-", "_", "-", " ", "-").Replace(strings.ToLower(key))
}

func (r *Result) block(o *logseq.Outline, root int) {
	c := Class{Line: o.Blocks[root].Line, Metadata: map[string]string{}}
	var relations []logseq.Property
	for _, p := range o.Properties {
		if !o.Within(p.Block, root) {
			continue
		}
		key := normal(p.RawKey)
		switch {
		case key == "owl-class":
			if c.IRI == "" {
				c.IRI, c.Line = p.Value, p.Line
			}
		case key == "owl-functional-syntax":
			r.source(p)
		case !fields[key] && (isParent(key) || len(targets(p.Value)) > 0):
			relations = append(relations, p)
		default:
			c.set(key, p.Value)
		}
	}
	if c.IRI == "" {
		r.Diagnostics = append(r.Diagnostics, diag.New(o.Blocks[root].Line, diag.Warning, diag.OntologyBlockNoClass,
			"this OntologyBlock declares no class: add owl:class:: with its IRI"))
	} else {
		r.missing(&c)
		r.Classes = append(r.Classes, c)
	}
	for _, p := range relations {
		r.relate(c.IRI, p)
	}
}

func (r *Result) missing(c *Class) {
	for _, f := range []struct{ key, value string }{{"term-id", c.TermID}, {"preferred-term", c.Label}, {"definition", c.Definition}} {
		if f.value == "" {
			r.Diagnostics = append(r.Diagnostics, diag.New(c.Line, diag.Info, diag.OntologyBlockMissing, "this OntologyBlock has no %s::, which it should have", f.key))
		}
	}
}

func (c *Class) set(key, value string) {
	for _, f := range []struct {
		key  string
		into *string
	}{{"term-id", &c.TermID}, {"preferred-term", &c.Label}, {"definition", &c.Definition}, {"maturity", &c.Maturity}, {"status", &c.Status}, {"source-domain", &c.Domain}} {
		if f.key == key {
			if *f.into == "" {
				*f.into = value
			}
			return
		}
	}
	if key != "id" && key != "collapsed" {
		c.Metadata[key] = value
	}
}

func isParent(key string) bool {
	return key == "is-subclass-of" || key == "subclassof" || key == "subclass-of"
}

func (r *Result) relate(subject string, p logseq.Property) {
	key := normal(p.RawKey)
	for _, t := range targets(p.Value) {
		rel := Relation{Subject: subject, Predicate: predicate(p.RawKey), Object: t, Line: p.Line}
		switch {
		case isParent(key) && subject != "":
			r.SubClassOf = append(r.SubClassOf, rel)
		case !isParent(key):
			r.Relations = append(r.Relations, rel)
		}
	}
}

var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// predicate gives a key in lower_snake_case: hasPart and has-part are has_part.
func predicate(key string) string {
	return strings.ReplaceAll(normal(hump.ReplaceAllString(key, "$1-$2")), "-", "_")
}

var (
	page = regexp.MustCompile(`\[\[([^\[\]]+)\]\](?:\s+via\s+([^,\[\]]+))?`)
	iri  = regexp.MustCompile(`^<?[A-Za-z][\w.-]*:[^\s,<>]+>?$`)
)

// targets gives the pages and IRIs that a value names; none for plain text.
func targets(value string) []Target {
	var list []Target
	for _, m := range page.FindAllStringSubmatch(value, -1) {
		list = append(list, Target{Name: strings.TrimSpace(m[1]), Via: strings.TrimSpace(m[2])})
	}
	if len(list) > 0 {
		return list
	}
	for _, part := range strings.Split(value, ",") {
		part = strings.TrimSpace(part)
		if !iri.MatchString(part) || strings.Contains(part, "://") && !strings.HasPrefix(part, "<") {
			return nil
		}
		list = append(list, Target{Name: part, IRI: strings.Trim(part, "<>")})
	}
	return list
}

func (r *Result) source(p logseq.Property) {
	if p.Literal && p.Value != "" {
		r.Sources = append(r.Sources, Source{Text: p.Value, Line: p.Line + 1})
	}
}

// schema reads declarations of OWL properties: owl:iri:: with owl:type::, and
// objectProperty:: or dataProperty:: lines, each with domain and range.
func (r *Result) schema(o *logseq.Outline) {
	for i := range o.Blocks {
		var p Property
		for _, x := range o.BlockProperties(i) {
			switch normal(x.RawKey) {
			case "owl-iri":
				p.IRI, p.Line = x.Value, x.Line
			case "owl-type":
				p.Type = x.Value
			case "objectproperty":
				p.IRI, p.Type, p.Line = x.Value, "ObjectProperty", x.Line
			case "dataproperty":
				p.IRI, p.Type, p.Line = x.Value, "DataProperty", x.Line
			case "owl-domain", "domain":
				p.Domain = x.Value
			case "owl-range", "range":
				p.Range = x.Value
			case "owl-functional-syntax":
				if !r.has(x.Line + 1) {
					r.source(x)
				}
			}
		}
		if p.IRI != "" && strings.HasSuffix(p.Type, "Property") {
			r.Properties = append(r.Properties, p)
		}
	}
}

func (r *Result) has(line int) bool {
	for _, s := range r.Sources {
		if s.Line == line {
			return true
		}
	}
	return false
}
