package parse

// ontology reads the dialects.
func (b *builder) ontology() {}

// isOntology reports whether the file carries an ontology block.
func (b *builder) isOntology() bool {
	d := b.doc
	return len(d.Classes)+len(d.SubClassOf)+len(d.Relations)+len(d.OWLProperties)+len(d.Axioms) > 0
}
