package githubsim

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

const rawMedia = "Accept: application/vnd.github.raw+json"

func TestEmptyRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.want(w.get("/repos/o/r/git/trees/main?recursive=1"), 409, "Git Repository is empty.")
	w.want(w.get("/repos/o/r/commits/main"), 409, "Git Repository is empty.")
}

func TestCommitHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first := w.commit("a.md=1")
	for _, ref := range []string{"main", "heads/main", "HEAD", first, first[:10]} {
		if got := w.get("/repos/o/r/commits/"+ref, "Accept: application/vnd.github.sha"); string(got.body) != first {
			t.Fatalf("%s: got %s, want %s", ref, got.body, first)
		}
	}
	known := w.get("/repos/o/r/commits/main", "Accept: application/vnd.github.sha").header.Get("ETag")
	w.want(w.get("/repos/o/r/commits/main", "Accept: application/vnd.github.sha", "If-None-Match: "+known), 304, "")
	second := w.commit("a.md=2")
	w.want(w.get("/repos/o/r/commits/main", "Accept: application/vnd.github.sha", "If-None-Match: "+known), 200, second)
	w.want(w.get("/repos/o/r/commits/main"), 200, `"parents":[{`)
	w.want(w.get("/repos/o/r/commits/nope"), 422, "No commit found for SHA: nope")
	w.want(w.get("/repos/o/r/commits/main%5E"), 422, "No commit found") // git's own syntax must not leak
}

func TestTree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	check(t, w.git.Symlink("link", "pages/a.md"))
	head := w.commit("pages/a.md=hello", "run.sh=x", "pages/ü ß.md=u")
	must(w.git.Git("update-index", "--add", "--cacheinfo", "160000,"+head+",sub"))(t)
	must(w.git.Git("commit", "-q", "-m", "submodule"))(t)
	type tree struct {
		SHA       string
		Truncated bool
		Tree      []treeEntry
	}
	var all tree
	decode(t, w.get("/repos/o/r/git/trees/main?recursive=0"), &all) // any value recurses
	var got []string
	for _, e := range all.Tree {
		got = append(got, e.Mode+" "+e.Type+" "+e.Path)
		if (e.Type == "blob") != (e.Size != nil) {
			t.Errorf("%s: size %v on a %s", e.Path, e.Size, e.Type)
		}
	}
	want := "120000 blob link|040000 tree pages|100644 blob pages/a.md|100644 blob pages/ü ß.md|100644 blob run.sh|160000 commit sub"
	if strings.Join(got, "|") != want || all.Truncated {
		t.Fatalf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	var flat tree
	decode(t, w.get("/repos/o/r/git/trees/"+all.SHA), &flat) // a tree's own SHA
	if len(flat.Tree) != 4 {
		t.Fatalf("without recursive: %d entries, want 4", len(flat.Tree))
	}
	w.want(w.get("/repos/o/r/git/trees/"+strings.Repeat("1", 40)), 404, "Not Found")
}

func TestTreeTruncation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ files, nameLength int }{
		"entries": {maxTreeEntries + 1, 6},
		"bytes":   {40_000, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			blob := w.gitInput("x", "hash-object", "-w", "--stdin")
			var listing strings.Builder
			for i := range test.files {
				fmt.Fprintf(&listing, "100644 blob %s\t%0*d\n", blob, test.nameLength, i)
			}
			tree := w.gitInput(listing.String(), "mktree")
			must(w.git.Git("update-ref", "refs/heads/main", must(w.git.Git("commit-tree", "-m", "many", tree))(t)))(t)
			var cut, flat struct {
				Truncated bool
				Tree      []struct{ Path string }
			}
			decode(t, w.get("/repos/o/r/git/trees/main?recursive=1"), &cut)
			if !cut.Truncated || len(cut.Tree) >= test.files || len(cut.Tree) > maxTreeEntries {
				t.Fatalf("truncated = %v with %d entries", cut.Truncated, len(cut.Tree))
			}
			decode(t, w.get("/repos/o/r/git/trees/main"), &flat)
			if flat.Truncated || len(flat.Tree) != test.files {
				t.Fatalf("not recursive: truncated = %v with %d entries", flat.Truncated, len(flat.Tree))
			}
		})
	}
}

func TestBlob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	content := strings.Repeat("0123456789\n", 50)
	w.commit("a.md=" + content)
	sha := must(w.git.Git("rev-parse", "HEAD:a.md"))(t)
	value := w.get("/repos/o/r/git/blobs/" + sha).json(t)
	encoded := value["content"].(string)
	if !strings.Contains(strings.TrimSpace(encoded), "\n") {
		t.Error("base64 is not broken into lines")
	}
	plain := must(base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "\n", "")))(t)
	if string(plain) != content || value["encoding"] != "base64" {
		t.Fatalf("decoded %q", plain)
	}
	w.want(w.get("/repos/o/r/git/blobs/"+sha, rawMedia), 200, content)
	w.want(w.get("/repos/o/r/git/blobs/"+strings.Repeat("1", 40)), 404, "")
	w.want(w.get("/repos/o/r/git/blobs/"+must(w.git.Head())(t)), 404, "")
	w.want(w.get("/repos/o/r/git/blobs/main"), 422, "40 characters")
}

func TestObjectTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.commit("a.md=hello")
	git := must(w.byID(w.repo.ID))(t).git
	found, err := git.objects.read(t.Context(), "HEAD:a.md", 4)
	if !errors.Is(err, errObjectTooLarge) || found.kind != "blob" {
		t.Fatalf("read = %+v, %v", found, err)
	}
	for range objectProcesses + 1 { // the abandoned process is replaced
		if found, err = git.objects.read(t.Context(), "HEAD:a.md", 5); err != nil || string(found.data) != "hello" {
			t.Fatalf("read = %+v, %v", found, err)
		}
	}
}

func TestContents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	check(t, w.git.Symlink("link", "pages/a b.md"))
	check(t, w.git.Symlink("pages/out", "../../etc/passwd"))
	first := w.commit("pages/a b.md=hello", "big.md="+strings.Repeat("x", maxInlineBytes+1))
	w.commit("pages/a b.md=changed")
	w.want(w.get("/repos/o/r/contents/pages/a%20b.md?ref="+first, rawMedia), 200, "hello")
	w.want(w.get("/repos/o/r/contents/pages/a%20b.md", rawMedia), 200, "changed")
	w.want(w.get("/repos/o/r/contents/pages/a%20b.md?ref="+first), 200, `"content":"aGVsbG8=\n"`)
	w.want(w.get("/repos/o/r/contents/link?ref="+first, rawMedia), 200, "hello")
	w.want(w.get("/repos/o/r/contents/pages/out"), 200, `"type":"symlink"`)
	w.want(w.get("/repos/o/r/contents/big.md"), 200, `"encoding":"none"`)
	if raw := w.get("/repos/o/r/contents/big.md", rawMedia); len(raw.body) != maxInlineBytes+1 {
		t.Fatalf("raw has %d bytes", len(raw.body))
	}
	w.want(w.get("/repos/o/r/contents"), 200, `"type":"dir"`)
	w.want(w.get("/repos/o/r/contents/pages"), 200, `"path":"pages/a b.md"`)
	w.want(w.get("/repos/o/r/contents/pages/none.md"), 404, "Not Found")
	w.want(w.get("/repos/o/r/contents/link?ref=nope"), 404, "")
}

func TestDirectoryLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range maxDirectoryEntries + 5 {
		check(t, w.git.Write(fmt.Sprintf("d/%04d", i), "x"))
	}
	w.commit()
	var list []struct{ Path string }
	decode(t, w.get("/repos/o/r/contents/d"), &list)
	if len(list) != maxDirectoryEntries {
		t.Fatalf("%d entries, want %d", len(list), maxDirectoryEntries)
	}
}

func TestTarball(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	head := w.commit("a.md=hello", "secret.md=s", ".gitattributes=secret.md export-ignore\n")
	redirect := w.get("/repos/o/r/tarball/main")
	w.want(redirect, 302, "")
	link := redirect.header.Get("Location")
	files, comment := untar(t, w.do("GET", link, "").body) // no credentials
	root := "o-r-" + head[:7] + "/"
	if files[root+"a.md"] != "hello" || comment != head {
		t.Fatalf("archive holds %v, comment %q", files, comment)
	}
	if _, ok := files[root+"secret.md"]; ok {
		t.Fatal("export-ignore was not obeyed")
	}
	w.want(w.do("GET", strings.Replace(link, "token=", "token=0", 1), ""), 404, "")
	w.want(w.get("/repos/o/r/tarball/nope"), 404, "")
	w.now = func() time.Time { return time.Now().Add(linkLife + time.Minute) }
	w.want(w.do("GET", link, ""), 404, "")
}

func untar(t *testing.T, data []byte) (files map[string]string, comment string) {
	t.Helper()
	files = map[string]string{}
	archive := tar.NewReader(must(gzip.NewReader(bytes.NewReader(data)))(t))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, comment
		}
		check(t, err)
		if header.Typeflag == tar.TypeXGlobalHeader {
			comment = header.PAXRecords["comment"]
		}
		files[header.Name] = string(must(io.ReadAll(archive))(t))
	}
}
