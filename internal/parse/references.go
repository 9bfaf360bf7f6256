package parse

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// linkID is what makes two links of a file one: same kind, same key, same line,
// and for a file the same path, because files of one name share their key.
type linkID struct {
	key, path string
	kind      LinkKind
	line      int
}

func idOf(l Link) linkID {
	id := linkID{key: l.TargetKey, kind: l.Kind, line: l.Line}
	if l.Kind == LinkFile {
		id.path = l.Target
	}
	return id
}

// references turns what the scanner saw into links, tags and aliases.
func (b *builder) references() {
	refs := b.outline.References
	b.doc.Links = make([]Link, 0, len(refs))
	seen := make(map[linkID]struct{}, len(refs))
	tags := map[string]struct{}{}
	for i := range refs {
		ref := &refs[i]
		link, ok := b.link(ref)
		if !ok {
			continue
		}
		id := idOf(link)
		if _, dup := seen[id]; !dup {
			seen[id] = struct{}{}
			b.doc.Links = append(b.doc.Links, link)
		}
		key := b.propertyKey(ref)
		if ref.Kind == logseq.RefTag || key == "tags" && (ref.Kind == logseq.RefPage || ref.Kind == logseq.RefProperty) {
			if _, dup := tags[link.TargetKey]; !dup {
				tags[link.TargetKey] = struct{}{}
				b.doc.Tags = append(b.doc.Tags, Tag{Name: link.Target, NameKey: link.TargetKey, Line: link.Line})
			}
		}
		if key == "alias" && b.outline.Properties[ref.Property].Page && !ref.Nested {
			b.alias(ref.Target, ref.Line)
		}
	}
}

// propertyKey is the key of the property that contains ref, "" outside of any.
func (b *builder) propertyKey(ref *logseq.Reference) string {
	if ref.Property < 0 {
		return ""
	}
	return b.outline.Properties[ref.Property].Key
}

// link reports false for a reference to nothing, such as a link that leads out
// of the repository.
func (b *builder) link(ref *logseq.Reference) (Link, bool) {
	link := Link{Target: ref.Target, Line: ref.Line}
	switch ref.Kind {
	case logseq.RefPage:
		return b.pageLink(link)
	case logseq.RefTag:
		link.Kind = LinkTag
		link.TargetKey = b.keyOf(link.Target)
	case logseq.RefProperty:
		link.Kind = LinkProperty
		link.TargetKey = b.keyOf(link.Target)
	case logseq.RefBlock:
		link.Kind = LinkBlock
		link.TargetKey = strings.ToLower(link.Target)
	case logseq.RefFile:
		target, ok := resolveFile(b.path, link.Target)
		if !ok {
			return link, false
		}
		link.Kind, link.Target, link.TargetKey = LinkFile, target, fileKey(target, b.cfg)
	}
	return link, link.TargetKey != ""
}

// pageLink reads [[page]]. Where "|" separates an alias (not Logseq's reading),
// Obsidian's other marks count too: "#" before a heading, "^" before a block,
// and the names of attachments.
func (b *builder) pageLink(link Link) (Link, bool) {
	link.Kind = LinkPage
	name := link.Target
	if !b.cfg.PipeIsPage {
		name = beforeHeading(name)
		if isAttachment(name) {
			link.Kind, link.Target = LinkFile, strings.TrimPrefix(name, "/")
		} else {
			name = b.linkPath(name)
		}
	}
	link.TargetKey = b.keyOf(name)
	return link, link.TargetKey != ""
}

// beforeHeading cuts "#heading" and "#^block" off a page name. A "#" before a
// blank or at the end belongs to the name: "C# language", "F#".
func beforeHeading(name string) string {
	i := strings.IndexByte(name, '#')
	if i < 0 || i+1 == len(name) || name[i+1] == ' ' {
		return name
	}
	return strings.TrimSpace(name[:i])
}

// keyOf is NameKey; the keys of a file's many references to one page share their
// memory.
func (b *builder) keyOf(name string) string { return NameKey(name) }
