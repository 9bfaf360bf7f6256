package jsonld

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/piprate/json-gold/ld"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// generator makes documents of everything that JSON-LD 1.1 has, most of them
// valid.
type generator struct {
	*rand.Rand
	nodes int // that may still be made
}

func (g *generator) pick(of ...any) any { return of[g.IntN(len(of))] }

func (g *generator) text(of ...string) string { return of[g.IntN(len(of))] }

// context gives terms t0.. meanings.
func (g *generator) context(depth int) any {
	c := map[string]any{"ex": "http://ex.org/"}
	if g.IntN(3) == 0 {
		c["@vocab"] = g.pick("http://v.org/", "ex:")
	}
	if g.IntN(5) == 0 {
		c["@base"] = "http://base.org/a/b"
	}
	if g.IntN(5) == 0 {
		c["@language"] = g.pick("fr", "de-AT", nil)
	}
	if g.IntN(6) == 0 {
		c["@version"] = 1.1
	}
	if g.IntN(6) == 0 {
		c["id"], c["kind"] = "@id", "@type"
	}
	if g.IntN(6) == 0 {
		c["@propagate"] = g.IntN(2) == 0
	}
	for range 1 + g.IntN(8) {
		c[g.term()] = g.definition(depth)
	}
	if g.IntN(6) == 0 {
		c["types"] = map[string]any{"@id": "ex:types", "@container": "@type"}
	}
	switch {
	case depth == 0 && g.IntN(5) == 0:
		return []any{c, g.context(1)}
	case depth > 0 && g.IntN(12) == 0:
		return []any{nil, c}
	}
	return c
}

func (g *generator) term() string { return fmt.Sprint("t", g.IntN(9)) }

func (g *generator) definition(depth int) any {
	iri := "ex:" + fmt.Sprint("p", g.IntN(9))
	switch g.IntN(12) {
	case 0, 1:
		return iri
	case 2:
		return map[string]any{"@reverse": iri}
	case 3:
		return map[string]any{"@reverse": iri, "@type": "@id", "@container": g.pick("@set", "@index")}
	case 4:
		return g.pick(nil, "@nest", "@type", "@graph", "@included", "@list", "@value", "@language")
	}
	d := map[string]any{"@id": iri}
	if g.IntN(2) == 0 {
		d["@type"] = g.pick("@id", "@vocab", "@json", "@none", "http://www.w3.org/2001/XMLSchema#date", "ex:type", "http://www.w3.org/2001/XMLSchema#double")
	}
	if g.IntN(2) == 0 {
		d["@container"] = g.pick("@list", "@set", "@language", "@index", "@id", "@graph",
			[]any{"@graph", "@id"}, []any{"@graph", "@index"}, []any{"@set", "@language"}, []any{"@set", "@index"})
		if d["@container"] == "@language" || g.IntN(2) == 0 {
			delete(d, "@type")
		}
	}
	if g.IntN(5) == 0 && d["@type"] == nil {
		d["@language"] = g.pick("en", nil)
	}
	if g.IntN(5) == 0 && depth < 2 {
		d["@context"] = g.context(depth + 1)
	}
	if g.IntN(10) == 0 {
		d["@nest"] = "@nest"
	}
	if g.IntN(10) == 0 {
		d["@prefix"] = true
	}
	if g.IntN(10) == 0 && d["@container"] == "@index" {
		d["@index"] = "ex:index"
	}
	return d
}

func (g *generator) id() string {
	return g.text("ex:a", "ex:b", "ex:c", "_:x", "_:y", "http://ex.org/d", "rel", "#f", "", "t1:z")
}

func (g *generator) node(depth int) map[string]any {
	n := map[string]any{}
	g.nodes--
	if g.IntN(3) > 0 {
		n[g.text("@id", "@id", "@id", "id")] = g.id()
	}
	if g.IntN(3) == 0 {
		n[g.text("@type", "@type", "kind")] = g.pick("ex:T", "t2", []any{"t3", "_:t", "ex:U"})
	}
	if g.IntN(15) == 0 {
		n["@context"] = g.context(1)
	}
	if g.IntN(12) == 0 {
		n["@index"] = "i"
	}
	for range g.IntN(5) {
		switch g.IntN(16) {
		case 0:
			n["@reverse"] = map[string]any{g.key(): []any{g.node(depth + 1), map[string]any{"@id": g.id()}}}
		case 1:
			n["@graph"] = []any{g.node(depth + 1), g.node(depth + 1)}
		case 2:
			n["@included"] = []any{g.node(depth + 1)}
		case 3:
			n["types"] = map[string]any{"ex:T": []any{g.node(depth + 1)}, g.text("t1", "@none"): g.node(depth + 1)}
		case 4:
			n["@nest"] = map[string]any{g.key(): g.value(depth + 1), g.key(): g.value(depth + 1)}
		default:
			n[g.key()] = g.value(depth + 1)
		}
	}
	return n
}

func (g *generator) key() string {
	return g.text(g.term(), g.term(), g.term(), g.term(), "ex:q", "http://ex.org/r", "undefined", "_:p", "t4:k")
}

func (g *generator) scalar() any {
	return g.pick("x", "ex:a", "t2", "", true, false, 0.0, -5.0, 1.5, 1e21, 1e-7, 123456789.0, nil, "rel/x")
}

func (g *generator) value(depth int) any {
	if depth > 4 || g.nodes < 0 {
		return g.scalar()
	}
	switch g.IntN(12) {
	case 0, 1, 2:
		return g.node(depth)
	case 3:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(depth+1))
		}
		return list
	case 4:
		return map[string]any{"@list": []any{g.value(depth + 1), g.scalar()}}
	case 5:
		return map[string]any{"@set": []any{g.value(depth + 1), g.scalar()}}
	case 6:
		return map[string]any{"@value": g.scalar(), "@type": g.pick("ex:type", "@json", "t3")}
	case 7:
		return map[string]any{"@value": "x", "@language": g.pick("en", "fr-CA", "not a tag")}
	case 8: // a map of some kind
		return map[string]any{g.text("en", "@none", "ex:k", "de"): g.pick("w", []any{"w", "v"}, nil), g.text("fr", "rel", "ex:l"): g.value(depth + 1)}
	}
	return g.scalar()
}

// TestGeneratedDocumentsGiveTheTriplesOfAProcessor compares the graphs, blank
// nodes included, with those of the library's own conversion to RDF.
func TestGeneratedDocumentsGiveTheTriplesOfAProcessor(t *testing.T) {
	t.Parallel()
	const documents = 3000
	refused, empty, failures := 0, 0, 0
	for seed := range uint64(documents) {
		g := &generator{rand.New(rand.NewPCG(seed, 1)), 12}
		doc := g.node(0)
		doc["@context"] = g.context(0)
		src, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		outcome := compare(string(src))
		switch {
		case outcome == "refused":
			refused++
		case outcome == "empty":
			empty++
		case outcome != "":
			least := shrink(string(src), func(s string) bool { o := compare(s); return o != "" && o != "refused" && o != "empty" })
			t.Errorf("seed %d: %s\n%s", seed, least, compare(least))
			if failures++; failures > 5 {
				return
			}
		}
	}
	t.Logf("of %d documents %d are refused and %d say nothing", documents, refused, empty)
	if refused+empty > documents*4/5 {
		t.Errorf("of %d documents %d are refused and %d say nothing: the test is worth little", documents, refused, empty)
	}
}

// errKeyword is a document in which the library takes a keyword for an IRI.
var errKeyword = errors.New("a keyword is a name")

// compare says how our triples of a document differ from the library's: "" is not
// at all.
func compare(src string) string {
	want, err := processed([]byte(src))
	got, ourErr := walked(src)
	switch {
	case err != nil && ourErr != nil, strings.Contains(want, "JSON Canonicalization error"), strings.HasPrefix(fmt.Sprint(err), "panic"),
		errors.Is(err, errKeyword), strings.Contains(fmt.Sprint(err), "GenerateNodeMap"), strings.Contains(fmt.Sprint(err), "conflicting indexes"):
		return "refused" // by the library in its conversion only, some of them
	case err != nil || ourErr != nil:
		return fmt.Sprintf("the library says %v, we %v", err, ourErr)
	case want == "" && got == "":
		return "empty"
	}
	return cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n"))
}

// processed gives the library's triples of a document in canonical form.
func processed(src []byte) (s string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = "", fmt.Errorf("panic: %v", p)
		}
	}()
	var doc any
	if err := json.Unmarshal(src, &doc); err != nil {
		return "", err
	}
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader = &loader{reader: &reader{}, remote: map[string]bool{}}
	dataset, err := ld.NewJsonLdProcessor().ToRDF(doc, options)
	if err != nil {
		return "", err
	}
	var all []*ld.Quad
	for name, quads := range dataset.(*ld.RDFDataset).Graphs {
		if strings.HasPrefix(name, "@") && name != "@default" {
			return "", errKeyword
		}
		for _, q := range quads {
			if strings.HasPrefix(q.Subject.GetValue(), "@") {
				return "", errKeyword
			}
			if isRelative(q.Object) {
				continue // a relative type, which RDF does not have; the library lets it pass
			}
			if o, ok := q.Object.(ld.Literal); ok && (isJSONLiteral(o) || !isIRI(o.Datatype)) {
				continue // the library writes numbers in JSON literals otherwise than RFC 8785
			}
			all = append(all, ld.NewQuad(q.Subject, q.Predicate, q.Object, "@default"))
		}
	}
	return canonical(all)
}

// walked gives our triples of a document in canonical form.
func walked(src string) (string, error) {
	tape, _ := scan(src, Options{Line: 1})
	r := reader{tape: tape}
	var all []*ld.Quad
	for root := range tape.roots() {
		expanded, err := r.expandDocument(root)
		if err != nil {
			return "", err
		}
		for _, x := range triplesOf(expanded, &r.blanks, map[string]owlfs.Term{}) {
			if o := rdf(x.object); !isJSONLiteral(o) {
				all = append(all, ld.NewQuad(rdf(x.subject), ld.NewIRI(x.predicate), o, "@default"))
			}
		}
	}
	return canonical(all)
}

func isRelative(n ld.Node) bool {
	iri, ok := n.(ld.IRI)
	return ok && !isIRI(iri.Value)
}

func isJSONLiteral(n ld.Node) bool {
	literal, ok := n.(ld.Literal)
	return ok && literal.Datatype == rdfNamespace+"JSON"
}

func rdf(t owlfs.Term) ld.Node {
	switch t.Kind {
	case owlfs.Anonymous:
		return ld.NewBlankNode(t.Text)
	case owlfs.Literal:
		if language, ok := strings.CutPrefix(t.Suffix, "@"); ok {
			return ld.NewLiteral(t.Text, ld.RDFLangString, language)
		}
		datatype := strings.TrimPrefix(t.Suffix, "^^")
		if name, ok := strings.CutPrefix(datatype, "xsd:"); ok {
			datatype = xsdNamespace + name
		} else if name, ok := strings.CutPrefix(datatype, "rdf:"); ok {
			datatype = rdfNamespace + name
		}
		return ld.NewLiteral(t.Text, orElse(strings.Trim(datatype, "<>"), ld.XSDString), "")
	}
	return ld.NewIRI(t.Text)
}

// canonical gives triples as sorted N-Quads with canonical names of blank nodes.
func canonical(quads []*ld.Quad) (string, error) {
	d := ld.NewRDFDataset()
	seen := map[string]bool{}
	for _, q := range quads {
		key := fmt.Sprint(q.Subject, "\x00", q.Predicate, "\x00", q.Object)
		if !seen[key] {
			seen[key] = true
			d.Graphs["@default"] = append(d.Graphs["@default"], q)
		}
	}
	options := ld.NewJsonLdOptions("")
	options.Format = "application/n-quads"
	result, err := ld.NewNormalisationAlgorithm(ld.AlgorithmURDNA2015).Main(d, options)
	if err != nil {
		return "", err
	}
	return result.(string), nil
}
