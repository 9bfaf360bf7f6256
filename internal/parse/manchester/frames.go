package manchester

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// frameKind is the kind of entity that a frame describes.
type frameKind uint8

const (
	noFrame frameKind = iota
	classFrame
	objectFrame
	dataFrame
	annotationFrame
	individualFrame
	datatypeFrame
)

// frames are the frames that describe one entity, by their keyword. Entity is
// the keyword of its declaration.
var frames = map[string]struct {
	kind   frameKind
	entity string
}{
	"Class":              {classFrame, "Class"},
	"ObjectProperty":     {objectFrame, "ObjectProperty"},
	"DataProperty":       {dataFrame, "DataProperty"},
	"AnnotationProperty": {annotationFrame, "AnnotationProperty"},
	"Individual":         {individualFrame, "NamedIndividual"},
	"Datatype":           {datatypeFrame, "Datatype"},
}

// entry is what one entry of a section is.
type entry uint8

const (
	aClass entry = iota
	anObjectProperty
	aChain
	anIRI
	aDatatypeOrIRI
	anIndividual
	aDataRange
	aCharacteristic // gives its own axiom
	aFact           // gives its own axiom
	aKey            // gives its own axiom
	aPart           // all parts give one axiom
)

// item reads an entry that is one term.
func (p *parser) item(is entry) (owlfs.Term, bool) {
	switch is {
	case anObjectProperty:
		return p.objectProperty()
	case aChain:
		return p.chain()
	case anIRI:
		return p.iri()
	case aDatatypeOrIRI:
		return p.datatypeOrIRI()
	case anIndividual:
		return p.individual()
	case aDataRange:
		return p.dataRange()
	}
	return p.class()
}

// section says how the entries of one section become axioms: head(subject
// entry), or head(entry subject) if swapped.
type section struct {
	is      entry
	head    string
	swapped bool
}

// subject is the entity whose frame is being read.
type subject struct {
	term owlfs.Term
	kind frameKind
}

type sectionKey struct {
	frame frameKind
	word  string
}

// sections is the grammar of the frames: section 2.5 of the note, and the two
// Super.. sections that OWL tools write.
var sections = map[sectionKey]section{
	{classFrame, "SubClassOf"}:      {is: aClass, head: "SubClassOf"},
	{classFrame, "SuperClassOf"}:    {is: aClass, head: "SubClassOf", swapped: true},
	{classFrame, "EquivalentTo"}:    {is: aClass, head: "EquivalentClasses"},
	{classFrame, "DisjointWith"}:    {is: aClass, head: "DisjointClasses"},
	{classFrame, "DisjointUnionOf"}: {is: aPart, head: "DisjointUnion"},
	{classFrame, "HasKey"}:          {is: aKey},

	{objectFrame, "Domain"}:           {is: aClass, head: "ObjectPropertyDomain"},
	{objectFrame, "Range"}:            {is: aClass, head: "ObjectPropertyRange"},
	{objectFrame, "SubPropertyOf"}:    {is: anObjectProperty, head: "SubObjectPropertyOf"},
	{objectFrame, "SuperPropertyOf"}:  {is: anObjectProperty, head: "SubObjectPropertyOf", swapped: true},
	{objectFrame, "EquivalentTo"}:     {is: anObjectProperty, head: "EquivalentObjectProperties"},
	{objectFrame, "DisjointWith"}:     {is: anObjectProperty, head: "DisjointObjectProperties"},
	{objectFrame, "InverseOf"}:        {is: anObjectProperty, head: "InverseObjectProperties"},
	{objectFrame, "Characteristics"}:  {is: aCharacteristic},
	{objectFrame, "SubPropertyChain"}: {is: aChain, head: "SubObjectPropertyOf", swapped: true},

	{dataFrame, "Domain"}:          {is: aClass, head: "DataPropertyDomain"},
	{dataFrame, "Range"}:           {is: aDataRange, head: "DataPropertyRange"},
	{dataFrame, "SubPropertyOf"}:   {is: anIRI, head: "SubDataPropertyOf"},
	{dataFrame, "SuperPropertyOf"}: {is: anIRI, head: "SubDataPropertyOf", swapped: true},
	{dataFrame, "EquivalentTo"}:    {is: anIRI, head: "EquivalentDataProperties"},
	{dataFrame, "DisjointWith"}:    {is: anIRI, head: "DisjointDataProperties"},
	{dataFrame, "Characteristics"}: {is: aCharacteristic},

	{annotationFrame, "Domain"}:          {is: anIRI, head: "AnnotationPropertyDomain"},
	{annotationFrame, "Range"}:           {is: aDatatypeOrIRI, head: "AnnotationPropertyRange"},
	{annotationFrame, "SubPropertyOf"}:   {is: anIRI, head: "SubAnnotationPropertyOf"},
	{annotationFrame, "SuperPropertyOf"}: {is: anIRI, head: "SubAnnotationPropertyOf", swapped: true},

	{individualFrame, "Types"}:         {is: aClass, head: "ClassAssertion", swapped: true},
	{individualFrame, "Facts"}:         {is: aFact},
	{individualFrame, "SameAs"}:        {is: anIndividual, head: "SameIndividual"},
	{individualFrame, "DifferentFrom"}: {is: anIndividual, head: "DifferentIndividuals"},

	{datatypeFrame, "EquivalentTo"}: {is: aDataRange, head: "DatatypeDefinition"},
}

// lists are the frames without a subject: an axiom over a list of items. The
// ones over properties have a head for data properties too.
var lists = map[string]struct {
	is         entry
	head, data string
}{
	"EquivalentClasses":    {aClass, "EquivalentClasses", ""},
	"DisjointClasses":      {aClass, "DisjointClasses", ""},
	"EquivalentProperties": {anObjectProperty, "EquivalentObjectProperties", "EquivalentDataProperties"},
	"DisjointProperties":   {anObjectProperty, "DisjointObjectProperties", "DisjointDataProperties"},
	"SameIndividual":       {anIndividual, "SameIndividual", ""},
	"DifferentIndividuals": {anIndividual, "DifferentIndividuals", ""},
}

// relations are the sections that are also written between two class
// expressions, without a frame: A SubClassOf B.
var relations = map[string]string{
	"SubClassOf":   "SubClassOf",
	"EquivalentTo": "EquivalentClasses",
	"DisjointWith": "DisjointClasses",
}

// characteristics are the entries of a Characteristics section.
var characteristics = map[frameKind]map[string]string{
	objectFrame: {
		"Functional":        "FunctionalObjectProperty",
		"InverseFunctional": "InverseFunctionalObjectProperty",
		"Reflexive":         "ReflexiveObjectProperty",
		"Irreflexive":       "IrreflexiveObjectProperty",
		"Symmetric":         "SymmetricObjectProperty",
		"Asymmetric":        "AsymmetricObjectProperty",
		"Antisymmetric":     "AsymmetricObjectProperty", // as the member submission of 2006 spelt it
		"Transitive":        "TransitiveObjectProperty",
	},
	dataFrame: {"Functional": "FunctionalDataProperty"},
}

// sectionWords holds every word that can begin a section of some frame.
var sectionWords = collectSectionWords()

func collectSectionWords() map[string]bool {
	words := map[string]bool{"Annotations": true}
	for key := range sections {
		words[key.word] = true
	}
	return words
}

// begins says whether t begins a frame or a section: a word with a colon, or a
// known one at the beginning of a line whose colon was forgotten.
func (t token) begins() bool {
	switch t.kind {
	case tokKeyword:
		return true
	case tokWord:
		return t.bol && sectionWords[t.text]
	}
	return false
}

// declaredKinds finds the IRIs that have a frame in the block, so that a
// restriction before the frame is read like one after it. What is a class beside
// something else counts as that.
func declaredKinds(tokens []token, prefixes owlfs.Prefixes) map[string]frameKind {
	kinds := map[string]frameKind{}
	for i, t := range tokens[:len(tokens)-1] {
		if t.kind != tokKeyword {
			continue
		}
		if iri := tokens[min(i+2, len(tokens)-1)]; t.text == "Prefix" && iri.kind == tokIRI {
			prefixes.Declare(tokens[i+1].text, iri.text)
			continue
		}
		word, _ := frameWord(t.text)
		kind := frames[word].kind
		if kind == noFrame || kind == annotationFrame || kind == individualFrame || kind == datatypeFrame && isSyntaxDatatype(tokens[i+1]) {
			continue
		}
		if name, ok := nameTerm(tokens[i+1]); ok {
			if iri := prefixes.Resolve(name.Text); kind != classFrame || kinds[iri] == noFrame {
				kinds[iri] = kind
			}
		}
	}
	return kinds
}

// frameWord is the word of a frame or list that is meant by one in any case.
func frameWord(word string) (meant string, known bool) {
	if isFrameWord(word) {
		return word, true
	}
	for w := range frames {
		if strings.EqualFold(w, word) {
			return w, true
		}
	}
	for w := range lists {
		if strings.EqualFold(w, word) {
			return w, true
		}
	}
	return word, false
}
