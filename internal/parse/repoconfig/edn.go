package repoconfig

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// loadEDN takes from logseq/config.edn what changes the meaning of files; all
// else there concerns Logseq's own screens.
func (c *Config) loadEDN(content []byte) {
	// A graph that does not say how it writes file names is an old one.
	c.FileName = FormatLegacy
	r := &ednReader{src: strings.TrimPrefix(string(content), "\ufeff"), line: 1}
	root, ok := r.next()
	if !ok {
		if r.pos < len(r.src) {
			r.fail(r.line)
		}
	} else if root.kind != ednMap {
		r.fail(root.line)
	}
	if r.broken > 0 {
		c.report(ednFile, diag.New(r.broken, diag.Error, diag.ConfigSyntax,
			"not valid EDN: a bracket or quotation mark that opens here or above is not closed, or the file is not one {map}"))
	}
	if !ok || root.kind != ednMap {
		return
	}
	for i := 0; i+1 < len(root.list); i += 2 {
		if set, ok := ednKeys[root.list[i].text]; ok && root.list[i].kind == ednKeyword {
			set(c, root.list[i].text, root.list[i+1])
		}
	}
}

var ednKeys = map[string]func(*Config, string, ednValue){
	":publishing/all-pages-public?": (*Config).ednPublic,
	":all-pages-public?":            (*Config).ednPublic,
	":hidden":                       (*Config).ednHidden,
	":file/name-format":             (*Config).ednNameFormat,
	":property/separated-by-commas": (*Config).ednCommaKeys,
	":pages-directory":              func(c *Config, k string, v ednValue) { c.ednDir(k, v, &c.PagesDir) },
	":journals-directory":           func(c *Config, k string, v ednValue) { c.ednDir(k, v, &c.JournalsDir) },
	":journal/file-name-format":     func(c *Config, k string, v ednValue) { c.ednText(k, v, &c.JournalFile) },
	":journal/page-title-format":    func(c *Config, k string, v ednValue) { c.ednText(k, v, &c.JournalTitle) },
}

func (c *Config) badEDN(key string, v ednValue, want string) {
	c.report(ednFile, diag.New(v.line, diag.Error, diag.ConfigBadValue, "%s must be %s", key, want))
}

func (c *Config) ednPublic(key string, v ednValue) {
	switch v.text {
	case "true":
		c.AllPublic = true
	case "false", "nil":
	default:
		c.badEDN(key, v, "true or false")
	}
}

func (c *Config) ednText(key string, v ednValue, to *string) {
	if v.kind != ednString || strings.TrimSpace(v.text) == "" {
		c.badEDN(key, v, "a text in quotation marks")
		return
	}
	*to = v.text
}

func (c *Config) ednDir(key string, v ednValue, to *string) {
	c.ednText(key, v, to)
	*to = strings.Trim(*to, "/")
}

func (c *Config) ednHidden(key string, v ednValue) {
	c.ednEach(key, v, ednString, &c.Hidden)
}

func (c *Config) ednCommaKeys(key string, v ednValue) {
	c.ednEach(key, v, ednKeyword, &c.CommaKeys)
	for i, k := range c.CommaKeys {
		c.CommaKeys[i] = strings.TrimPrefix(k, ":")
	}
}

// ednEach appends the texts of a list or set whose members are of one kind.
func (c *Config) ednEach(key string, v ednValue, kind ednKind, to *[]string) {
	if v.text == "nil" {
		return
	}
	if v.kind != ednSeq {
		c.badEDN(key, v, "a list")
		return
	}
	for _, item := range v.list {
		if item.kind != kind {
			c.badEDN(key, item, "a list of texts or keywords of one kind")
			continue
		}
		*to = append(*to, item.text)
	}
}

func (c *Config) ednNameFormat(key string, v ednValue) {
	switch v.text {
	case ":triple-lowbar":
		c.FileName = FormatTripleLowbar
	case ":legacy", "nil":
		c.FileName = FormatLegacy
	default:
		c.badEDN(key, v, ":triple-lowbar or :legacy")
	}
}
