package github

import (
	"context"
	"iter"
	"strconv"
)

// Repository is what the sync needs to know of a repository. ID is the key:
// names change.
type Repository struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	Private       bool   `json:"private"`
	Archived      bool   `json:"archived"`
	Page          string `json:"-"` // where [Installation.Repositories] lists it; "" on the first page
}

// Repository reads a repository by its id, whatever it is called now.
func (i *Installation) Repository(ctx context.Context, id int64) (Repository, error) {
	var r Repository
	res, err := i.send(ctx, request{op: opRepository, path: "repositories/" + strconv.FormatInt(id, 10)})
	if err != nil {
		return r, err
	}
	if err := decodeJSON(opRepository, res, &r); err != nil {
		return Repository{}, err
	}
	if r.ID != id || r.FullName == "" {
		return Repository{}, &Error{Op: opRepository, Status: res.StatusCode, Class: Retry, Reason: "the answer is not that repository"}
	}
	return r, nil
}

// Repositories lists what the installation may read, from a page on.
func (i *Installation) Repositories(ctx context.Context, page string) iter.Seq2[Repository, error] {
	return listFrom(ctx, i.client, i.usage, opRepositories, "installation/repositories", "page", page, func(a *answer) ([]Repository, error) {
		var page struct {
			Repositories []Repository `json:"repositories"`
		}
		if err := decodeJSON(opRepositories, a, &page); err != nil {
			return nil, err
		}
		if page.Repositories == nil {
			return nil, brokenOff(opRepositories, errNoListing)
		}
		for i := range page.Repositories {
			page.Repositories[i].Page = a.Request.URL.Query().Get("page")
		}
		return page.Repositories, nil
	})
}
