package store

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// maxKeyBytes bounds what is indexed: a btree entry holds 2704 bytes at most.
const maxKeyBytes = 1000

// key makes a text fit an index: longer ones are clipped and told apart by a hash.
func key(s string) string {
	s = clean(s)
	if len(s) <= maxKeyBytes {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:maxKeyBytes-70], "") + "…" + hex.EncodeToString(sum[:])
}

// clean makes a text storable: Postgres takes neither NUL nor invalid UTF-8.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}

func cleanMap(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[clean(k)] = clean(v)
	}
	return out
}
