package rehearse

import (
	"context"
	"fmt"
	"math/rand/v2"
)

var configsYML = []string{
	"exclude: [\"drafts/**\"]\n", "public: all\n", "wikilink_pipe: page\n", "prefixes:\n  ex: https://example.org/other/\n",
	"dialects: [jsonld, functional]\n", "include: [\"**/*.md\"]\nloose_fences: true\n", "exclude: [\n", "unknown: yes\n", "", "prefixes:\n  ex: https://example.org/ns#\n",
}

// onDefault runs f with the default branch checked out.
func (w *world) onDefault(f func() error) error {
	back, err := w.current()
	if err != nil {
		return err
	}
	if err := w.git.Branch(w.defaultBranch); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return w.git.Branch(back)
}

// writeConfigYML changes .kgsync.yml on the branch that is checked out: there it
// counts if that is the default branch.
func writeConfigYML(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	content := configsYML[rng.IntN(len(configsYML))]
	if err := w.keepBranchKey(&content); err != nil {
		return "", err
	}
	return fmt.Sprintf("%q", content), w.writeAndCommit(ctx, rng, map[string]string{".kgsync.yml": content})
}

var configsEDN = []string{
	"{:publishing/all-pages-public? true}\n", "{:hidden [\"/drafts\"]}\n", "{:file/name-format :legacy}\n", "{:property/separated-by-commas #{:tags}\n", "{}\n",
	"{:journal/page-title-format \"yyyy-MM-dd\"}\n",
}

func writeConfigEDN(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	content := configsEDN[rng.IntN(len(configsEDN))]
	return fmt.Sprintf("%q", content), w.writeAndCommit(ctx, rng, map[string]string{"logseq/config.edn": content})
}

// attributes change what an archive holds: files are left out, others have other
// bytes. Those that change a work tree too (eol, ident) would change what steps read.
var attributes = []string{"*.md export-ignore\n", "pages/** export-ignore\n", "*.md export-subst\n", "*.md export-subst\n", ""}

// writeAttributes also writes a page that git archive would change.
func writeAttributes(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	content := attributes[rng.IntN(len(attributes))]
	files, err := w.some(rng, 2)
	if err != nil {
		return "", err
	}
	changes := map[string]string{".gitattributes": content}
	for _, f := range files {
		changes[f] = w.vault.page("public:: true\n\n- made of $Format:%H$", rng)
	}
	return fmt.Sprintf("%q", content), w.writeAndCommit(ctx, rng, changes)
}
