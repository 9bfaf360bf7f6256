package rehearse

import (
	"crypto/sha1" //nolint:gosec // git's object names
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"

	"github.com/kgsync/kgsync/internal/github/githubsim/gitfixture"
)

// vault writes contents. Each carries a number three times, in a property, a link
// and a tag, so that half a file shows.
type vault struct {
	mu     sync.Mutex
	number int
	blobs  map[string]int // blob SHA -> number
}

// marker begins the part of a file that is ours.
const marker = "\n- rehearsed "

// page gives a file's new content: ours from the marker on, and before it what
// the file said, or for a new one a page of a random sort.
func (v *vault) page(old string, rng *rand.Rand) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.number++
	n := v.number
	head, _, _ := strings.Cut(old, marker)
	if old == "" || rng.IntN(4) == 0 {
		head = bodies[rng.IntN(len(bodies))](n, rng)
	}
	text := fmt.Sprintf("%s%s[[rehearsal %d]] #rehearsal%d\n  rehearsal:: %d\n- see [[%s]] and [[%s]]\n", strings.TrimRight(head, "\n"), marker, n, n, n,
		names[rng.IntN(len(names))], names[rng.IntN(len(names))])
	v.blobs[blobSHA(text)] = n
	return text
}

func blobSHA(content string) string {
	h := sha1.New() //nolint:gosec // git's object names
	h.Write([]byte("blob " + strconv.Itoa(len(content)) + "\x00" + content))
	return hex.EncodeToString(h.Sum(nil))
}

// names are pages that contents link to: some exist, most of the time.
var names = []string{"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa", "alpha", "Second Name", "a/b"}

func name(rng *rand.Rand) string { return names[rng.IntN(len(names))] }

// bodies are the sorts of pages: every way of stating facts, well formed and not.
var bodies = []func(n int, rng *rand.Rand) string{
	func(n int, rng *rand.Rand) string {
		return fmt.Sprintf("public:: true\nalias:: Alias %d, Second Name\n\n- a page that links to [[%s]] #%s", n, name(rng), "tag")
	},
	func(_ int, rng *rand.Rand) string { return fmt.Sprintf("- not marked public, [[%s]]", name(rng)) },
	func(n int, rng *rand.Rand) string {
		return fmt.Sprintf("public:: true\n\n- ### OntologyBlock\n  - owl:class:: ex:Thing%d\n  - preferred-term:: Thing %d\n  - is-subclass-of:: [[%s]]\n  - has-part:: [[%s]]", n%7, n, name(rng), name(rng))
	},
	func(n int, rng *rand.Rand) string {
		return fmt.Sprintf("public:: true\n\n- ### OntologyBlock\n  - owl:class:: ex:Fn%d\n  - ```clojure\n    Declaration(Class(ex:Fn%d))\n    SubClassOf(ex:Fn%d ex:Fn%d)\n    ```", n%7, n%7, n%7, rng.IntN(7))
	},
	func(n int, _ *rand.Rand) string {
		return fmt.Sprintf("public:: true\n\n- ```json\n  {\"@context\": {\"owl\": \"http://www.w3.org/2002/07/owl#\", \"rdfs\": \"http://www.w3.org/2000/01/rdf-schema#\"},\n   \"@id\": \"https://example.org/c/%d\", \"@type\": \"owl:Class\", \"rdfs:label\": \"Class %d\"}\n  ```", n%7, n)
	},
	func(_ int, rng *rand.Rand) string {
		return fmt.Sprintf("public:: true\n\n- broken: ```json\n  {\"@id\": \"https://example.org/c\", \"@type\":\n  ```\n- [[%s", name(rng))
	},
	func(n int, rng *rand.Rand) string {
		return fmt.Sprintf("---\ntitle: Titled %d\npublic: true\n---\n\nPlain Markdown with [[%s|shown otherwise]] and [a file](%s.md).", n%5, name(rng), name(rng))
	},
}

// oddNames are paths that real vaults have.
var oddNames = []string{"51% Attack.md", "A___B Testing.md", "Zürich 東京.md", "a:b+c (d).md", "-leading dash.md", "trailing space .md", "50%25.md",
	"deep/er/and/deeper/Still.md", "UPPER.MD", "two.dots.md", "emoji 🐝.markdown", "quote's \"double\".md", "back\\slash.md", "tab\there.md", "#hash?.md"}

// writeBase makes the small vault that histories start from by default.
func writeBase(dir string) error {
	r, err := gitfixture.New(dir)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	v := &vault{blobs: map[string]int{}}
	files := map[string]string{"README.txt": "Not Markdown.\n", "journals/2024_01_05.md": "- a day with [[Alpha]]\n"}
	for i, n := range names[:10] {
		files["pages/"+n+".md"] = v.page("public:: true\n\n- page "+strconv.Itoa(i), rng)
		files[fmt.Sprintf("pages/More %d.md", i)] = v.page("public:: true\n\n- more, with [["+n+"]]", rng)
	}
	for i := range 4 {
		files[fmt.Sprintf("drafts/Draft %d.md", i)] = v.page("", rng)
	}
	for path, content := range files {
		if err := r.Write(path, content); err != nil {
			return err
		}
	}
	_, err = r.Commit("The vault")
	return err
}

// numberOf gives the number in a blob that we wrote, "" for others.
func (v *vault) numberOf(blob string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if n, ok := v.blobs[blob]; ok {
		return strconv.Itoa(n)
	}
	return ""
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }
