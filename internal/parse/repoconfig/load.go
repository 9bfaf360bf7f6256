package repoconfig

import (
	"maps"
	"slices"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

// The configuration files at the root of a repository.
const (
	ednFile = "logseq/config.edn"
)

// maxFileBytes caps one configuration file; maxContexts caps their number.
const (
	maxFileBytes = 1 << 20
	maxContexts  = 64
)

// Default returns the configuration of a repository without any.
func Default() *Config {
	return &Config{
		Dialects: map[Dialect]bool{
			DialectOntologyBlock: true, DialectFunctional: true,
			DialectJSONLD: true, DialectManchester: true,
		},
		Prefixes:     map[string]string{},
		FileName:     FormatTripleLowbar,
		PagesDir:     "pages",
		JournalsDir:  "journals",
		JournalFile:  "yyyy_MM_dd",
		JournalTitle: "MMM do, yyyy",
		Contexts:     map[string]*jsonld.Context{},
		Diagnostics:  map[string][]diag.Diagnostic{},
	}
}

// Load reads the configuration files of a repository, given by path; paths that
// are not configuration are ignored. It never fails: a broken file or value is
// a diagnostic, and whatever is valid beside it counts. Where both files speak
// of the same thing, .kgsync.yml wins.
func Load(files map[string][]byte) *Config {
	c := Default()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		content := files[path]
		if !IsConfigPath(path) {
			continue
		}
		if len(content) > maxFileBytes {
			c.report(path, diag.New(0, diag.Error, diag.ConfigTooLarge,
				"the file has %d bytes, more than the %d that are read: make it smaller", len(content), maxFileBytes))
			continue
		}
		if path != Path && path != ednFile {
			c.addContext(path, content)
		}
	}
	_, c.Logseq = files[ednFile]
	if content, ok := within(files, ednFile); ok {
		c.loadEDN(content)
	}
	if content, ok := within(files, Path); ok {
		c.loadYAML(content)
	}
	return c
}

func within(files map[string][]byte, path string) ([]byte, bool) {
	content, ok := files[path]
	return content, ok && len(content) <= maxFileBytes
}

func (c *Config) report(path string, d diag.Diagnostic) {
	c.Diagnostics[path] = append(c.Diagnostics[path], d)
}
