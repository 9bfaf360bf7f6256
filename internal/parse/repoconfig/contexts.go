package repoconfig

import (
	"strings"

	"github.com/kgsync/kgsync/internal/parse/diag"
	"github.com/kgsync/kgsync/internal/parse/jsonld"
)

// contextDirs are the folders at the root of a repository whose .jsonld files
// are context documents. Other .jsonld files are data, and a change of data
// must not re-read a whole repository.
var contextDirs = []string{"context/", "contexts/", "ns/", "jsonld/", ".kgsync/"}

// isContextPath reports whether path is a JSON-LD context document by
// convention: context.jsonld at the root, or a .jsonld file in one of
// contextDirs.
func isContextPath(path string) bool {
	if !strings.HasSuffix(strings.ToLower(path), ".jsonld") {
		return false
	}
	if path == "context.jsonld" {
		return true
	}
	for _, dir := range contextDirs {
		if strings.HasPrefix(path, dir) {
			return true
		}
	}
	return false
}

func (c *Config) addContext(path string, content []byte) {
	if len(c.Contexts) >= maxContexts {
		c.report(path, diag.New(0, diag.Error, diag.ConfigTooLarge,
			"the repository has more than %d context files; this one is not read: remove those not in use", maxContexts))
		return
	}
	context, found := jsonld.ReadContext(strings.ToValidUTF8(string(content), "\uFFFD"))
	for _, d := range found {
		c.report(path, d)
	}
	if context != nil {
		c.Contexts[path] = context
	}
}

// Context returns the repository's own context of that IRI, nil if there is none. A file is meant if the IRI's path ends with the file's path,
// with or without ".jsonld" ("https://example.org/ns/v2.jsonld" and
// "https://example.org/ns/v2" are ns/v2.jsonld), or if the IRI is relative and
// names it. The longest such path wins; nothing is ever fetched.
func (c *Config) Context(iri string) *jsonld.Context {
	if i := strings.IndexAny(iri, "?#"); i >= 0 {
		iri = iri[:i]
	}
	if i := strings.Index(iri, "://"); i >= 0 {
		iri = iri[i+len("://"):]
	}
	iri = "/" + strings.TrimPrefix(strings.TrimPrefix(iri, "./"), "/")
	best := ""
	for path := range c.Contexts {
		stem := path[:len(path)-len(".jsonld")]
		if (strings.HasSuffix(iri, "/"+path) || strings.HasSuffix(iri, "/"+stem)) && len(path) > len(best) {
			best = path
		}
	}
	return c.Contexts[best]
}
