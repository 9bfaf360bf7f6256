package logseq

// open appends a block and finds its parent: a bullet belongs to the nearest
// bullet with less indentation, else to the last heading; a heading at the
// margin belongs to the last heading of a higher rank. An indented heading
// nests like a bullet.
func (s *scanner) open(b Block) {
	blocks := s.out.Blocks
	prev := len(blocks) - 1
	blocks[prev].End = b.Start
	parent := prev
	for parent > 0 && !s.contains(&blocks[parent], &b) {
		parent = blocks[parent].Parent
	}
	for blocks[parent].Depth >= maxBlockNest {
		parent = blocks[parent].Parent
	}
	b.Parent = parent
	b.Depth = blocks[parent].Depth + 1
	b.firstProperty = len(s.out.Properties)
	b.endProperty = b.firstProperty
	s.out.Blocks = append(blocks, b)
}

// contains reports whether b nests inside the open block p.
func (s *scanner) contains(p, b *Block) bool {
	pMargin := p.Kind == BlockHeading && p.indent == 0
	bMargin := b.Kind == BlockHeading && b.indent == 0
	switch {
	case pMargin && bMargin:
		return p.Heading < b.Heading
	case bMargin:
		return false
	case pMargin:
		return true
	}
	return p.indent < b.indent
}

// closeBlocks ends the last block at end and computes every Last.
func (s *scanner) closeBlocks(end int) {
	blocks := s.out.Blocks
	blocks[len(blocks)-1].End = end
	for i := range blocks {
		blocks[i].Last = i
	}
	for i := len(blocks) - 1; i > 0; i-- {
		if p := &blocks[blocks[i].Parent]; p.Last < blocks[i].Last {
			p.Last = blocks[i].Last
		}
	}
}
