package githubsim

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRulesAreTested keeps docs/github-simulator.md and the tests together: each
// test it names exists, and each test of this package is named there.
func TestRulesAreTested(t *testing.T) {
	t.Parallel()
	document := string(must(os.ReadFile("../../../docs/github-simulator.md"))(t))
	var code strings.Builder
	for _, name := range must(filepath.Glob("*_test.go"))(t) {
		code.Write(must(os.ReadFile(name))(t))
	}
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(document, -1)
	if len(named) == 0 {
		t.Fatal("the document names no test")
	}
	for _, match := range named {
		if !strings.Contains(code.String(), "\nfunc "+match[1]+"(t *testing.T)") {
			t.Errorf("the document names %s, which does not exist", match[1])
		}
	}
	for _, match := range regexp.MustCompile(`(?m)^func (Test[A-Za-z]+)\(t `).FindAllStringSubmatch(code.String(), -1) {
		if match[1] != "TestRulesAreTested" && !strings.Contains(document, "`"+match[1]+"`") {
			t.Errorf("the document does not name %s", match[1])
		}
	}
}
