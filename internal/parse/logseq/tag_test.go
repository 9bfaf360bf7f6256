package logseq_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kgsync/kgsync/internal/parse/logseq"
)

// TestTags tells tags from what else a "#" stands for.
func TestTags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"#e2e #b2b, (#2fa) #a1b2.", []string{"e2e", "b2b", "2fa", "a1b2"}},
		{"a (#e2e); #a-b2", []string{"e2e", "a-b2"}},
		{"Topics: #e2e and #b2b", []string{"e2e", "b2b"}},
		{"tags:: #e2e, #b2b", []string{"e2e", "b2b"}},
		{"a { color: #2fa; border: 1px solid #2fb; }", nil},
		{"color:#2fa color=#2fa style=\"#2fa\" \"#2fa\" '#a1b2'", nil},
		{"Text color: #2fa, background-color: #e2e", nil},
		{"background-color:: #2fa", nil},
		{"fill:#2fa,stroke:#3b4", nil},
		{"#fff #FFD700 #12ab34 #1234 #333,stroke:#000", nil},
		{"#add #face #facade", []string{"add", "face", "facade"}},
	}
	for _, test := range tests {
		var got []string
		for _, r := range logseq.Scan([]byte(test.text), logseq.Options{}).References {
			if r.Kind == logseq.RefTag {
				got = append(got, r.Target)
			}
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, d)
		}
	}
}
