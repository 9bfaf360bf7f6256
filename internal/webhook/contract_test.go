//go:build contract

package webhook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestDecodesTheOfficialExamples decodes every example payload of GitHub's own
// collection, with the installation that an App's deliveries have.
func TestDecodesTheOfficialExamples(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "github", "githubsim", "testdata", "contract", "node_modules", "@octokit", "webhooks-examples", "api.github.com", "index.json"))
	if err != nil {
		t.Fatalf("%v: run make contract, which installs it", err)
	}
	var events []struct {
		Name     string
		Examples []map[string]any
	}
	if err := json.Unmarshal(data, &events); err != nil {
		t.Fatal(err)
	}
	decoded := map[string]int{}
	for _, e := range events {
		for i, example := range e.Examples {
			if example["installation"] == nil {
				example["installation"] = map[string]any{"id": 1.0}
			}
			payload, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			d, err := decode(e.Name, "00000000-0000-0000-0000-000000000001", payload)
			if err != nil {
				t.Errorf("%s, example %d: %v", e.Name, i, err)
				continue
			}
			if d == nil {
				continue
			}
			decoded[e.Name]++
			check(t, e.Name, example, d)
		}
	}
	for _, name := range []string{"push", "installation", "installation_repositories", "repository"} {
		if decoded[name] == 0 {
			t.Errorf("no example of %s was decoded", name)
		}
	}
	t.Logf("decoded: %v", decoded)
}

// check compares with the payload what is read by other ways than a struct's tags.
func check(t *testing.T, event string, example map[string]any, d *Delivery) {
	t.Helper()
	if id, _ := example["installation"].(map[string]any)["id"].(float64); d.InstallationID != int64(id) {
		t.Errorf("%s: installation %d, want %v", event, d.InstallationID, id)
	}
	if event != "push" {
		if action, _ := example["action"].(string); d.Action != action {
			t.Errorf("%s: action %q, want %q", event, d.Action, action)
		}
		return
	}
	if d.Push.Ref != example["ref"] || d.Push.After != example["after"] || d.Push.Deleted != example["deleted"] || d.Push.Forced != example["forced"] {
		t.Errorf("push: %+v", d.Push)
	}
	named := map[string]bool{}
	for _, c := range example["commits"].([]any) {
		for _, list := range []string{"added", "removed", "modified"} {
			for _, path := range c.(map[string]any)[list].([]any) {
				named[path.(string)] = true
			}
		}
	}
	if len(d.Push.Paths) != len(named) {
		t.Errorf("push: paths %v, want %v", d.Push.Paths, named)
	}
}
