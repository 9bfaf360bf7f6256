//go:build contract

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// scraper is a real Prometheus that asks one server every few seconds.
type scraper struct {
	t   *testing.T
	url string
}

// startPrometheus runs Prometheus with the configuration of deploy/, but for where
// the servers are and how often they are asked.
func startPrometheus(t *testing.T, target string) *scraper {
	t.Helper()
	var c map[string]any
	if err := yaml.Unmarshal(deployed(t, "prometheus/prometheus.yml"), &c); err != nil {
		t.Fatal(err)
	}
	job := c["scrape_configs"].([]any)[0].(map[string]any)
	delete(job, "dns_sd_configs")
	job["static_configs"] = []any{map[string]any{"targets": []string{target}}}
	c["global"] = map[string]any{"scrape_interval": "5s", "evaluation_interval": "5s"}
	written, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"prometheus.yml": written, "rules.yml": deployed(t, "prometheus/rules.yml")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := &scraper{t: t, url: "http://" + freeAddress(t)}
	said := &lockedBuffer{}
	cmd := exec.Command("prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--log.level=warn", "--web.listen-address="+strings.TrimPrefix(p.url, "http://"))
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("prometheus said:\n%s", said)
		}
	})
	return p
}

// get decodes the data of an answer of Prometheus' API.
func (p *scraper) get(path string, query url.Values, data any) error {
	res, err := http.Get(p.url + path + "?" + query.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", res.Status, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", answer.Status, answer.Error)
	}
	return json.Unmarshal(answer.Data, data)
}

// series gives how many series an expression yields.
func (p *scraper) series(expr string) (int, error) {
	var data struct{ Result []json.RawMessage }
	err := p.get("/api/v1/query", url.Values{"query": {expr}}, &data)
	return len(data.Result), err
}

// patience is how long a condition may take to become true: a scrape may fail on a
// busy machine, and the next one must not.
const patience = 2 * time.Minute

// until waits until an expression yields something.
func (p *scraper) until(expr string) error {
	deadline := time.Now().Add(patience)
	for {
		n, err := p.series(expr)
		if n > 0 && err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s yields nothing (%v)", expr, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// sane has a condition for each metric that must hold after a first sync of twenty
// pages, a push and a delivery with a wrong signature.
var sane = map[string]string{
	"kgsync_webhook_deliveries_total":        `kgsync_webhook_deliveries_total{event="push", outcome="accepted"} == 1 and on () sum(kgsync_webhook_deliveries_total{outcome="bad_signature"}) == 1`,
	"kgsync_webhook_duration_seconds":        `kgsync_webhook_duration_seconds_sum > 0 and kgsync_webhook_duration_seconds_sum < 60 and on () kgsync_webhook_duration_seconds_count >= 3`,
	"kgsync_queue_jobs":                      `sum(kgsync_queue_jobs) >= 0 and sum(kgsync_queue_jobs) < 10`,
	"kgsync_queue_oldest_due_seconds":        `max(kgsync_queue_oldest_due_seconds) >= 0 and max(kgsync_queue_oldest_due_seconds) < 60`,
	"kgsync_job_errors_total":                `sum(kgsync_job_errors_total) == 0`,
	"kgsync_files_processed_total":           `kgsync_files_processed_total{outcome="saved"} == 21 and on () kgsync_files_processed_total{outcome="failed"} == 0`,
	"kgsync_file_duration_seconds":           `kgsync_file_duration_seconds_count{outcome="saved"} > 0 and kgsync_file_duration_seconds_sum{outcome="saved"} > 0`,
	"kgsync_runs_total":                      `kgsync_runs_total{trigger="install", state="completed"} == 1 and on () kgsync_runs_total{trigger="push", state="completed"} == 1`,
	"kgsync_run_duration_seconds":            `kgsync_run_duration_seconds_count{trigger="push"} == 1 and kgsync_run_duration_seconds_sum{trigger="push"} > 0`,
	"kgsync_open_runs":                       `sum(kgsync_open_runs) == 0`,
	"kgsync_open_files":                      `kgsync_open_files == 0`,
	"kgsync_oldest_open_file_seconds":        `kgsync_oldest_open_file_seconds == 0`,
	"kgsync_failed_files":                    `kgsync_failed_files == 0`,
	"kgsync_repositories":                    `kgsync_repositories{state="current"} == 1 and on () sum(kgsync_repositories) == 1`,
	"kgsync_repositories_deleted_total":      `kgsync_repositories_deleted_total == 0`,
	"kgsync_verifications_total":             `kgsync_verifications_total{result="equal"} >= 1 and on () kgsync_verifications_total{result="differs"} == 0`,
	"kgsync_verify_differences_total":        `count(kgsync_verify_differences_total == 0) == 3`,
	"kgsync_reconciles_total":                `sum(kgsync_reconciles_total{outcome=~"lost_access|error"}) == 0`,
	"kgsync_redeliveries_requested_total":    `kgsync_redeliveries_requested_total == 0`,
	"kgsync_github_requests_total":           `sum(kgsync_github_requests_total{status="2xx"}) > 20 and on () sum(kgsync_github_requests_total{status=~"5xx|none"}) == 0`,
	"kgsync_github_request_duration_seconds": `sum(kgsync_github_request_duration_seconds_sum) > 0 and on () sum(kgsync_github_request_duration_seconds_count) > 20`,
	"kgsync_github_received_bytes_total":     `kgsync_github_received_bytes_total > 1000`,
	"kgsync_github_requests_in_flight":       `kgsync_github_requests_in_flight == 0`,
	"kgsync_github_rate_limit_remaining":     `kgsync_github_rate_limit_remaining > 4000 and kgsync_github_rate_limit_remaining <= 5000`,
	"kgsync_github_waits_total":              `sum(kgsync_github_waits_total) == 0`,
	"kgsync_github_held_requests_total":      `count(kgsync_github_held_requests_total) == 6 and on () sum(kgsync_github_held_requests_total) >= 0`,
	"kgsync_github_share":                    `kgsync_github_share > 0 and kgsync_github_share <= 1`,
	"kgsync_github_token_renewals_total":     `kgsync_github_token_renewals_total == 0`,
	"kgsync_database_up":                     `kgsync_database_up == 1`,
	"kgsync_db_writes_in_flight":             `kgsync_db_writes_in_flight == 0`,
	"kgsync_db_writes_limit":                 `kgsync_db_writes_limit == 4`,
	"kgsync_db_connections":                  `kgsync_db_connections >= 0 and kgsync_db_connections <= on (job, instance) kgsync_db_connections_limit`,
	"kgsync_db_connections_limit":            `kgsync_db_connections_limit > on (job, instance) kgsync_db_writes_limit and kgsync_db_connections_limit <= 100`,
	"kgsync_build_info":                      `kgsync_build_info == 1`,
}

// TestContractPrometheusScrapesEveryMetric: a real Prometheus with our configuration
// has every documented metric with a sane value, loads the rules, and every
// expression of the rules and of the dashboard finds series.
func TestContractPrometheusScrapesEveryMetric(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	p := startPrometheus(t, strings.TrimPrefix(w.service.url(), "http://"))
	w.install()
	w.ok(p.until(`kgsync_runs_total{trigger="install", state="completed"} == 1`))
	w.push(w.commit(map[string]string{"pages/New.md": "public:: true\n\n- see [[Page 1]]\n"}))
	w.forge()
	w.eventually(1, `SELECT count(*) FROM kg.runs WHERE trigger = 'settle' AND state = 'completed'`)
	w.settled()
	w.ok(p.until(`kgsync_runs_total{trigger="settle", state="completed"} == 1`))

	var documented, checked []string
	for _, row := range doc(t, "metrics.md") {
		documented = append(documented, names(row[0])[0])
	}
	for name, condition := range sane {
		checked = append(checked, name)
		if err := p.until(condition); err != nil {
			t.Errorf("%s is not sane: %v\n%s", name, err, grep(w.metrics(), name))
		}
	}
	slices.Sort(checked)
	same(t, "condition of", documented, checked)
	p.checkRules()
	p.checkExpressions()
}

// forge sends a delivery that GitHub did not sign.
func (w *world) forge() {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.service.url()+"/webhooks/github", strings.NewReader(`{}`))
	w.ok(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", "push")
	req.Header.Set("X-GitHub-Delivery", "10000000-forged")
	req.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("0", 64))
	res, err := http.DefaultClient.Do(req)
	w.ok(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		w.t.Errorf("a forged delivery is answered %s", res.Status)
	}
}

// checkRules looks at what Prometheus itself says of the loaded rules.
func (p *scraper) checkRules() {
	p.t.Helper()
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError, State string }
		}
	}
	if err := p.get("/api/v1/rules", nil, &data); err != nil {
		p.t.Fatal(err)
	}
	n := 0
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			n++
			if r.Health != "ok" || r.State == "firing" {
				p.t.Errorf("the rule %s is %s and %s: %s", r.Name, r.Health, r.State, r.LastError)
			}
		}
	}
	if want := strings.Count(string(deployed(p.t, "prometheus/rules.yml")), "- alert: "); n != want {
		p.t.Errorf("Prometheus has %d rules, want %d", n, want)
	}
}

// comparison is the end of an expression that yields nothing while all is well.
var comparison = regexp.MustCompile(`\s*(==|>|<)\s*[\d.]+\s*$`)

// checkExpressions evaluates every expression as it stands, and finds series with
// what it compares.
func (p *scraper) checkExpressions() {
	p.t.Helper()
	fill := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h", "$job", ".*")
	for place, expr := range queries(p.t) {
		expr = fill.Replace(expr)
		if _, err := p.series(expr); err != nil {
			p.t.Errorf("%s: %v", place, err)
		}
		if err := p.until(comparison.ReplaceAllString(expr, "")); err != nil {
			p.t.Errorf("%s refers to no series: %v", place, err)
		}
	}
}

// TestContractPromtoolAcceptsTheMetrics lints names, units and help texts.
func TestContractPromtoolAcceptsTheMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, vault())
	w.install()
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(w.metrics())
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// metrics gives what /metrics answers.
func (w *world) metrics() string {
	w.t.Helper()
	res, err := http.Get(w.service.url() + "/metrics")
	w.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	w.ok(err)
	return string(b)
}

// grep gives the lines that begin with a name.
func grep(text, name string) string {
	var found []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, name) && !strings.Contains(line, "_bucket") {
			found = append(found, line)
		}
	}
	return strings.Join(found, "\n")
}
