package ontoblock

import (
	"regexp"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// targets gives the pages and IRIs that the items of a list name, none if an
// item is plain text. A name such as mv:Thing is an IRI if the key is sure to
// name classes, or if its prefix is known or that of the class itself; otherwise
// it may be a time or a title. Where words allows it, plain words name pages.
func (r *reader) targets(value, class string, sure, words bool, line int) []Target {
	var list []Target
	for _, item := range items(value) {
		if pages := r.pages(item); len(pages) > 0 {
			list = append(list, pages...)
			continue
		}
		name := strings.Trim(item, "<>")
		switch {
		case isIRI(item) && (sure || r.known(name, class) || name != item):
			list = append(list, Target{Name: name, IRI: r.iri(name, line)})
		case words:
			list = append(list, Target{Name: strings.TrimPrefix(item, "#")})
		default:
			return nil
		}
	}
	return list
}

// items splits a list at the commas that stand outside of brackets.
func items(value string) []string {
	var list []string
	depth, start := 0, 0
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
		case ',', '，', '、':
			if depth == 0 {
				add(value[start:i])
				start = i + len(string(c))
			}
		}
	}
	add(value[start:])
	return list
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
	if _, ok := r.opts.Prefixes[prefix]; ok || reserved[prefix] || prefix == "urn" {
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
	prefix, local, ok := strings.Cut(name, ":")
	if !ok || !isIRI(name) {
		return name
	}
	if base, ok := r.opts.Prefixes[prefix]; ok && !strings.HasPrefix(local, "//") {
		return base + local
	}
	if !reserved[prefix] && !schemes[prefix] && !r.missing[prefix] {
		r.missing[prefix] = true
		r.report(diag.New(line, diag.Warning, diag.OWLUnknownPrefix,
			"The prefix %s: is not declared; declare it in the block or under prefixes: in .kgsync.yml.", prefix))
	}
	return name
}

// plain is a value without the brackets around it: [[X]], <iri>, "text".
func plain(value string) string {
	n := len(value)
	switch {
	case n > 4 && strings.HasPrefix(value, "[[") && strings.Index(value, "]]") == n-2:
		return strings.TrimSpace(value[2 : n-2])
	case n > 2 && value[0] == '<' && value[n-1] == '>' && !strings.ContainsAny(value, " \t"):
		return value[1 : n-1]
	}
	return value
}
