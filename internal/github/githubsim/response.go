package githubsim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// response wraps every answer: it adds the rate limit headers when the status
// is known and cuts the body where a fault says so.
type response struct {
	http.ResponseWriter
	fault    Fault
	status   int
	sent     int
	onHeader func(status int)
}

func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if w.onHeader != nil {
		w.onHeader(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if at := w.fault.PauseAfterBytes; at > 0 && w.sent <= at && at < w.sent+len(data) {
		return w.pause(data, at-w.sent)
	}
	limit := w.fault.CutAfterBytes
	if limit == 0 || w.sent+len(data) <= limit {
		n, err := w.ResponseWriter.Write(data)
		w.sent += n
		return n, err
	}
	_, _ = w.ResponseWriter.Write(data[:limit-w.sent])
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler) // net/http then breaks the connection
}

// pause sends what comes before the pause, waits, and sends the rest.
func (w *response) pause(data []byte, before int) (int, error) {
	w.fault.PauseAfterBytes = 0
	n, err := w.Write(data[:before])
	if err == nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		time.Sleep(w.fault.Pause)
		var rest int
		rest, err = w.Write(data[before:])
		n += rest
	}
	return n, err
}

func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// writeJSON answers with value; a GET carries an ETag of the body and honours
// If-None-Match.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Method == http.MethodGet && status == http.StatusOK {
		sum := sha256.Sum256(body)
		if notModified(w, r, `W/"`+hex.EncodeToString(sum[:])+`"`) {
			return nil
		}
	}
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// notModified sets the ETag and answers 304 when the client already has it.
func notModified(w http.ResponseWriter, r *http.Request, etag string) bool {
	w.Header().Set("ETag", etag)
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		known = strings.TrimSpace(known)
		if known == "*" || known != "" && strings.TrimPrefix(known, "W/") == strings.TrimPrefix(etag, "W/") {
			w.Header().Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}
