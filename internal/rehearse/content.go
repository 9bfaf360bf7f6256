package rehearse

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

var contentKinds = []kind{
	{"edit", "content", 14, editFiles},
	{"edit-twice", "content", 4, editTwice},
	{"add", "content", 6, addFile},
	{"add-odd-name", "content", 3, addOddName},
	{"delete", "content", 5, deleteFiles},
	{"rename", "content", 5, renameFile},
	{"rename-case", "content", 3, renameCase},
	{"swap", "content", 3, swapFiles},
	{"file-for-directory", "content", 2, fileForDirectory},
	{"binary", "content", 2, unreadable("binary", func(*world, *rand.Rand) string { return "public:: true\n\x00\x01\x02" })},
	{"not-utf8", "content", 2, unreadable("not UTF-8", func(*world, *rand.Rand) string { return "public:: true\n\n- \xff\xfe\xe9\n" })},
	{"oversized", "content", 2, unreadable("oversized", func(w *world, rng *rand.Rand) string {
		return "public:: true\n" + strings.Repeat("too long ", int(w.stage.maxFile)/8+rng.IntN(100))
	})},
	{"empty-file", "content", 1, unreadable("empty", func(*world, *rand.Rand) string { return "" })},
	{"symlink", "content", 2, makeSymlink},
	{"executable", "content", 1, makeExecutable},
	{"submodule", "content", 1, addSubmodule},
	{"not-markdown", "content", 1, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		return "README.txt", w.writeAndCommit(ctx, rng, map[string]string{"README.txt": fmt.Sprint(rng.Int())})
	}},
	{"empty-commit", "content", 2, func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		return "nothing", w.commit(ctx, rng, "Nothing")
	}},
	{"config-yml", "content", 4, writeConfigYML},
	{"config-edn", "content", 2, writeConfigEDN},
	{"attributes", "content", 2, writeAttributes},
}

// touchable lists the Markdown files of the work tree that steps may change.
func (w *world) touchable() ([]string, error) {
	entries, err := listTree(w.git, "HEAD")
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if isMarkdown(e.path) && e.mode != "160000" && !w.stage.kept[e.path] {
			list = append(list, e.path)
		}
	}
	return list, nil
}

// some draws up to n touchable files.
func (w *world) some(rng *rand.Rand, n int) ([]string, error) {
	list, err := w.touchable()
	if err != nil {
		return nil, err
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))], nil
}

func (w *world) full(file string) string { return filepath.Join(w.git.Dir, filepath.FromSlash(file)) }

// read gives a regular file's content, "" for what cannot be read as text.
func (w *world) read(file string) string {
	info, err := os.Lstat(w.full(file))
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	b, err := os.ReadFile(w.full(file))
	if err != nil || strings.ContainsRune(string(b), 0) {
		return ""
	}
	return string(b)
}

// write replaces whatever is at the path.
func (w *world) write(file, content string) error {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if info, err := os.Lstat(w.full(dir)); err == nil && !info.IsDir() {
			if err := os.Remove(w.full(dir)); err != nil {
				return fmt.Errorf("clear %s: %w", dir, err)
			}
		}
	}
	if err := os.RemoveAll(w.full(file)); err != nil {
		return fmt.Errorf("clear %s: %w", file, err)
	}
	return w.git.Write(file, content)
}

func (w *world) writeAndCommit(ctx context.Context, rng *rand.Rand, files map[string]string) error {
	paths := make([]string, 0, len(files))
	for p, content := range files {
		paths = append(paths, p)
		if err := w.write(p, content); err != nil {
			return err
		}
	}
	slices.Sort(paths)
	return w.commit(ctx, rng, "Write "+strings.Join(paths, ", "))
}

func editFiles(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	n := 1
	if rng.IntN(3) == 0 {
		n = 1 + rng.IntN(8)
	}
	files, err := w.some(rng, n)
	if err != nil || len(files) == 0 {
		return "", err
	}
	if kept := slices.Sorted(maps.Keys(w.stage.kept)); len(kept) > 0 && rng.IntN(3) == 0 {
		files = append(files, kept[rng.IntN(len(kept))])
	}
	changes := map[string]string{}
	for _, f := range files {
		changes[f] = w.vault.page(w.read(f), rng)
	}
	return strings.Join(files, ", "), w.writeAndCommit(ctx, rng, changes)
}

// editTwice pushes the same file twice within milliseconds.
func editTwice(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 {
		return "", err
	}
	for range 2 {
		if err := w.write(files[0], w.vault.page(w.read(files[0]), rng)); err != nil {
			return "", err
		}
		if _, err := w.git.Commit("Edit " + files[0]); err != nil {
			return "", err
		}
		branch, err := w.current()
		if err != nil {
			return "", err
		}
		if err := w.push(ctx, branch); err != nil {
			return "", err
		}
	}
	return files[0], nil
}

func addFile(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	dir := []string{"pages/", draftsDir, "", "journals/"}[rng.IntN(4)]
	file := dir + name(rng) + ".md"
	if dir == "journals/" {
		file = fmt.Sprintf("journals/2024_%02d_%02d.md", 1+rng.IntN(12), 1+rng.IntN(31))
	}
	if w.stage.kept[file] {
		return "", nil
	}
	return file, w.writeAndCommit(ctx, rng, map[string]string{file: w.vault.page(w.read(file), rng)})
}

func addOddName(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	file := oddNames[rng.IntN(len(oddNames))]
	if rng.IntN(2) == 0 {
		file = "pages/" + file
	}
	if w.stage.kept[file] {
		return "", nil
	}
	return fmt.Sprintf("%q", file), w.writeAndCommit(ctx, rng, map[string]string{file: w.vault.page(w.read(file), rng)})
}

func deleteFiles(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	n := 1
	if rng.IntN(4) == 0 {
		n = 1000 // all that may be touched
	}
	files, err := w.some(rng, n)
	if err != nil || len(files) == 0 {
		return "", err
	}
	for _, f := range files {
		if err := w.git.Remove(f); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d files, %s first", len(files), files[0]), w.commit(ctx, rng, "Delete")
}

// move renames a file in the work tree, over whatever is there.
func (w *world) move(from, to string) error {
	if err := w.write(to, ""); err != nil { // makes the directory
		return err
	}
	if err := os.Rename(w.full(from), w.full(to)); err != nil {
		return fmt.Errorf("rename %s to %s: %w", from, to, err)
	}
	return nil
}

func renameFile(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	to := "pages/Renamed " + name(rng) + ".md"
	if err != nil || len(files) == 0 || files[0] == to {
		return "", err
	}
	if err := w.move(files[0], to); err != nil {
		return "", err
	}
	if rng.IntN(2) == 0 { // with a change, so that git sees a delete and an add
		if err := w.write(to, w.vault.page("", rng)); err != nil {
			return "", err
		}
	}
	return files[0] + " to " + to, w.commit(ctx, rng, "Rename "+files[0])
}

func renameCase(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 {
		return "", err
	}
	dir, base := path.Split(files[0])
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	to := dir + strings.ToUpper(stem) + ext
	if to == files[0] {
		to = dir + strings.ToLower(stem) + ext
	}
	if to == files[0] || w.stage.kept[to] {
		return "", nil
	}
	if err := w.move(files[0], to); err != nil {
		return "", err
	}
	return files[0] + " to " + to, w.commit(ctx, rng, "Rename "+files[0])
}

// swapFiles gives two paths each other's content.
func swapFiles(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 2)
	if err != nil || len(files) < 2 {
		return "", err
	}
	a, b := w.read(files[0]), w.read(files[1])
	return files[0] + " and " + files[1], w.writeAndCommit(ctx, rng, map[string]string{files[0]: b, files[1]: a})
}

// fileForDirectory puts a file where a directory was, or the other way round.
func fileForDirectory(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	const file, inside = "pages/Both.md", "pages/Both.md/Inside.md"
	put := file
	if info, err := os.Lstat(w.full(file)); err == nil && !info.IsDir() {
		put = inside
	}
	return put, w.writeAndCommit(ctx, rng, map[string]string{put: w.vault.page("", rng)})
}

// unreadable puts a content that is not a page's in the place of one.
func unreadable(what string, content func(*world, *rand.Rand) string) func(*world, context.Context, *rand.Rand) (string, error) {
	return func(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
		files, err := w.some(rng, 1)
		if err != nil || len(files) == 0 {
			return "", err
		}
		return files[0] + " is " + what, w.writeAndCommit(ctx, rng, map[string]string{files[0]: content(w, rng)})
	}
}

func makeSymlink(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 {
		return "", err
	}
	if err := w.git.Remove(files[0]); err != nil {
		return "", err
	}
	target := []string{"Alpha.md", "/etc/hostname", "../README.txt", "nowhere.md"}[rng.IntN(4)]
	if err := w.git.Symlink(files[0], target); err != nil {
		return "", err
	}
	return files[0] + " to " + target, w.commit(ctx, rng, "Link "+files[0])
}

// makeExecutable changes the mode and nothing else.
func makeExecutable(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	files, err := w.some(rng, 1)
	if err != nil || len(files) == 0 || w.read(files[0]) == "" {
		return "", err
	}
	info, err := os.Stat(w.full(files[0]))
	if err != nil {
		return "", err
	}
	if err := os.Chmod(w.full(files[0]), info.Mode()^0o111); err != nil {
		return "", err
	}
	return files[0], w.commit(ctx, rng, "Change the mode of "+files[0])
}

// addSubmodule puts a commit of another repository where a page was.
func addSubmodule(w *world, ctx context.Context, rng *rand.Rand) (string, error) {
	const file = "pages/Module.md"
	if w.stage.kept[file] {
		return "", nil
	}
	if err := os.RemoveAll(w.full(file)); err != nil {
		return "", err
	}
	if _, err := w.git.Git("rm", "-rq", "--cached", "--ignore-unmatch", file); err != nil {
		return "", err
	}
	head, err := w.git.Head()
	if err != nil {
		return "", err
	}
	if _, err := w.git.Git("update-index", "--add", "--cacheinfo", "160000,"+head+","+file); err != nil {
		return "", err
	}
	if _, err := w.git.Git("commit", "-q", "--allow-empty", "-m", "A submodule"); err != nil {
		return "", err
	}
	branch, err := w.current()
	if err != nil {
		return "", err
	}
	return file, w.push(ctx, branch)
}
