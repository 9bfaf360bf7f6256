package jsonld

import "sort"

// lineIndex knows the lines on which things stand, by their local names: an IRI
// may be written in several ways, and ends the same in each.
type lineIndex struct {
	first    int
	nodes    map[string]int   // where a node with that name says something
	mentions map[string][]int // where the name stands
}

func newLineIndex(root value) lineIndex {
	x := lineIndex{first: root.line(), nodes: map[string]int{}, mentions: map[string][]int{}}
	ids := map[string]bool{"@id": true}
	for i := root.at; i < root.node().next; i++ {
		v := value{root.tape, i}
		if v.hasKey("@context") {
			for end := v.node().next; i+1 < end; i++ {
				if term := (value{root.tape, i + 1}); term.is(kindString) && term.raw() == "@id" {
					ids[term.key()] = true
				}
			}
			continue
		}
		if v.is(kindString) {
			name := local(v.raw())
			x.mentions[name] = append(x.mentions[name], v.line())
		}
		if v.is(kindObject) {
			x.node(v, ids)
		}
	}
	return x
}

// node notes an object that has a name and says something beside it.
func (x *lineIndex) node(v value, ids map[string]bool) {
	name, members := "", 0
	for m := range v.children() {
		if members++; ids[m.key()] {
			name = local(m.raw())
		}
	}
	if _, known := x.nodes[name]; !known && members > 1 && name != "" {
		x.nodes[name] = v.line()
	}
}

// of gives the line of a subject.
func (x *lineIndex) of(text string) int {
	if line, ok := x.nodes[local(text)]; ok {
		return line
	}
	return x.after(text, x.first)
}

// after gives the first line from the given one on that names a text, else the
// given one.
func (x *lineIndex) after(text string, from int) int {
	lines := x.mentions[local(text)]
	if i := sort.SearchInts(lines, from); i < len(lines) {
		return lines[i]
	}
	return from
}
