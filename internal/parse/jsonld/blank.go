package jsonld

import (
	"strconv"

	"github.com/kgsync/kgsync/internal/parse/owlfs"
)

// blankNames names the blank nodes of one fence. They are those of a document
// alone (RDF 1.1 Concepts and Abstract Syntax, section 3.4), and several fences of
// a file are several documents, so that the names differ: _:b0 in the first fence
// is _:f2b0 in the second.
type blankNames struct {
	prefix string
	count  int
}

func newBlankNames(fence int) blankNames {
	if fence <= 1 {
		return blankNames{prefix: "_:b"}
	}
	return blankNames{prefix: "_:f" + strconv.Itoa(fence) + "b"}
}

// next gives a blank node that there was not before.
func (b *blankNames) next() owlfs.Term {
	t := owlfs.Term{Kind: owlfs.Anonymous, Text: b.prefix + strconv.Itoa(b.count)}
	b.count++
	return t
}
