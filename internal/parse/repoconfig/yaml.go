package repoconfig

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// loadYAML reads .kgsync.yml node by node, because every complaint needs its
// line.
func (c *Config) loadYAML(content []byte) {
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		c.report(Path, diag.New(yamlErrorLine(err), diag.Error, diag.ConfigSyntax,
			"not valid YAML (%s): correct it; until then the defaults apply", strings.TrimPrefix(err.Error(), "yaml: ")))
		return
	}
	if len(doc.Content) == 0 {
		return // an empty file says nothing
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		if root.Tag != "!!null" {
			c.bad(root, "the file must be a list of \"key: value\" lines")
		}
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		set, ok := yamlKeys[key.Value]
		if !ok {
			c.report(Path, diag.Diagnostic{Line: key.Line, Column: key.Column, Severity: diag.Error,
				Code:    diag.ConfigUnknownKey,
				Message: "unknown key \"" + key.Value + "\": known are " + knownYAMLKeys()})
			continue
		}
		if seen[key.Value] {
			c.report(Path, diag.New(key.Line, diag.Error, diag.ConfigRepeated,
				"the key %q stands here a second time and is ignored: keep one", key.Value))
			continue
		}
		seen[key.Value] = true
		set(c, value)
	}
}

// yamlKeys are the keys of .kgsync.yml, fixed by docs/configuration.md.
var yamlKeys = map[string]func(*Config, *yaml.Node){
	"branch":        func(c *Config, n *yaml.Node) { c.yamlString(n, &c.Branch) },
	"include":       func(c *Config, n *yaml.Node) { c.Include = c.yamlGlobs(n) },
	"exclude":       func(c *Config, n *yaml.Node) { c.Exclude = c.yamlGlobs(n) },
	"public":        func(c *Config, n *yaml.Node) { c.yamlChoice(n, &c.AllPublic, "marked", "all") },
	"wikilink_pipe": func(c *Config, n *yaml.Node) { c.yamlChoice(n, &c.PipeIsPage, "alias", "page") },
	"loose_fences":  (*Config).yamlLooseFences,
	"dialects":      (*Config).yamlDialects,
	"prefixes":      (*Config).yamlPrefixes,
}

func knownYAMLKeys() string {
	return "branch, include, exclude, public, wikilink_pipe, dialects, prefixes, loose_fences"
}

func (c *Config) bad(n *yaml.Node, message string) {
	c.report(Path, diag.Diagnostic{Line: n.Line, Column: n.Column, Severity: diag.Error,
		Code: diag.ConfigBadValue, Message: message})
}

func (c *Config) yamlString(n *yaml.Node, to *string) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		c.bad(n, "this must be one word or text")
		return
	}
	*to = n.Value
}

// yamlChoice sets to when the value is the second of two words.
func (c *Config) yamlChoice(n *yaml.Node, to *bool, no, yes string) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == no:
		*to = false
	case n.Kind == yaml.ScalarNode && n.Value == yes:
		*to = true
	default:
		c.bad(n, "this must be \""+no+"\" or \""+yes+"\"")
	}
}

func (c *Config) yamlLooseFences(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		c.bad(n, "this must be true or false")
		return
	}
	c.LooseFences = strings.EqualFold(n.Value, "true")
}

// yamlList accepts a list of scalars or a single one.
func (c *Config) yamlList(n *yaml.Node) []*yaml.Node {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return nil
		}
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		var items []*yaml.Node
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				c.bad(item, "every item of this list must be a text")
				continue
			}
			items = append(items, item)
		}
		return items
	}
	c.bad(n, "this must be a list")
	return nil
}

func (c *Config) yamlGlobs(n *yaml.Node) []string {
	var globs []string
	for _, item := range c.yamlList(n) {
		glob := strings.TrimPrefix(strings.TrimPrefix(item.Value, "./"), "/")
		if strings.HasSuffix(glob, "/") {
			glob += "**"
		}
		if glob == "" || !doublestar.ValidatePattern(glob) {
			c.bad(item, "\""+item.Value+"\" is not a glob: write for example notes/**/*.md")
			continue
		}
		globs = append(globs, glob)
	}
	return globs
}

func (c *Config) yamlDialects(n *yaml.Node) {
	known := []Dialect{DialectOntologyBlock, DialectFunctional, DialectJSONLD, DialectManchester}
	on := map[Dialect]bool{}
	for _, item := range c.yamlList(n) {
		d := Dialect(item.Value)
		if !slices.Contains(known, d) {
			c.bad(item, "unknown dialect \""+item.Value+"\": known are ontology_block, functional, jsonld, manchester")
			continue
		}
		on[d] = true
	}
	if n.Kind == yaml.SequenceNode || len(on) > 0 {
		c.Dialects = on
	}
}

var prefixName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$|^$`)

func (c *Config) yamlPrefixes(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		c.bad(n, "this must be a list of \"prefix: IRI\" lines")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := strings.TrimSuffix(key.Value, ":")
		switch {
		case key.Kind != yaml.ScalarNode || !prefixName.MatchString(name):
			c.bad(key, "a prefix is a letter followed by letters, digits, \".\", \"_\" or \"-\"")
		case value.Kind != yaml.ScalarNode || !isIRI(value.Value):
			c.bad(value, "a prefix stands for an absolute IRI, for example https://example.org/terms#")
		default:
			c.Prefixes[name] = value.Value
		}
	}
}

// isIRI is a shallow check: a scheme, and nothing that RFC 3987 forbids.
func isIRI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" || strings.ContainsAny(s, " \t\n<>\"{}|\\^`") {
		return false
	}
	for i := range len(scheme) {
		c := scheme[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || strings.IndexByte("0123456789+-.", scheme[i]) < 0) {
			return false
		}
	}
	return true
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func yamlErrorLine(err error) int {
	var typeErr *yaml.TypeError
	if errors.As(err, &typeErr) {
		return 0
	}
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	line := 0
	for _, d := range m[1] {
		line = line*10 + int(d-'0')
		if line > maxFileBytes {
			return 0
		}
	}
	return line
}
