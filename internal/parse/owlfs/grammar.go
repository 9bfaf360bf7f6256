package owlfs

// The tables of this file are the grammar: W3C OWL 2 Structural Specification,
// appendix A, and the SWRL rules that OWL tools write beside it.

// category is a nonterminal that stands for one argument.
type category uint8

const (
	anIRI category = iota
	anEntity
	aClassExpression
	anObjectProperty // an object property expression
	anObjectChain    // an object property expression or a chain of them
	aDataProperty
	aDataRange
	anIndividual
	anAnnotationSubject
	aLiteral
	anAnnotationValue
	aCardinality
	anAnnotation
	objectProperties // a parenthesised list
	dataProperties   // a parenthesised list
	aBody
	aHead
	anAtom
	aRuleIndividual
	aRuleValue
	categoryCount
)

// many is the upper bound of an argument that may repeat without end.
const many = int(^uint(0) >> 1)

// arg says how many arguments of one category follow each other. Minimum is
// what the specification wants; one less than that is tolerated, down to one,
// because OWL tools accept it.
type arg struct {
	is       category
	min, max int
	then     category // with pair: each argument is followed by one of this category
	pair     bool
}

// production is the argument list of one keyword. Annotated productions may
// begin with annotations.
type production struct {
	annotated bool
	args      []arg
	roles     roles
}

// roles says which arguments, annotations left aside, an axiom speaks of.
type roles uint8

const (
	firstThenRest    roles = iota // subject: argument 0; object: all others
	secondThenFirst               // ClassAssertion(class individual)
	secondThenThird               // assertions that begin with their property
	firstInnerEntity              // Declaration(Class(entity))
)

func one(c category) arg   { return arg{is: c, min: 1, max: 1} }
func maybe(c category) arg { return arg{is: c, max: 1} }
func some(c category) arg  { return arg{is: c, min: 1, max: many} }
func pair(c category) arg  { return arg{is: c, min: 2, max: many} }
func two(c category) []arg { return []arg{one(c), one(c)} }

func axiom(args ...arg) production { return production{annotated: true, args: args} }
func expr(args ...arg) production  { return production{args: args} }
func assertion(r roles, args ...arg) production {
	return production{annotated: true, args: args, roles: r}
}

var objectUnary = axiom(one(anObjectProperty))

// axioms holds every axiom by its keyword.
var axioms = map[string]production{
	"Declaration": assertion(firstInnerEntity, one(anEntity)),

	"SubClassOf":        axiom(two(aClassExpression)...),
	"EquivalentClasses": axiom(pair(aClassExpression)),
	"DisjointClasses":   axiom(pair(aClassExpression)),
	"DisjointUnion":     axiom(one(anIRI), pair(aClassExpression)),

	"SubObjectPropertyOf":             axiom(one(anObjectChain), one(anObjectProperty)),
	"EquivalentObjectProperties":      axiom(pair(anObjectProperty)),
	"DisjointObjectProperties":        axiom(pair(anObjectProperty)),
	"InverseObjectProperties":         axiom(two(anObjectProperty)...),
	"ObjectPropertyDomain":            axiom(one(anObjectProperty), one(aClassExpression)),
	"ObjectPropertyRange":             axiom(one(anObjectProperty), one(aClassExpression)),
	"FunctionalObjectProperty":        objectUnary,
	"InverseFunctionalObjectProperty": objectUnary,
	"ReflexiveObjectProperty":         objectUnary,
	"IrreflexiveObjectProperty":       objectUnary,
	"SymmetricObjectProperty":         objectUnary,
	"AsymmetricObjectProperty":        objectUnary,
	"TransitiveObjectProperty":        objectUnary,

	"SubDataPropertyOf":        axiom(two(aDataProperty)...),
	"EquivalentDataProperties": axiom(pair(aDataProperty)),
	"DisjointDataProperties":   axiom(pair(aDataProperty)),
	"DataPropertyDomain":       axiom(one(aDataProperty), one(aClassExpression)),
	"DataPropertyRange":        axiom(one(aDataProperty), one(aDataRange)),
	"FunctionalDataProperty":   axiom(one(aDataProperty)),

	"DatatypeDefinition": axiom(one(anIRI), one(aDataRange)),
	"HasKey":             axiom(one(aClassExpression), one(objectProperties), maybe(dataProperties)),

	"SameIndividual":                  axiom(pair(anIndividual)),
	"DifferentIndividuals":            axiom(pair(anIndividual)),
	"ClassAssertion":                  assertion(secondThenFirst, one(aClassExpression), one(anIndividual)),
	"ObjectPropertyAssertion":         assertion(secondThenThird, one(anObjectProperty), one(anIndividual), one(anIndividual)),
	"NegativeObjectPropertyAssertion": assertion(secondThenThird, one(anObjectProperty), one(anIndividual), one(anIndividual)),
	"DataPropertyAssertion":           assertion(secondThenThird, one(aDataProperty), one(anIndividual), one(aLiteral)),
	"NegativeDataPropertyAssertion":   assertion(secondThenThird, one(aDataProperty), one(anIndividual), one(aLiteral)),

	"AnnotationAssertion":      assertion(secondThenThird, one(anIRI), one(anAnnotationSubject), one(anAnnotationValue)),
	"SubAnnotationPropertyOf":  axiom(two(anIRI)...),
	"AnnotationPropertyDomain": axiom(two(anIRI)...),
	"AnnotationPropertyRange":  axiom(two(anIRI)...),

	"DLSafeRule": axiom(one(aBody), one(aHead)),
}

var annotation = production{annotated: true, args: []arg{one(anIRI), one(anAnnotationValue)}}

var entities = map[string]production{
	"Class":              expr(one(anIRI)),
	"Datatype":           expr(one(anIRI)),
	"ObjectProperty":     expr(one(anIRI)),
	"DataProperty":       expr(one(anIRI)),
	"AnnotationProperty": expr(one(anIRI)),
	"NamedIndividual":    expr(one(anIRI)),
}

var (
	objectCardinality = expr(one(aCardinality), one(anObjectProperty), maybe(aClassExpression))
	dataCardinality   = expr(one(aCardinality), one(aDataProperty), maybe(aDataRange))
	objectRestriction = expr(one(anObjectProperty), one(aClassExpression))
	dataRestriction   = expr(some(aDataProperty), one(aDataRange))
)

var classExpressions = map[string]production{
	"ObjectIntersectionOf":   expr(pair(aClassExpression)),
	"ObjectUnionOf":          expr(pair(aClassExpression)),
	"ObjectComplementOf":     expr(one(aClassExpression)),
	"ObjectOneOf":            expr(some(anIndividual)),
	"ObjectSomeValuesFrom":   objectRestriction,
	"ObjectAllValuesFrom":    objectRestriction,
	"ObjectHasValue":         expr(one(anObjectProperty), one(anIndividual)),
	"ObjectHasSelf":          expr(one(anObjectProperty)),
	"ObjectMinCardinality":   objectCardinality,
	"ObjectMaxCardinality":   objectCardinality,
	"ObjectExactCardinality": objectCardinality,
	"DataSomeValuesFrom":     dataRestriction,
	"DataAllValuesFrom":      dataRestriction,
	"DataHasValue":           expr(one(aDataProperty), one(aLiteral)),
	"DataMinCardinality":     dataCardinality,
	"DataMaxCardinality":     dataCardinality,
	"DataExactCardinality":   dataCardinality,
}

var inverse = map[string]production{"ObjectInverseOf": expr(one(anObjectProperty))}

var chains = map[string]production{
	"ObjectInverseOf":     inverse["ObjectInverseOf"],
	"ObjectPropertyChain": expr(pair(anObjectProperty)),
}

var dataRanges = map[string]production{
	"DataIntersectionOf": expr(pair(aDataRange)),
	"DataUnionOf":        expr(pair(aDataRange)),
	"DataComplementOf":   expr(one(aDataRange)),
	"DataOneOf":          expr(some(aLiteral)),
	"DatatypeRestriction": expr(one(anIRI),
		arg{is: anIRI, min: 1, max: many, pair: true, then: aLiteral}),
}

var variable = map[string]production{"Variable": expr(one(anIRI))}

var atoms = map[string]production{
	"ClassAtom":                expr(one(aClassExpression), one(aRuleIndividual)),
	"DataRangeAtom":            expr(one(aDataRange), one(aRuleValue)),
	"ObjectPropertyAtom":       expr(one(anObjectProperty), one(aRuleIndividual), one(aRuleIndividual)),
	"DataPropertyAtom":         expr(one(aDataProperty), one(aRuleIndividual), one(aRuleValue)),
	"BuiltInAtom":              expr(one(anIRI), some(aRuleValue)),
	"SameIndividualAtom":       expr(one(aRuleIndividual), one(aRuleIndividual)),
	"DifferentIndividualsAtom": expr(one(aRuleIndividual), one(aRuleIndividual)),
}

// shape says what a category looks like: which leaves and which keywords.
type shape struct {
	what   string
	leaves kinds
	calls  map[string]production
	list   *production // of a parenthesised list
}

type kinds uint16

func of(list ...Kind) kinds {
	var k kinds
	for _, kind := range list {
		k |= 1 << kind
	}
	return k
}

func (k kinds) has(kind Kind) bool { return k&(1<<kind) != 0 }

var (
	named      = of(IRI, Name)
	individual = of(IRI, Name, Anonymous)
)

var shapes = [categoryCount]shape{
	anIRI:               {what: "an IRI", leaves: named},
	anEntity:            {what: "an entity such as Class(name)", calls: entities},
	aClassExpression:    {what: "a class expression", leaves: named, calls: classExpressions},
	anObjectProperty:    {what: "an object property", leaves: named, calls: inverse},
	anObjectChain:       {what: "an object property or ObjectPropertyChain", leaves: named, calls: chains},
	aDataProperty:       {what: "a data property", leaves: named},
	aDataRange:          {what: "a data range", leaves: named, calls: dataRanges},
	anIndividual:        {what: "an individual", leaves: individual},
	anAnnotationSubject: {what: "an IRI or an anonymous individual", leaves: individual},
	aLiteral:            {what: "a literal", leaves: of(Literal)},
	anAnnotationValue:   {what: "an IRI, an anonymous individual or a literal", leaves: individual | of(Literal)},
	aCardinality:        {what: "a number", leaves: of(Number)},
	anAnnotation:        {what: "an annotation", calls: map[string]production{"Annotation": annotation}},
	objectProperties:    {what: "a list of object properties in parentheses", list: &production{args: []arg{{is: anObjectProperty, max: many}}}},
	dataProperties:      {what: "a list of data properties in parentheses", list: &production{args: []arg{{is: aDataProperty, max: many}}}},
	aBody:               {what: "Body(...)", calls: map[string]production{"Body": expr(arg{is: anAtom, max: many})}},
	aHead:               {what: "Head(...)", calls: map[string]production{"Head": expr(arg{is: anAtom, max: many})}},
	anAtom:              {what: "an atom of a rule", calls: atoms},
	aRuleIndividual:     {what: "an individual or a variable", leaves: individual, calls: variable},
	aRuleValue:          {what: "a literal or a variable", leaves: of(Literal), calls: variable},
}

// keywords holds every word that may open a parenthesis.
var keywords = collectKeywords()

func collectKeywords() map[string]bool {
	words := map[string]bool{"Annotation": true, "Body": true, "Head": true}
	for _, table := range []map[string]production{axioms, entities, classExpressions, chains, dataRanges, variable, atoms} {
		for word := range table {
			words[word] = true
		}
	}
	return words
}

// opensStatement says whether word begins a statement of a document, which
// never stands inside another axiom.
func opensStatement(word string) bool {
	switch word {
	case "Prefix", "Namespace", "Ontology", "Import":
		return true
	}
	_, ok := axioms[word]
	return ok
}
