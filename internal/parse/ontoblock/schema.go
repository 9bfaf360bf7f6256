package ontoblock

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// declaration is an OWL property, or a class, under construction.
type declaration struct {
	Property
	name            name
	block           int // of the outline
	characteristics []string
	inverse, super  name
}

// name is an IRI as written, and written out.
type name struct{ written, iri string }

// schemas reads declarations of OWL properties: owl:iri:: with owl:type::, and
// objectProperty:: or dataProperty:: lines. Domain, range and the like belong to
// the declaration before them that stands in the same block, in one around it,
// or in a sibling. The result marks the properties that it has used.
func (r *reader) schemas(o *logseq.Outline, shift int) []bool {
	taken := make([]bool, len(o.Properties))
	var open []*declaration // those that one line declares
	closeAll := func() {
		for _, d := range open {
			r.declare(d)
		}
		open = nil
	}
	for i := range o.Properties {
		p := &o.Properties[i]
		key := normal(p.RawKey)
		if len(open) > 0 && !near(o, open[0].block, p.Block) {
			closeAll()
		}
		if o == r.result.outline {
			r.turn(p)
		}
		line := p.Line + shift
		taken[i] = true
		switch key {
		case "owl-iri":
			kind := ""
			if len(open) == 1 && open[0].IRI == "" && open[0].block == p.Block {
				kind = open[0].Type // owl:type:: stood first
				open = nil
			}
			closeAll()
			open = []*declaration{r.declaration(p, p.Value, kind, line)}
		case "owl-type":
			if len(open) == 0 || open[0].Type != "" {
				closeAll()
				open = []*declaration{{block: p.Block}}
			}
			open[0].Type = entity(p.Value)
		case "object-property", "data-property", "datatype-property", "annotation-property":
			closeAll()
			open = r.declared(p, key, line)
		case "owl-functional-syntax":
			r.source(p, shift)
		default:
			taken[i] = false
			if len(open) > maxDeclared {
				continue
			}
			for _, d := range open {
				taken[i] = r.detail(d, key, p.Value, line)
			}
		}
	}
	closeAll()
	return taken
}

// maxDeclared is how many properties one line may declare for what follows to
// describe them all.
const maxDeclared = 64

// near reports whether a property of block b may describe what block a
// declares.
func near(o *logseq.Outline, a, b int) bool {
	if a == 0 {
		return b == 0 // the page's own properties
	}
	return o.Within(b, a) || o.Blocks[a].Parent >= 0 && o.Blocks[a].Parent == o.Blocks[b].Parent
}

// declared are the properties that an objectProperty:: line lists.
func (r *reader) declared(p *logseq.Property, key string, line int) []*declaration {
	kind := map[string]string{"object-property": "ObjectProperty", "annotation-property": "AnnotationProperty"}[key]
	if kind == "" {
		kind = "DataProperty"
	}
	var list []*declaration
	for _, item := range items(p.Value) {
		list = append(list, r.declaration(p, item, kind, line))
	}
	return list
}

func (r *reader) declaration(p *logseq.Property, value, kind string, line int) *declaration {
	n := name{written: plain(value)}
	n.iri = r.iri(n.written, line)
	return &declaration{Property: Property{IRI: n.iri, Type: kind, Line: line}, name: n, block: p.Block}
}

// detail reports whether the key describes a declaration.
func (r *reader) detail(d *declaration, key, value string, line int) bool {
	switch key {
	case "owl-domain", "domain":
		d.Domain = r.iri(plain(value), line)
	case "owl-range", "range":
		d.Range = r.iri(plain(value), line)
	case "owl-label", "label", "rdfs-label":
		d.Label = plain(value)
	case "owl-characteristics", "characteristics":
		d.characteristics = items(value)
	case "owl-inverse-of", "inverse-of":
		d.inverse = r.nameOf(value)
	case "owl-sub-property-of", "sub-property-of":
		d.super = r.nameOf(value)
	default:
		return false
	}
	return true
}

func (r *reader) nameOf(value string) name {
	n := name{written: plain(value)}
	n.iri, _ = r.expand(n.written)
	return n
}

// entity is the kind that owl:type:: names: "ObjectProperty" for that and for
// "owl:ObjectProperty" or "[[ObjectProperty]]".
func entity(value string) string {
	value = plain(value)
	value = value[strings.LastIndexByte(value, ':')+1:]
	if value == "DatatypeProperty" {
		return "DataProperty"
	}
	return value
}

func (r *reader) declare(d *declaration) {
	switch {
	case d.IRI == "":
	case d.Type == "Class":
		r.result.Classes = append(r.result.Classes, Class{IRI: d.IRI, Label: d.Label, Line: d.Line, Metadata: map[string]string{}})
	case strings.HasSuffix(d.Type, "Property"):
		r.result.Properties = append(r.result.Properties, d.Property)
		r.characterise(d)
	}
}

// characterise states the axioms that the characteristics, the inverse and the
// super-property of a declaration mean.
func (r *reader) characterise(d *declaration) {
	for _, c := range d.characteristics {
		r.axiom(d, plain(c)+d.Type, name{})
	}
	if d.inverse.written != "" {
		r.axiom(d, "Inverse"+strings.TrimSuffix(d.Type, "y")+"ies", d.inverse)
	}
	if d.super.written != "" {
		r.axiom(d, "Sub"+d.Type+"Of", d.super)
	}
}

// axiom keeps what OWL 2 has of a property and perhaps another one; "Reflexive"
// data properties and the like it has not.
func (r *reader) axiom(d *declaration, head string, other name) {
	args := []owlfs.Term{term(d.name.written)}
	if other.written != "" {
		args = append(args, term(other.written))
	}
	if a, err := owlfs.NewAxiom(owlfs.Term{Kind: owlfs.Call, Text: head, Args: args}, d.Line); err == nil {
		a.Subject, a.Object = d.name.iri, other.iri
		r.result.Axioms = append(r.result.Axioms, a)
	}
}

func term(iri string) owlfs.Term {
	if strings.Contains(iri, "://") || strings.HasPrefix(iri, "urn:") {
		return owlfs.Term{Kind: owlfs.IRI, Text: iri}
	}
	return owlfs.Term{Kind: owlfs.Name, Text: iri}
}

// source keeps the value of owl:functional-syntax:: unless it is a mere flag.
func (r *reader) source(p *logseq.Property, shift int) {
	switch {
	case p.Literal && p.Value != "":
		r.result.Sources = append(r.result.Sources, Source{Text: p.Value, Line: p.Line + 1 + shift})
	case owlfs.LooksLikeOWL(p.Value):
		r.result.Sources = append(r.result.Sources, Source{Text: p.Value, Line: p.Line + shift})
	}
}
