package parse

import (
	"path"
	"strings"
)

// maxPathNames bounds how many of the folders above a file its other names have.
const maxPathNames = 8

// pathNames adds the names that a page has by its path where links may be paths,
// as in Obsidian: [[folder/Note]] is the file folder/Note.md, from the root or
// from any folder, and [[Note]] too whatever its title. In a Logseq graph "/"
// separates namespaces, so that there are none; nor in a folder of pages or of
// journals, which have that layout without its configuration. As they are other
// names, a page whose name is the link's comes first.
func (b *builder) pathNames() {
	folders := strings.Split(strings.ToValidUTF8(path.Dir(b.path), "\uFFFD"), "/")
	n := len(folders)
	if b.cfg.Logseq || b.doc.Page.Journal != "" || folders[n-1] == b.cfg.PagesDir {
		return
	}
	base := baseName(b.path)
	if b.titled {
		b.alias(base, 0)
	}
	if folders[0] == "." {
		return
	}
	for i := max(n-maxPathNames, 0); i < n; i++ {
		b.alias(strings.Join(folders[i:], "/")+"/"+base, 0)
	}
}

// linkPath is the page name that a wikilink means where it may be a path: from the
// root if it is one from the file's own folder, and without .md at its end. A name
// without a folder is a name to its last letter: [[CLAUDE.md]] is no path.
func (b *builder) linkPath(name string) string {
	if b.cfg.Logseq || !strings.Contains(name, "/") {
		return name
	}
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		if target := path.Join(path.Dir(b.path), name); !strings.HasPrefix(target, "..") {
			name = target
		}
	}
	return withoutExtension(name)
}
