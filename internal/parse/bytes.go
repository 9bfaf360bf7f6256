package parse

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/kgsync/kgsync/internal/parse/diag"
)

// bom is the UTF-8 byte order mark.
const bom = "\ufeff"

// readable checks raw content before it is parsed. It returns the text to parse,
// or a Document if there is nothing to parse in it.
func readable(path string, content []byte) (text []byte, found []diag.Diagnostic, unreadable *Document) {
	if i := bytes.IndexByte(content, 0); i >= 0 {
		d := skipped(SkipBinary)
		d.Diagnostics = []diag.Diagnostic{diag.New(lineOf(content, i), diag.Error, diag.FileBinary,
			"the file contains a NUL byte and is not text (UTF-16 or binary?): save it as UTF-8 or exclude it in .kgsync.yml")}
		return nil, nil, d
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(content, []byte(bom)))) == 0 {
		d := skipped(SkipEmpty)
		d.Diagnostics = []diag.Diagnostic{diag.New(0, diag.Info, diag.FileEmpty, "the file is empty: nothing to do")}
		return nil, nil, d
	}
	if bytes.HasPrefix(content, []byte(bom)) {
		found = append(found, diag.New(1, diag.Info, diag.FileBOM,
			"the file starts with a byte order mark, which is ignored: save it as UTF-8 without one"))
		content = content[len(bom):]
	}
	if !utf8.Valid(content) {
		i := firstInvalid(content)
		line := lineOf(content, i)
		found = append(found, diag.Diagnostic{Line: line, Column: i - bytes.LastIndexByte(content[:i], '\n'),
			Severity: diag.Error, Code: diag.FileNotUTF8,
			Message: "the file is not valid UTF-8 here; such bytes are read as \uFFFD: save the file as UTF-8"})
		content = bytes.ToValidUTF8(content, []byte("\uFFFD"))
	}
	if !utf8.ValidString(path) {
		found = append(found, diag.New(0, diag.Warning, diag.PathNotUTF8,
			"the file's name is not valid UTF-8; such bytes are \uFFFD in the page name: rename the file"))
	}
	return content, found, nil
}

func lineOf(content []byte, offset int) int {
	return 1 + bytes.Count(content[:offset], []byte("\n"))
}

func firstInvalid(content []byte) int {
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(content)
}

// oneLine makes a text fit for a message.
func oneLine(s string) string {
	const limit = 120
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
