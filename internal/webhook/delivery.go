package webhook

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Repository is what every event says of a repository.
type Repository struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"` // "" in installation events
	Private       bool   `json:"private"`
	Archived      bool   `json:"archived"` // absent in installation events
}

// Delivery is one decoded event. Only the fields that its event has are set.
type Delivery struct {
	GUID           string
	Event          string
	Action         string
	InstallationID int64
	Account        string
	Repository     *Repository
	Push           *Push
	Added          []Repository // installation created, installation_repositories
	Removed        []Repository
	Selection      string // "all" or "selected"
}

// Push is the part of a push event that the sync needs. Paths are distinct, in
// the order they were first named, at most maxPaths of them.
type Push struct {
	Ref, Before, After       string
	Forced, Created, Deleted bool
	Commits                  int
	MaxFiles                 int
	Paths                    []string
	PathsTruncated           bool
}

// Branch gives the short name of the pushed branch, "" for anything else.
func (p *Push) Branch() string {
	b, ok := strings.CutPrefix(p.Ref, "refs/heads/")
	if !ok {
		return ""
	}
	return b
}

// maxPaths is one more than a fast push may touch.
const maxPaths = 201

type wire struct {
	Action       string      `json:"action"`
	Repository   *Repository `json:"repository"`
	Installation *struct {
		ID      int64 `json:"id"`
		Account struct {
			Login string `json:"login"`
		} `json:"account"`
	} `json:"installation"`
	Repositories        []Repository `json:"repositories"`
	RepositoriesAdded   []Repository `json:"repositories_added"`
	RepositoriesRemoved []Repository `json:"repositories_removed"`
	RepositorySelection string       `json:"repository_selection"`
	Ref                 string       `json:"ref"`
	Before              string       `json:"before"`
	After               string       `json:"after"`
	Forced              bool         `json:"forced"`
	Created             bool         `json:"created"`
	Deleted             bool         `json:"deleted"`
	Commits             []commit     `json:"commits"`
}

type commit struct {
	Added    []string `json:"added"`
	Removed  []string `json:"removed"`
	Modified []string `json:"modified"`
}

// decode reads the needed fields. nil means an event that asks for nothing:
// unknown ones, ping, pushes of tags.
func decode(event, id string, payload []byte) (*Delivery, error) {
	malformed := func(detail string) error {
		return &problem{http.StatusBadRequest, "malformed", detail}
	}
	// These fields differ in type between events that we do not read.
	switch event {
	case "push", "installation", "installation_repositories", "repository":
	default:
		if !json.Valid(payload) {
			return nil, malformed("The payload is not JSON.")
		}
		return nil, nil
	}
	var w wire
	if err := json.Unmarshal(payload, &w); err != nil {
		return nil, malformed("The payload is not the JSON of a " + event + " event.")
	}
	if w.Installation == nil || w.Installation.ID == 0 {
		return nil, malformed("The payload names no installation: deliver it as a GitHub App's webhook.")
	}
	d := &Delivery{GUID: id, Event: event, Action: w.Action, InstallationID: w.Installation.ID, Account: w.Installation.Account.Login,
		Repository: w.Repository, Added: w.RepositoriesAdded, Removed: w.RepositoriesRemoved, Selection: w.RepositorySelection}
	switch event {
	case "installation":
		d.Added = w.Repositories
	case "push", "repository":
		if w.Repository == nil || w.Repository.ID == 0 || w.Repository.FullName == "" {
			return nil, malformed("The payload names no repository.")
		}
	}
	if event == "push" {
		if w.Ref == "" || w.Before == "" || w.After == "" {
			return nil, malformed("The push has no ref, before or after.")
		}
		d.Push = w.push()
	}
	return d, nil
}

func (w *wire) push() *Push {
	p := &Push{Ref: w.Ref, Before: w.Before, After: w.After, Forced: w.Forced, Created: w.Created, Deleted: w.Deleted, Commits: len(w.Commits)}
	seen := map[string]bool{}
	for _, c := range w.Commits {
		p.MaxFiles = max(p.MaxFiles, len(c.Added)+len(c.Removed)+len(c.Modified))
		for _, list := range [][]string{c.Added, c.Removed, c.Modified} {
			for _, path := range list {
				switch {
				case seen[path]:
				case len(p.Paths) == maxPaths:
					p.PathsTruncated = true
				default:
					seen[path] = true
					p.Paths = append(p.Paths, path)
				}
			}
		}
	}
	return p
}
