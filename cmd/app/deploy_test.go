package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// compose is the part of deploy/compose.yaml that can be wrong without a container
// engine to say so.
type compose struct {
	Services map[string]struct {
		Image       string
		Build       struct{ Context string }
		Environment map[string]string
		Volumes     []string
		Secrets     []string
		DependsOn   yaml.Node `yaml:"depends_on"`
		Healthcheck struct{ Test []string }
	}
	Volumes map[string]any
	Secrets map[string]struct{ File string }
}

func deployed(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readCompose(t *testing.T) compose {
	t.Helper()
	var c compose
	if err := yaml.Unmarshal(deployed(t, "compose.yaml"), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestComposeMountsWhatExists(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for name, service := range c.Services {
		if service.Image == "" && service.Build.Context == "" || strings.HasSuffix(service.Image, ":latest") {
			t.Errorf("%s names no fixed image and builds none", name)
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if strings.HasPrefix(source, ".") {
				if _, err := os.Stat(filepath.Join("..", "..", "deploy", source)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else if _, ok := c.Volumes[source]; !ok {
				t.Errorf("%s mounts the volume %s, which is not declared", name, source)
			}
		}
		for _, s := range service.Secrets {
			if _, ok := c.Secrets[s]; !ok {
				t.Errorf("%s uses the secret %s, which is not declared", name, s)
			}
		}
		for _, other := range dependencies(service.DependsOn) {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s waits for %s, which is no service", name, other)
			}
		}
	}
}

// dependencies reads both forms of depends_on.
func dependencies(n yaml.Node) (list []string) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		list = append(list, n.Content[i].Value)
	}
	return list
}

// TestComposeConfiguresTheServer gives the server the environment of compose.yaml
// with everything of .env filled in.
func TestComposeConfiguresTheServer(t *testing.T) {
	c := readCompose(t)
	example := string(deployed(t, ".env.example"))
	known := []string{}
	fields := reflect.TypeFor[config]()
	for i := range fields.NumField() {
		known = append(known, "KGSYNC_"+fields.Field(i).Tag.Get("env"))
	}
	variable := regexp.MustCompile(`\$\{([A-Z_]+)(:\?[^}]*)?\}`)
	for service, s := range c.Services {
		for name, value := range s.Environment {
			for _, m := range variable.FindAllStringSubmatch(value, -1) {
				if !strings.Contains(example, "\n"+m[1]+"=\n") {
					t.Errorf("%s needs %s, which .env.example lacks", service, m[1])
				}
			}
			if service != "app" {
				continue
			}
			if !slices.Contains(known, name) {
				t.Errorf("the server knows no %s", name)
			}
			t.Setenv(name, variable.ReplaceAllString(value, "1"))
		}
	}
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, newWorld(t, nil).sim.PrivateKeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KGSYNC_GITHUB_PRIVATE_KEY_FILE", key)
	for _, line := range regexp.MustCompile(`(?m)^ENV (\w+)=(.*)$`).FindAllStringSubmatch(dockerfile(t), -1) {
		t.Setenv(line[1], line[2])
	}
	if _, err := loadConfig(); err != nil {
		t.Error(err)
	}
}

func dockerfile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTheImageAsksForHealth holds the health check to a command that exists.
func TestTheImageAsksForHealth(t *testing.T) {
	t.Parallel()
	m := regexp.MustCompile(`HEALTHCHECK .* CMD \["/kgsync", "(\w+)"\]`).FindStringSubmatch(dockerfile(t))
	if m == nil {
		t.Fatal("the Dockerfile has no health check")
	}
	if c, _, err := root().Find(m[1:]); err != nil || c.Name() != "health" {
		t.Errorf("the health check calls %v: %v", m[1:], err)
	}
}
