package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// queries gives every expression of the dashboard and of the alert rules by what
// it belongs to.
func queries(t *testing.T) map[string]string {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(deployed(t, "prometheus/rules.yml"), &rules); err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal(deployed(t, "grafana/dashboards/kgsync.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			all["alert "+r.Alert] = r.Expr
		}
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			all["panel "+p.Title+", "+target.RefID] = target.Expr
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d expressions were found", len(all))
	}
	return all
}

var (
	series   = regexp.MustCompile(`(kgsync_[a-z_]+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)(=~|!=|!~|=)"([^"]*)"`)
	grouping = regexp.MustCompile(`by \(([^)]*)\)`)
)

// TestDashboardAndAlertsUseDocumentedMetrics holds both to docs/metrics.md, which
// TestEveryMetricIsDocumented holds to the server.
func TestDashboardAndAlertsUseDocumentedMetrics(t *testing.T) {
	t.Parallel()
	labels, values := map[string][]string{}, map[string][]string{}
	for _, row := range doc(t, "metrics.md") {
		name := names(row[0])[0]
		labels[name] = append(names(row[2]), "job", "instance")
		if row[1] == "histogram" {
			labels[name] = append(labels[name], "le")
		}
		values[name] = names(row[3])
	}
	used := map[string]bool{}
	for place, expr := range queries(t) {
		known := []string{}
		for _, m := range series.FindAllStringSubmatch(expr, -1) {
			name := strings.TrimSuffix(m[1], "_bucket")
			if labels[name] == nil {
				t.Errorf("%s: there is no metric %s", place, m[1])
				continue
			}
			used[name] = true
			known = append(known, labels[name]...)
			checkMatchers(t, place, m[2], labels[name], values[name])
		}
		for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
			for _, label := range strings.Split(m[1], ", ") {
				if !slices.Contains(known, label) {
					t.Errorf("%s groups by %s, which its metrics lack", place, label)
				}
			}
		}
	}
	for name := range labels {
		if !used[name] {
			t.Errorf("neither the dashboard nor an alert uses %s", name)
		}
	}
}

// checkMatchers holds the label matchers of one selector to the metric's labels and,
// but for what every metric has, to the values its row names.
func checkMatchers(t *testing.T, place, selector string, labels, values []string) {
	t.Helper()
	for _, m := range matcher.FindAllStringSubmatch(selector, -1) {
		if !slices.Contains(labels, m[1]) {
			t.Errorf("%s: no label %s", place, m[1])
		}
		if m[1] == "job" || m[1] == "instance" || len(values) == 0 {
			continue
		}
		for _, value := range strings.Split(m[3], "|") {
			if !slices.Contains(values, value) {
				t.Errorf("%s: docs/metrics.md names no value %q of %s", place, value, m[1])
			}
		}
	}
}

// TestThePageBringsItsFilesAndItsPolicy: each file that the page names is there, and
// none may be joined by a script of somebody else.
func TestThePageBringsItsFilesAndItsPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	get := func(path string) string {
		res, err := http.Get(w.service.url() + path)
		w.ok(err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		w.ok(err)
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", path, res.Status)
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		return string(body)
	}
	index, script := get("/"), get("/page/script.js")
	named := regexp.MustCompile(`(?:src|href)="([^"]+)"|from '([^']+)'`).FindAllStringSubmatch(index+script, -1)
	if len(named) != 5 {
		t.Errorf("the page names %d files", len(named))
	}
	for _, m := range named {
		if path := m[1] + m[2]; strings.HasPrefix(path, "/page/") {
			get(path)
		} else {
			t.Errorf("%s is not a file of the page", path)
		}
	}
}
