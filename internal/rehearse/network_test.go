package rehearse

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEachFateIsWhatItSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fate            fate
		status, arrived int
		failed          bool
	}{
		{arrives, 200, 1, false}, {lost, 0, 0, true}, {swallowed, 200, 0, false}, {doubled, 200, 2, false},
		{held, 0, 0, true}, {unanswered, 0, 1, true}, {emptied, 200, 1, false}, {thinned, 200, 1, false},
	} {
		n := newNetwork("secret")
		var bodies []string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mac := hmac.New(sha256.New, []byte("secret"))
			mac.Write(body)
			if got := r.Header.Get("X-Hub-Signature-256"); (c.fate == emptied || c.fate == thinned) && got != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
				t.Errorf("fate %d: signature %s", c.fate, got)
			}
			bodies = append(bodies, string(body))
		}))
		n.setTargets([]string{server.URL})
		n.doom(c.fate)
		r := httptest.NewRequest(http.MethodPost, "http://kgsync.invalid/webhooks/github", bytes.NewBufferString(
			`{"ref":"refs/heads/main","after":"a","commits":[{"added":["x"],"modified":["y","z"],"removed":[]}]}`))
		r.Header.Set("X-Github-Event", "push")
		r.Header.Set("X-Github-Delivery", "guid")
		res, err := n.RoundTrip(r)
		if (err != nil) != c.failed || err == nil && res.StatusCode != c.status || len(bodies) != c.arrived {
			t.Errorf("fate %d: %v %v, arrived %d", c.fate, res, err, len(bodies))
		}
		if c.fate == thinned && (strings.Contains(bodies[0], `"x"`) || !strings.Contains(bodies[0], `"z"`)) {
			t.Errorf("thinned: %s", bodies[0])
		}
		if c.fate == held && (n.release(t.Context(), newRand(1)) != 1 || len(bodies) != 1) {
			t.Error("what was held did not arrive")
		}
		server.Close()
	}
}
