package parse

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/kgsync/kgsync/internal/parse/repoconfig"
)

// NameKey returns the identity of a page name: trimmed, without slashes at its
// ends, lower case, Unicode NFC (Logseq's page-name-sanity-lc). Two names are
// the same page if and only if their keys are equal.
func NameKey(name string) string {
	name = trimName(name)
	if isASCII(name) {
		return strings.ToLower(name)
	}
	// Lower-casing may denormalise (İ), so NFC comes last.
	key := norm.NFC.String(lower(norm.NFC.String(name)))
	return trimName(key)
}

// lower is Unicode's full lower-casing in no language, as JavaScript's
// toLowerCase: "İ" keeps its dot and a "Σ" that ends a word is "ς". These two
// letters are all in which it differs from the mapping of letter to letter
// (SpecialCasing.txt). A Caser is not safe for concurrent use, so each call makes
// its own.
func lower(name string) string {
	if !strings.ContainsAny(name, "İΣ") {
		return strings.ToLower(name)
	}
	return cases.Lower(language.Und).String(strings.ToValidUTF8(name, "\uFFFD"))
}

// trimName removes blanks and slashes at the ends until none is left.
func trimName(name string) string {
	for {
		trimmed := strings.Trim(strings.TrimSpace(name), "/")
		if trimmed == name {
			return name
		}
		name = trimmed
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Namespace returns the name of the parent of a namespaced page ("a/b" of
// "a/b/c"), "" for a page at the top.
func Namespace(name string) string {
	i := strings.LastIndexByte(strings.TrimRight(name, "/"), '/')
	if i < 0 {
		return ""
	}
	return trimName(name[:i])
}

// NameFromPath returns the page name that a file's path gives: the decoded base
// name. Folders do not count, as in Logseq and Obsidian. BadEscape says that a
// "%" in it does not start a valid escape; it then stands for itself.
//
// In the triple-lowbar format "___" separates namespaces, and empty ones between
// slashes do not count. In the legacy format each dot does, and one broken escape
// leaves all as they are, as in Logseq. A nil cfg means [repoconfig.Default].
func NameFromPath(path string, cfg *repoconfig.Config) (name string, badEscape bool) {
	// Separators before escapes: an escaped separator is none.
	if cfg != nil && cfg.FileName == repoconfig.FormatLegacy {
		name = strings.ReplaceAll(baseName(path), ".", "/")
		if decoded, bad := percentDecode(name); bad {
			badEscape = true
		} else {
			name = decoded
		}
	} else {
		name, badEscape = percentDecode(strings.ReplaceAll(baseName(path), "___", "/"))
		name = singleSlashes(name)
	}
	if trimmed := trimName(name); trimmed != "" {
		return trimmed, badEscape
	}
	return strings.ToValidUTF8(path, "\uFFFD"), badEscape // "___.md" still needs a name
}

// baseName is the last element of path without its Markdown extension, as valid
// UTF-8.
func baseName(path string) string {
	return strings.ToValidUTF8(withoutExtension(path[strings.LastIndexByte(path, '/')+1:]), "\uFFFD")
}

// withoutExtension cuts the extension of Markdown files off.
func withoutExtension(name string) string {
	for _, ext := range []string{".markdown", ".md"} {
		if n := len(name) - len(ext); n > 0 && strings.EqualFold(name[n:], ext) {
			return name[:n]
		}
	}
	return name
}

// percentDecode decodes %XX. An escape that is broken, or that does not decode
// to UTF-8 text, stays as it is written, and so does everything after none.
func percentDecode(s string) (decoded string, bad bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '%' {
			b.WriteByte(s[i])
			i++
			continue
		}
		text, width := escapedRune(s[i:])
		if width == 0 {
			bad = true
			b.WriteByte('%')
			i++
			continue
		}
		b.WriteString(text)
		i += width
	}
	return b.String(), bad
}

// escapedRune decodes the one to four escapes at the start of s that make one
// character; width is 0 if they make none.
func escapedRune(s string) (text string, width int) {
	var buf [utf8.UTFMax]byte
	for n := 0; n < len(buf) && len(s) >= 3*(n+1) && s[3*n] == '%'; n++ {
		hi, lo := unhex(s[3*n+1]), unhex(s[3*n+2])
		if hi < 0 || lo < 0 {
			return "", 0
		}
		buf[n] = byte(hi<<4 | lo)
		if utf8.FullRune(buf[:n+1]) {
			if r, _ := utf8.DecodeRune(buf[:n+1]); r == utf8.RuneError || r == 0 {
				return "", 0
			}
			return string(buf[:n+1]), 3 * (n + 1)
		}
	}
	return "", 0
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// singleSlashes leaves one of several slashes in a row.
func singleSlashes(name string) string {
	if !strings.Contains(name, "//") {
		return name
	}
	return strings.Join(slices.DeleteFunc(strings.Split(name, "/"), func(part string) bool { return part == "" }), "/")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
