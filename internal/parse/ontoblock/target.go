package ontoblock

import (
	"regexp"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// targets gives the pages and IRIs that the items of a list name, and the items
// that are plain text and name nothing. A name such as mv:Thing is an IRI if the
// key is sure to name classes, or if its prefix is known or that of the class
// itself; otherwise it may be a time or a title. Where words are names, as those
// of superclasses are, they name pages.
//
// Under a key that is not sure the value may be prose. With plain items in it it
// is a list only if the others are links alone and more than they: "[[A]], [[B]],
// and others" is one, "[[A]], which is a B" and "see [[A]], [[B]], then go on" are
// not.
func (r *reader) targets(key, value, class string, line int) (list []Target, plain []string) {
	sure := parents[key] || relations[key]
	named, prose := 0, false
	for _, item := range items(value) {
		found := r.pages(item)
		if len(found) > 0 {
			prose = prose || !isLink(item)
		} else {
			found = r.name(item, class, sure, parents[key], line)
		}
		if len(found) == 0 {
			plain = append(plain, item)
			continue
		}
		list = append(list, found...)
		named++
	}
	if !sure && len(plain) > 0 && (prose || len(plain) >= named) {
		return nil, nil
	}
	return list, plain
}

// name gives what an item without links names, at most one thing. The parenthesis
// after an IRI is no part of it; that after a plain word may be, as in "Virtual
// Reality (VR)".
func (r *reader) name(item, class string, sure, words bool, line int) []Target {
	written := unmarked(item)
	if before, _, found := strings.Cut(item, " ("); found && strings.HasSuffix(item, ")") && isIRI(unmarked(before)) {
		written = unmarked(before)
	}
	name := strings.Trim(written, "<>")
	if isIRI(written) && (sure || r.known(name, class) || name != written) {
		return []Target{{Name: name, IRI: r.iri(name, line)}}
	}
	if name = strings.TrimPrefix(written, "#"); words && name != "" {
		return []Target{{Name: name}}
	}
	return nil
}

// items splits a list at the commas that stand outside of brackets. Parentheses
// that do not pair are text.
func items(value string) []string {
	list, paired := split(value, true)
	if !paired {
		list, _ = split(value, false)
	}
	return list
}

func split(value string, parentheses bool) (list []string, paired bool) {
	depth, inner, start := 0, 0, 0
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	for i, c := range value {
		switch c {
		case '[', '<':
			depth++
		case ']', '>':
			depth = max(depth-1, 0)
		case '(':
			if parentheses && depth == 0 {
				inner++
			}
		case ')':
			if depth == 0 {
				inner = max(inner-1, 0)
			}
		case ',', '，', '、':
			if depth == 0 && inner == 0 {
				add(value[start:i])
				start = i + len(string(c))
			}
		}
	}
	add(value[start:])
	return list, inner == 0
}

var via = regexp.MustCompile(`^\s+via\s+(?:\[\[([^\[\]]+)\]\]|([^\[\]]+))`)

// pages gives the pages that an item refers to with brackets, each with the
// property after "via".
func (r *reader) pages(item string) []Target {
	var list []Target
	for {
		i := strings.Index(item, "[[")
		if i < 0 {
			return list
		}
		item = item[i:]
		end := closing(item)
		if end < 0 {
			return list
		}
		name := strings.TrimSpace(item[2 : end-2])
		if r.opts.Page != nil && !strings.Contains(name, "[[") {
			name = r.opts.Page(name)
		}
		item = item[end:]
		t := Target{Name: name}
		if m := via.FindStringSubmatch(item); m != nil {
			t.Via = strings.TrimSpace(m[1] + m[2])
			item = item[len(m[0]):]
		}
		if t.Name != "" {
			list = append(list, t)
		}
	}
}

// isLink reports whether an item is a link and nothing more than what may qualify
// it: "via" and a property, a parenthesis.
func isLink(item string) bool {
	end := closing(item)
	if end < 0 || !strings.HasPrefix(item, "[[") {
		return false
	}
	rest := item[end:]
	rest = strings.TrimSpace(rest[len(via.FindString(rest)):])
	return rest == "" || rest[0] == '(' && rest[len(rest)-1] == ')'
}

// closing returns the offset after the "]]" that balances the "[[" at the start
// of s, -1 if there is none.
func closing(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "[[":
			depth++
			i++
		case "]]":
			if depth--; depth == 0 {
				return i + 2
			}
			i++
		}
	}
	return -1
}

var iriForm = regexp.MustCompile(`^<?[A-Za-z][\w.+-]*:[^\s,<>\[\]]+>?$|^<?:[A-Za-z_][^\s,<>\[\]]*>?$`)

func isIRI(s string) bool { return iriForm.MatchString(s) }

// known reports whether the prefix of a name is declared, reserved, that of the
// class, or the scheme of an IRI that is no web page.
func (r *reader) known(name, class string) bool {
	prefix, _, _ := strings.Cut(name, ":")
	if _, ok := r.namespace(prefix); ok || reserved[prefix] || prefix == "urn" {
		return true
	}
	own, _, ok := strings.Cut(class, ":")
	return ok && own == prefix && !schemes[prefix]
}

var (
	reserved = set("owl rdf rdfs xsd xml")
	schemes  = set("http https urn did mailto tag doi file ftp")
)

// iri expands an abbreviated IRI. One whose prefix nobody declares stays as it
// is written, which is said once for each prefix.
func (r *reader) iri(name string, line int) string {
	iri, known := r.expand(name)
	prefix, _, _ := strings.Cut(name, ":")
	if !known && !reserved[prefix] && !schemes[prefix] && !r.missing[prefix] {
		r.missing[prefix] = true
		r.report(diag.New(line, diag.Warning, diag.OWLUnknownPrefix,
			"The prefix %s: is not declared; declare it in the block or under prefixes: in .kgsync.yml.", prefix))
	}
	return iri
}

// expand expands an abbreviated IRI and reports whether its prefix is known; what
// is no IRI stays as it is.
func (r *reader) expand(name string) (iri string, known bool) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok || !isIRI(name) {
		return name, true
	}
	if base, ok := r.namespace(prefix); ok && !strings.HasPrefix(local, "//") {
		return base + local, true
	}
	return name, false
}

// plain is a value without the brackets or marks around it: [[X]], <iri>, "text",
// `code`.
func plain(value string) string {
	value = unmarked(value)
	n := len(value)
	switch {
	case n > 4 && strings.HasPrefix(value, "[[") && strings.Index(value, "]]") == n-2:
		return strings.TrimSpace(value[2 : n-2])
	case n > 2 && value[0] == '<' && value[n-1] == '>' && !strings.ContainsAny(value, " \t"):
		return value[1 : n-1]
	}
	return value
}

// unmarked is a value without the quotation marks or backquotes that enclose all
// of it; those of "a" and "b" enclose a part each.
func unmarked(value string) string {
	for _, mark := range []string{`"`, "`"} {
		inner, opened := strings.CutPrefix(value, mark)
		inner, closed := strings.CutSuffix(inner, mark)
		if opened && closed && !strings.Contains(inner, mark) {
			value = strings.TrimSpace(inner)
		}
	}
	return value
}
