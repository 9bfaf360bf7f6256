package main

import (
	"bytes"
	"strconv"
	"testing"
)

func TestAPushTouchesOnlyItsFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	w.want(20, `SELECT count(*) FROM kg.pages`)
	w.want(19, `SELECT count(*) FROM kg.links WHERE kind = 'page' AND resolved`)

	if err := w.git.Rename("pages/Page 3.md", "pages/Moved.md"); err != nil {
		t.Fatal(err)
	}
	before, after := w.commit(map[string]string{
		"pages/Page 1.md": "public:: true\n\n- now sees [[Somewhere else]]\n", "pages/New.md": "public:: true\n\n- new\n", "pages/Page 2.md": ""})
	w.push(before, after)
	run := w.settled()
	w.want(20, `SELECT count(*) FROM kg.pages`)
	w.want(1, `SELECT count(*) FROM kg.links WHERE target = 'Somewhere else' AND NOT resolved`)
	w.want(0, `SELECT count(*) FROM kg.files WHERE path IN ('pages/Page 2.md', 'pages/Page 3.md')`)
	w.want(5, `SELECT total_files FROM kg.runs WHERE id = $1 AND trigger = 'push'`, run)
	w.want(2, `SELECT deleted_files FROM kg.runs WHERE id = $1`, run)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift: %+v", v)
	}

	fresh := newWorld(t, tracked(w.git))
	fresh.install()
	if a, b := w.dump(), fresh.dump(); a != b {
		t.Errorf("the increments and a fresh sync differ:\n%s\n---\n%s", a, b)
	}
}

func TestADuplicateDeliveryMakesNoWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	before, after := w.commit(map[string]string{"pages/Page 1.md": "public:: true\n\n- changed\n"})
	w.push(before, after)
	w.settled()
	runs := w.count(`SELECT count(*) FROM kg.runs WHERE trigger = 'push'`)
	deliveries := w.sim.Deliveries()
	if err := w.sim.Redeliver(t.Context(), deliveries[len(deliveries)-1].GUID); err != nil {
		t.Fatal(err)
	}
	w.want(runs, `SELECT count(*) FROM kg.runs WHERE trigger = 'push'`)
	w.want(len(deliveries), `SELECT count(*) FROM kgsync.deliveries`)
}

func TestBadInputGivesRowsOrADiagnostic(t *testing.T) {
	t.Parallel()
	files := vault()
	files["bad utf8.md"] = "public:: true\n\n- \xff\xfe\n"
	files["binary.md"] = "a\x00b"
	files["big.md"] = "public:: true\n" + strconv.Itoa(1) + string(bytes.Repeat([]byte("x"), 5000))
	files["crlf.md"] = "\ufeffpublic:: true\r\n\r\n- see [[Page 1]]\r\n"
	files["51% Attack.md"] = "public:: true\n\n- percent\n"
	files["pages/A___B Testing.md"] = "public:: true\n\n- namespace\n"
	w := newWorld(t, files)
	if err := w.git.Symlink("link.md", "crlf.md"); err != nil {
		t.Fatal(err)
	}
	w.commit(nil)
	w.install()
	w.want(0, `SELECT count(*) FROM kg.files WHERE state NOT IN ('current', 'skipped')`)
	for path, code := range map[string]string{"bad utf8.md": "file-not-utf8", "binary.md": "file-binary", "big.md": "file-too-large", "link.md": "not-regular-file"} {
		w.want(1, `SELECT count(*) FROM kg.diagnostics WHERE path = $1 AND code = $2`, path, code)
	}
	w.want(1, `SELECT count(*) FROM kg.files WHERE path = 'big.md' AND size_bytes > 5000`) // a plan knows its blob alone
	w.want(1, `SELECT count(*) FROM kg.links WHERE path = 'crlf.md' AND target = 'Page 1'`)
	w.want(1, `SELECT count(*) FROM kg.pages WHERE name = '51% Attack'`)
	w.want(1, `SELECT count(*) FROM kg.pages WHERE namespace = 'A'`)
	if v := w.verify(); !v.Equal() {
		t.Errorf("drift: %+v", v)
	}
}
