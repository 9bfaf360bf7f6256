package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// sample gives a repository of the corpus's first files.
func (l *lab) sample(most int) (string, error) {
	name := fmt.Sprintf("sample%d", most)
	if dir := l.made[name]; dir != "" {
		return dir, nil
	}
	paths, err := markdown(l.pages)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(l.dir, name)
	for _, p := range paths[:min(most, len(paths))] {
		rel, err := filepath.Rel(l.pages, p)
		if err != nil {
			return "", err
		}
		content, err := os.ReadFile(filepath.Clean(p))
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // throwaway
			return "", err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil { //nolint:gosec // throwaway
			return "", err
		}
	}
	l.made[name] = dir
	return dir, commitAll(dir)
}
