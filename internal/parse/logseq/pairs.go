package logseq

// pairs matches brackets in one text: "[[" with "]]" over lines, and single
// brackets and parentheses within a line. It is computed once per text, on the
// first question, because most texts ask none.
type pairs struct {
	from, to int     // what the tables cover; to is 0 if nothing
	doubles  []int32 // offset-from -> offset after the partner, 0 if none
	singles  []int32 // offset-from -> offset of the partner, 0 if none
	stack    []int32
	round    []int32
	work     int // bytes looked at
}

// double returns the offset after the "]]" that balances the "[[" at i, -1 if
// there is none before end. Limit is the end of the whole text.
func (p *pairs) double(src string, i, end, limit int) int {
	p.prepare(src, i, limit)
	if e := int(p.doubles[i-p.from]); e > 0 && p.from+e <= end {
		return p.from + e
	}
	return -1
}

// single returns the offset of the bracket that balances the one at i on the
// same line, -1 if there is none before end.
func (p *pairs) single(src string, i, end, limit int) int {
	p.prepare(src, i, limit)
	if e := int(p.singles[i-p.from]); e > 0 && p.from+e < end {
		return p.from + e
	}
	return -1
}

// prepare matches the rest of the text at the first question about it.
func (p *pairs) prepare(src string, i, end int) {
	if p.to > 0 && p.from <= i {
		return
	}
	p.from, p.to = i, end
	p.work += end - i
	n := end - i
	p.doubles = cleared(p.doubles, n)
	p.singles = cleared(p.singles, n)
	p.matchDoubles(src[i:end])
	p.matchSingles(src[i:end])
}

func cleared(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

func (p *pairs) matchDoubles(s string) {
	stack := p.stack[:0]
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i] == '\\' && len(stack) == 0:
			i++
		case s[i] == '[' && s[i+1] == '[':
			stack = append(stack, int32(i))
			i++
		case s[i] == ']' && s[i+1] == ']':
			if top := len(stack) - 1; top >= 0 {
				p.doubles[stack[top]] = int32(i + 2)
				stack = stack[:top]
			}
			i++
		}
	}
	p.stack = stack
}

func (p *pairs) matchSingles(s string) {
	square, round := p.stack[:0], p.round[:0]
	pop := func(stack []int32, i int) []int32 {
		top := len(stack) - 1
		if top < 0 {
			return stack
		}
		p.singles[stack[top]] = int32(i)
		return stack[:top]
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n':
			square, round = square[:0], round[:0]
		case '\\':
			i++
		case '[':
			square = append(square, int32(i))
		case ']':
			square = pop(square, i)
		case '(':
			round = append(round, int32(i))
		case ')':
			round = pop(round, i)
		}
	}
	p.stack, p.round = square, round
}
