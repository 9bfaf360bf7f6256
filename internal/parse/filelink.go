package parse

import (
	"path"
	"strings"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// resolveFile returns the path inside the repository that a relative link in
// the file from names: "/x" counts from the root, a fragment and a query are
// cut, escapes are decoded. Ok is false if it leads out of the repository or
// back to the file itself.
func resolveFile(from, link string) (target string, ok bool) {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		link = link[:i]
	}
	link, _ = percentDecode(strings.ReplaceAll(link, `\`, ""))
	if link == "" {
		return "", false
	}
	dir := path.Dir(from)
	if strings.HasPrefix(link, "/") {
		dir = "."
	}
	target = path.Join(dir, link)
	if target == "." || target == ".." || strings.HasPrefix(target, "../") || target == from {
		return "", false
	}
	return target, true
}

// fileKey is the key of what a linked file is in the graph: the page that its
// name gives, or its path.
func fileKey(target string, cfg *repoconfig.Config) string {
	lower := strings.ToLower(target)
	if strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown") {
		name, _ := NameFromPath(target, cfg)
		return NameKey(name)
	}
	return NameKey(target)
}

// isAttachment reports whether a wikilink names a file that is not a page, as
// Obsidian's ![[image.png]] does.
func isAttachment(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp", ".avif", ".pdf",
		".mp3", ".wav", ".ogg", ".m4a", ".flac", ".mp4", ".webm", ".mov", ".mkv",
		".canvas", ".excalidraw":
		return true
	}
	return false
}
