package parse

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/logseq"
	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// builder turns one outline into a Document.
type builder struct {
	path    string
	cfg     *repoconfig.Config
	outline *logseq.Outline
	doc     *Document
	public  bool // a JSON-LD page block says so
	titled  bool // the page's name is not its file's
	aliases map[string]bool

	statements map[statementID]bool // made so far
	prefixes   map[string]string    // known in this file: prefix -> IRI
	own        bool                 // prefixes is no longer the configuration's
	blocks     int                  // OntologyBlocks
	cuts       int                  // ontology fences that the next one's opening line ends
	documents  int                  // fences of JSON-LD so far
	things     int                  // statements of JSON-LD that has neither classes nor properties
}

// page fills in Document.Page.
func (b *builder) page() {
	p := &b.doc.Page
	name, badEscape := NameFromPath(b.path, b.cfg)
	if badEscape {
		b.report(diag.New(0, diag.Warning, diag.NameBadEscape,
			"the file name has a %% that does not start a valid escape and is kept as it is: write %%25 for a percent sign"))
	}
	p.Name = name
	day, journal := journalOf(b.path, b.cfg)
	if journal {
		p.Journal = day.Format("2006-01-02")
		if title := trimName(formatDate(b.cfg.JournalTitle, day)); NameKey(title) != "" {
			p.Name = title
		}
	}
	p.Public = b.public
	for i := range b.outline.Properties {
		prop := &b.outline.Properties[i]
		if !prop.Page {
			continue
		}
		switch prop.Key {
		case "title":
			if title := plainTitle(prop.Value); title != "" {
				p.Name, b.titled = title, true
			}
		case "public":
			p.Public = p.Public || strings.EqualFold(prop.Value, "true")
		}
	}
	p.NameKey = NameKey(p.Name)
	p.Namespace = Namespace(p.Name)
	if journal {
		b.alias(p.Journal, 0)
	}
}

// plainTitle is the value of title:: without quotation marks and brackets.
func plainTitle(value string) string {
	value = strings.TrimSpace(value)
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		value = value[1 : n-1]
	}
	if n := len(value); n > 4 && strings.HasPrefix(value, "[[") && strings.HasSuffix(value, "]]") {
		value = value[2 : n-2]
	}
	return trimName(value)
}

// report keeps findings; that a prefix is unknown is said once in a file.
func (b *builder) report(found ...diag.Diagnostic) {
	for _, d := range found {
		if d.Code != diag.OWLUnknownPrefix || b.first("finding", d.Message) {
			b.doc.Diagnostics = append(b.doc.Diagnostics, d)
		}
	}
}

// alias adds another name of the page, unless it is the page's own.
func (b *builder) alias(name string, line int) {
	name = trimName(name)
	key := NameKey(name)
	if key == "" || key == b.doc.Page.NameKey {
		return
	}
	if b.aliases[key] {
		return
	}
	if b.aliases == nil {
		b.aliases = map[string]bool{}
	}
	b.aliases[key] = true
	b.doc.Aliases = append(b.doc.Aliases, Alias{Name: name, NameKey: key, Line: line})
}

// facts fills in what a page says beside ontology.
func (b *builder) facts() {
	b.references()
	b.pathNames()
	b.properties()
}

// properties copies the key:: value lines. The same statement of the same block
// counts once.
func (b *builder) properties() {
	type statement struct {
		key, value string
		block      int
	}
	const usual = 512 // properties that differ; a file of many more repeats itself or is generated
	n := min(len(b.outline.Properties), usual)
	seen := make(map[statement]bool, n)
	b.doc.Properties = make([]Property, 0, n)
	for i := range b.outline.Properties {
		p := &b.outline.Properties[i]
		block := 0
		if !p.Page {
			block = b.outline.Blocks[p.Block].Line
		}
		s := statement{p.Key, p.Value, block}
		if seen[s] {
			continue
		}
		seen[s] = true
		b.doc.Properties = append(b.doc.Properties, Property{Key: p.Key, Value: p.Value, Block: block, Line: p.Line})
	}
}
