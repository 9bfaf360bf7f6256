package samplevault_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kgsync/kgsync/internal/samplevault"
)

func TestTheVaultIsARepository(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "vault")
	if err := samplevault.Repository(dir); err != nil {
		t.Fatal(err)
	}
	pages, err := os.ReadDir(filepath.Join(dir, "pages"))
	if err != nil || len(pages) < 30 {
		t.Errorf("%d pages, %v", len(pages), err)
	}
	for _, hidden := range []string{".kgsync.yml", "logseq/config.edn", ".git/HEAD"} {
		if _, err := os.Stat(filepath.Join(dir, hidden)); err != nil {
			t.Error(err)
		}
	}
}
