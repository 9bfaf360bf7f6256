package logseq_test

import (
	"testing"

	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// TestFrontMatterScalars reads values as YAML 1.2 does, and as what they mean where
// they are no YAML.
func TestFrontMatterScalars(t *testing.T) {
	t.Parallel()
	tests := []struct{ yaml, want string }{
		{`"The \"Best\" Page"`, `The "Best" Page`},
		{`'It''s'`, "It's"},
		{`"caf\u00e9 \xe9 \U0001F600 \ud83d\ude00"`, "café é 😀 😀"},
		{`"\a\b\t\n\v\f\r\e\ \"\/\\\N\_\L\P."`, "\a\b\t\n\v\f\r\x1b \"/\\\u0085\u00a0\u2028\u2029."},
		{`"\\n"`, `\n`},
		{`"C:\Users"`, `C:\Users`},
		{`"\q \""`, `\q \"`},
		{`"\u12"`, `\u12`},
		{`"\u+123"`, `\u+123`},
		{`"\ud83d"`, `\ud83d`},
		{`"\ud83d\u0041"`, `\ud83d\u0041`},
		{`"\U00110000"`, `\U00110000`},
		{`"\x00"`, `\x00`},
		{`'a\nb'`, `a\nb`},
		{`a\nb`, `a\nb`},
		{`'a "b"' # c`, `a "b"`},
		{`"a \" # b"`, `a " # b`},
		{`"A" and "B"`, `A" and "B`},
		{`'tis`, `'tis`},
		{`"`, `"`},
		{`""`, ""},
		{"null", ""},
		{"~", ""},
		{"Null # none", ""},
		{"nULL", "nULL"},
		{"'~'", "~"},
		{"[a, ~, 'null', null]", "a, null"},
		{"\n- ~\n- a\n-\n- NULL", "a"},
		{"a\n  b # c\n\n  d", "a b\nd"},
		{"a\n  b: c\n  d", "a"},
		{"a: b\n  c", "a: b"},
		{"a\n  [[B: C]]", "a [[B: C]]"},
		{"\"a\n  b: \\\n\n  c # d\"", "a b: \nc # d"},
		{"\"a \\\n  b\"", "a b"},
		{"'a\n  b' c", "'a b' c"},
		{"\"a\nb: c", `"a`},
		{"\n  a\n  b", "a b"},
		{"\n  [a,\n  'b']", "a, b"},
		{"\n  a: b\n  c", ""},
		{"[a](b.md) and [[c]]", "[a](b.md) and [[c]]"},
		{"|-\n  a # b\n\n  c", "a # b\n\nc"},
		{">\n  a\n  b\n\n  c", "a b\nc"},
		{"\n- a\n  b\n- >-\n  c\n  d\n- |\n  e\n- \"f\n  - g\"\n- h\n  - i\n- j: k\n  l: m\n-\n  n", "a b, c d, e, f - g, h, i, j: k, n"},
	}
	for _, test := range tests {
		o := logseq.Scan([]byte("---\nk: "+test.yaml+"\n---\n"), logseq.Options{})
		if len(o.Properties) == 0 || o.Properties[0].Value != test.want {
			t.Errorf("%s\nwant %q, got %+v", test.yaml, test.want, o.Properties)
		}
	}
}
