package repoconfig

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Paths returns the configuration files with fixed names. Context files are
// found by [IsConfigPath].
func Paths() []string { return []string{Path, ednFile} }

// IsConfigPath reports whether a change of path may change what other files
// mean: .kgsync.yml, logseq/config.edn and the repository's JSON-LD contexts.
func IsConfigPath(path string) bool {
	return path == Path || path == ednFile || isContextPath(path)
}

// Selects reports whether path is a Markdown file that the repository wants
// read. Copies that tools keep (Logseq's backups, anything in a folder whose
// name starts with a dot, node_modules) never are; :hidden paths are not;
// exclude beats include.
func (c *Config) Selects(path string) bool {
	if len(path) > MaxPathBytes || !isMarkdown(path) || isToolPath(path) || c.hidden(path) {
		return false
	}
	if matchesAny(c.Exclude, path) {
		return false
	}
	return len(c.Include) == 0 || matchesAny(c.Include, path)
}

// MaxPathBytes is how long the path of a file that is read may be: a longer one fits
// no entry of a Postgres index, of which a page holds at least three.
const MaxPathBytes = 2000

func isMarkdown(path string) bool {
	return hasSuffixFold(path, ".md") || hasSuffixFold(path, ".markdown")
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// isToolPath reports whether path stands below a folder of tools' copies. A graph
// may stand in a folder of the repository, and its logseq/bak with it.
func isToolPath(path string) bool {
	parent := ""
	for {
		dir, rest, ok := strings.Cut(path, "/")
		if !ok {
			return false
		}
		if dir == "node_modules" || strings.HasPrefix(dir, ".") || parent == "logseq" && (dir == "bak" || dir == "version-files") {
			return true
		}
		parent, path = dir, rest
	}
}

// hidden applies :hidden, whose entries are paths or path prefixes from the
// root, with or without a leading slash.
func (c *Config) hidden(path string) bool {
	for _, entry := range c.Hidden {
		entry = strings.Trim(strings.TrimPrefix(entry, "../"), "/")
		if entry == "" {
			continue
		}
		if path == entry || strings.HasPrefix(path, entry+"/") {
			return true
		}
	}
	return false
}

func matchesAny(globs []string, path string) bool {
	for _, glob := range globs {
		if doublestar.MatchUnvalidated(glob, path) {
			return true
		}
	}
	return false
}
