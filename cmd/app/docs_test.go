package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kgsync/kgsync/internal/rehearse"
)

// doc reads a document and gives the cells of its tables' rows.
func doc(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		line = strings.ReplaceAll(strings.Trim(line, "| "), `\|`, "\x00")
		var row []string
		for _, cell := range strings.Split(line, "|") {
			row = append(row, strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|")))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("docs/%s has no table", name)
	}
	return rows
}

var quoted = regexp.MustCompile("`([^`]+)`")

// names gives what stands in backquotes.
func names(cell string) (list []string) {
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		list = append(list, m[1])
	}
	return list
}

// same compares two sets, both ways.
func same(t *testing.T, what string, documented, real []string) {
	t.Helper()
	for _, name := range real {
		if !slices.Contains(documented, name) {
			t.Errorf("%s %s is not documented", what, name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(real, name) {
			t.Errorf("%s %s is documented but does not exist", what, name)
		}
	}
}

func TestEveryVariableIsDocumented(t *testing.T) {
	t.Parallel()
	defaults := map[string]string{}
	var documented []string
	for _, row := range doc(t, "configuration.md") {
		name := names(row[0])[0]
		if !strings.HasPrefix(name, "KGSYNC_") || slices.Contains(documented, name) {
			continue
		}
		documented = append(documented, name)
		if d := names(row[1]); len(d) == 1 {
			defaults[name] = d[0]
		}
	}
	real := []string{"KGSYNC_SERVER"}
	delete(defaults, "KGSYNC_SERVER")
	fields := reflect.TypeFor[config]()
	for i := range fields.NumField() {
		tag, ok := fields.Field(i).Tag.Lookup("env")
		if !ok {
			continue
		}
		real = append(real, "KGSYNC_"+tag)
		if want := fields.Field(i).Tag.Get("envDefault"); defaults["KGSYNC_"+tag] != want {
			t.Errorf("the default of KGSYNC_%s is %q, documented is %q", tag, want, defaults["KGSYNC_"+tag])
		}
	}
	same(t, "variable", documented, real)
}

func TestEveryFlagIsDocumented(t *testing.T) {
	t.Parallel()
	documented := map[string][]string{}
	for _, row := range doc(t, "configuration.md") {
		if len(row) != 2 {
			continue
		}
		flags := []string{}
		for _, name := range names(row[1]) {
			if flag, ok := strings.CutPrefix(name, "--"); ok {
				flags = append(flags, flag)
			}
		}
		documented[names(row[0])[0]] = flags
	}
	var commands, described []string
	for name := range documented {
		described = append(described, name)
	}
	for _, c := range root().Commands() {
		if c.Hidden {
			continue
		}
		commands = append(commands, c.Name())
		same(t, "flag of "+c.Name()+":", documented[c.Name()], flagsOf(c))
	}
	same(t, "command", described, commands)
}

var flagLine = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)

func flagsOf(c *cobra.Command) (list []string) {
	for _, m := range flagLine.FindAllStringSubmatch(c.LocalFlags().FlagUsages(), -1) {
		if m[1] != "help" {
			list = append(list, m[1])
		}
	}
	return list
}

func TestHelpKeepsThePasswordToItself(t *testing.T) {
	t.Setenv("KGSYNC_DATABASE_URL", "postgres://kgsync:hunter2@db/kgsync")
	for _, c := range root().Commands() {
		if usage := c.UsageString(); strings.Contains(usage, "hunter2") {
			t.Errorf("%s --help prints the database's password", c.Name())
		}
	}
}

func TestEveryRepositoryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	var documented []string
	for _, row := range doc(t, "configuration.md") {
		if name := names(row[0])[0]; len(row) == 3 && !strings.HasPrefix(name, "KGSYNC_") {
			documented = append(documented, name)
		}
	}
	source, err := os.ReadFile(filepath.Join("..", "..", "internal", "parse", "repoconfig", "yaml.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, keys, _ := strings.Cut(string(source), "var yamlKeys = ")
	keys, _, _ = strings.Cut(keys, "\n}")
	var real []string
	for _, m := range regexp.MustCompile(`(?m)^\t"([a-z_]+)":`).FindAllStringSubmatch(keys, -1) {
		real = append(real, m[1])
	}
	same(t, "key", documented, real)
}

// TestEveryMetricIsDocumented compares docs/metrics.md with what a server shows
// after a sync and a push.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	labels := map[string][]string{}
	var documented, real []string
	for _, row := range doc(t, "metrics.md") {
		name := names(row[0])[0]
		documented = append(documented, name)
		labels[name] = names(row[2])
	}
	w := newWorld(t, vault())
	w.install()
	w.push(w.commit(map[string]string{"pages/New.md": "public:: true\n"}))
	w.settled()
	families, err := w.service.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		name := family.GetName()
		if !strings.HasPrefix(name, "kgsync_") {
			continue
		}
		real = append(real, name)
		var got []string
		for _, l := range family.GetMetric()[0].GetLabel() {
			got = append(got, l.GetName())
		}
		same(t, "label of "+name+":", labels[name], got)
	}
	same(t, "metric", documented, real)
}

// TestReliabilityNamesWhatExists keeps docs/reliability.md true: each test that it
// names exists, and each kind of step of the histories is named and exists.
func TestReliabilityNamesWhatExists(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	faults, _, _ := strings.Cut(string(b), "\n## The long run")
	var tests, steps []string
	for _, line := range strings.Split(faults, "\n") {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "|") && len(cells) > 3 {
			for _, name := range names(cells[3]) {
				if strings.HasPrefix(name, "Test") {
					tests = append(tests, name)
				} else {
					steps = append(steps, name)
				}
			}
		}
	}
	var kinds []string
	for _, k := range rehearse.Kinds() {
		kinds = append(kinds, k.Name)
	}
	same(t, "the kind of step", steps, kinds)
	existing := testsOfTheModule(t)
	if len(tests) == 0 {
		t.Fatal("the document names no test")
	}
	for _, name := range tests {
		if !existing[name] {
			t.Errorf("the document names %s, which does not exist", name)
		}
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)

func testsOfTheModule(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range testFunction.FindAllSubmatch(b, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
