// Package samplevault holds a small knowledge base about urban beekeeping, so
// that a newcomer sees a real vault turn into a graph without having one.
//
// It owns the vault's files and how they become a git repository. It imports
// nothing internal.
package samplevault

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

//go:embed all:vault
var files embed.FS

// WriteTo writes the vault's files below dir, which must not exist.
func WriteTo(dir string) error {
	tmp := dir + ".tmp"
	if err := os.CopyFS(tmp, files); err != nil {
		return fmt.Errorf("write the sample vault: %w", err)
	}
	if err := os.Rename(tmp+"/vault", dir); err != nil {
		return fmt.Errorf("write the sample vault: %w", err)
	}
	return os.Remove(tmp)
}

// Repository makes dir a git repository with the vault in its first commit. It
// needs git.
func Repository(dir string) error {
	if err := WriteTo(dir); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"config", "user.name", "Sample"},
		{"config", "user.email", "sample@example.org"},
		{"add", "--all"},
		{"commit", "--quiet", "--message=The sample vault"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}
