package logseq

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// bracket reads what "[" may open: a footnote mark, a (nested) page reference, a
// Markdown link, a hiccup element. In emphasis only references and links count.
func (in *inline) bracket(i, end int, full bool) int {
	src := in.src
	if i+1 >= end {
		return -1
	}
	if full && src[i+1] == '^' {
		if j := in.memo.find(src, "]", i+2, end); j > i+2 && j < in.memo.spaceOrEOL(src, i, end) {
			return j + 1
		}
	}
	if src[i+1] == '[' {
		stop := in.pageRefEnd(i, end)
		if stop < 0 || strings.Contains(src[i+2:stop-2], "[[") {
			if next := in.nestedRef(i, end); next > 0 {
				return next
			}
		}
		if stop > 0 {
			in.addPage(src[i+2:stop-2], i, false)
			return stop
		}
		in.noteUnclosed(i)
	}
	if next := in.markdownLink(i, end); next > 0 {
		return next
	}
	if full && src[i+1] == ':' && in.noHiccup != end && hiccupName(src, i, end) > 0 {
		if next := hiccup(src, i, end); next > 0 {
			return next
		}
		in.noHiccup = end
	}
	return -1
}

// pageRefEnd returns the offset after the [[page]] that starts at i, -1 if there
// is none. A name lies on one line; a single "]" may occur in it.
func (in *inline) pageRefEnd(i, end int) int {
	src := in.src
	if in.refless.from <= i && i < in.refless.to {
		return -1
	}
	from, lineEnd := i+2, in.memo.lineEnd(src, i, end)
	for {
		j := in.memo.find(src, "]]", from, end)
		if j < 0 || j > lineEnd {
			in.refless = span{i, lineEnd}
			return -1
		}
		if src[j-1] != '\\' || j == i+2 {
			if j == i+2 {
				return -1 // [[]]
			}
			return j + 2
		}
		from = j + 1
		if from+1 >= end || src[from] != ']' {
			continue
		}
	}
}

// noteUnclosed reports a "[[" without "]]", once a line.
func (in *inline) noteUnclosed(at int) {
	if in.refless.from != at {
		return
	}
	in.s.note(in.r.lineAt(at), diag.LogseqUnclosedRef, "[[ is not closed on its line and is read as text: add ]]")
}

// addPage records the page reference name, written at offset at.
func (in *inline) addPage(name string, at int, nested bool) {
	if len(name) > maxNameBytes {
		in.s.note(in.r.lineAt(at), diag.LogseqNameTooLong,
			"the page reference is longer than %d bytes and is read as text: is a ]] missing?", maxNameBytes)
		return
	}
	target := strings.TrimSpace(name)
	if !nested && in.property < 0 {
		target = strings.TrimSpace(unescape(target))
	}
	if !in.s.opts.PipeIsPage && !nested {
		target = BeforePipe(target)
	}
	if target == "" {
		return
	}
	in.add(Reference{Kind: RefPage, Target: target, Nested: nested,
		Embed: at > 0 && in.src[at-1] == '!'}, at)
}

// BeforePipe returns the page that "page|text" means. A pipe that a table needs
// escaped is a pipe as well.
func BeforePipe(name string) string {
	i := strings.IndexByte(name, '|')
	if i <= 0 {
		return name
	}
	page := strings.TrimSpace(strings.TrimSuffix(name[:i], `\`))
	if page == "" {
		return name
	}
	return page
}

func (in *inline) add(ref Reference, at int) {
	ref.Line = in.r.lineAt(at)
	ref.Property = in.property
	in.s.addRef(ref)
}

func (s *scanner) addRef(ref Reference) {
	if !s.room(len(s.out.References), ref.Line) {
		return
	}
	ref.Block = s.current()
	s.out.References = append(s.out.References, ref)
}

// nestedRef reads [[a [[b]] c]]: the whole, brackets included, names a page and
// so does each reference inside.
func (in *inline) nestedRef(i, end int) int {
	stop := in.pairs.double(in.src, i, end, in.limit)
	if stop < 0 || !in.isNested(i, stop) {
		return -1
	}
	in.addNested(i, stop)
	return stop
}

// isNested reports whether src[i:stop], a balanced [[...]], has references
// beside other content inside: one child alone is not nesting, and a stray "["
// spoils it.
func (in *inline) isNested(i, stop int) bool {
	src := in.src
	children, label := 0, false
	for j := i + 2; j < stop-2; {
		if src[j] != '[' {
			if !label {
				children++
				label = true
			}
			k := strings.IndexByte(src[j:stop-2], '[')
			if k < 0 {
				break
			}
			j += k
			continue
		}
		e := in.pairs.double(src, j, stop-2, in.limit)
		if e < 0 {
			return false
		}
		children++
		label = false
		j = e
	}
	return children > 1
}

func (in *inline) addNested(i, stop int) {
	in.addPage(in.src[i+2:stop-2], i, true)
	for j := i + 2; j < stop-2; {
		k := strings.Index(in.src[j:stop-2], "[[")
		if k < 0 {
			return
		}
		j += k
		e := in.pairs.double(in.src, j, stop-2, in.limit)
		if e < 0 {
			return
		}
		if in.isNested(j, e) && in.depth < maxDepth {
			in.depth++
			in.addNested(j, e)
			in.depth--
		} else {
			in.addPage(in.src[j+2:e-2], j, true)
		}
		j = e
	}
}

// markdownLink reads [text](url) and records what the url names.
func (in *inline) markdownLink(i, end int) int {
	src := in.src
	close := in.labelEnd(i, end)
	if close < 0 || close+1 >= end || src[close+1] != '(' {
		return -1
	}
	stop := in.pairs.single(src, close+1, end, in.limit)
	if stop < 0 {
		// A parenthesis too many is forgiven at the end of the line.
		if stop = in.memo.lineEnd(src, close+1, end) - 1; stop <= close+1 || src[stop] != ')' {
			return -1
		}
	}
	in.addURL(src[close+2:stop], i)
	if stop+1 < end && src[stop+1] == '{' { // {:width 200}
		if j := in.memo.find(src, "}", stop+1, end); j > 0 && j < in.memo.lineEnd(src, stop, end) {
			return j + 1
		}
	}
	return stop + 1
}

// labelEnd returns the offset of the "]" that ends the label of the link that
// starts at i, -1 if there is none. Page references in it are skipped, and from
// the first other bracket on whatever is balanced, over lines too.
func (in *inline) labelEnd(i, end int) int {
	src := in.src
	balanced := false
	for j := i + 1; j < end; j++ {
		switch src[j] {
		case ']':
			return j
		case '\n':
			if !balanced {
				return -1
			}
		case '\\':
			if j+1 < end && strings.IndexByte(`[]\`, src[j+1]) >= 0 {
				j++
			}
		case '`':
			if k := in.code(j, end); k > 0 {
				j = k - 1
			}
		case '[':
			k := -1
			if !balanced && j+1 < end && src[j+1] == '[' {
				k = in.pageRefEnd(j, end)
			}
			if k < 0 {
				balanced = true
				k = in.pairs.single(src, j, end, in.limit) + 1
			}
			if k <= 0 {
				return -1
			}
			j = k - 1
		}
	}
	return -1
}

// image reads ![alt](url).
func (in *inline) image(i, end int) int {
	return in.markdownLink(i+1, end)
}

// addURL records the reference that the url of a Markdown link makes: a page, a
// block, or a file. A URL with a scheme and a bare fragment make none.
func (in *inline) addURL(url string, at int) {
	bracketed := strings.HasPrefix(url, "<")
	url = strings.TrimSpace(url)
	if n := len(url); n > 4 {
		switch page := unescape(url); {
		case len(page) > 4 && strings.HasPrefix(page, "[[") && strings.HasSuffix(page, "]]"):
			page = page[2 : len(page)-2]
			in.addPage(page, at, strings.Contains(page, "[["))
			return
		case strings.HasPrefix(url, "((") && strings.Index(url, "))") == n-2:
			in.addBlock(url[2:n-2], at, false)
			return
		}
	}
	if url = linkPath(url, bracketed); url == "" || len(url) > maxNameBytes {
		return
	}
	in.add(Reference{Kind: RefFile, Target: url, Embed: in.src[max(at-1, 0)] == '!'}, at)
}

// linkPath takes the title and the angle brackets off a link's destination and
// returns "" if it is a URL, a fragment or empty.
func linkPath(url string, bracketed bool) string {
	if bracketed {
		if i := strings.IndexAny(url[1:], "<>"); i >= 0 {
			if rest := strings.TrimSpace(url[i+2:]); url[i+1] != '>' || rest != "" && !isTitle(rest) {
				return ""
			}
			return strings.TrimSpace(url[1 : i+1])
		}
	}
	if i := strings.IndexAny(url, " \t"); i > 0 && isTitle(strings.TrimSpace(url[i:])) {
		url = url[:i]
	}
	if url == "" || url[0] == '#' || strings.HasPrefix(url, "//") || strings.HasPrefix(url, "://") || hasScheme(url) {
		return ""
	}
	return url
}

// isTitle reports whether s is a text in quotation marks.
func isTitle(s string) bool {
	n := len(s)
	return n > 2 && (s[0] == '"' || s[0] == '\'') && strings.IndexByte(s[1:], s[0]) == n-2 && s[n-2] != '\\'
}

func hasScheme(url string) bool {
	i := 0
	for i < len(url) && (class[url[i]]&classAlnum != 0 || strings.IndexByte("+.-", url[i]) >= 0) {
		i++
	}
	return i > 1 && i < len(url) && url[i] == ':'
}

// blockRef reads ((uuid)). What is not a UUID is text.
func (in *inline) blockRef(i, end int) int {
	src := in.src
	if i+1 >= end || src[i+1] != '(' {
		return -1
	}
	j := in.memo.find(src, ")", i+2, end)
	if j <= i+2 || j+1 >= end || src[j+1] != ')' {
		return -1
	}
	in.addBlock(src[i+2:j], i, false)
	return j + 2
}

func (in *inline) addBlock(id string, at int, embed bool) {
	if isUUID(id) {
		in.add(Reference{Kind: RefBlock, Target: id, Embed: embed}, at)
	}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i] | 0x20
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
