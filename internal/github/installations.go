package github

import (
	"context"
	"encoding/json"
	"iter"
)

// InstallationInfo is what GitHub says of an installation.
type InstallationInfo struct {
	ID        int64
	Account   string // login of the owner
	Selection string // "all" or "selected"
	Suspended bool
}

// UnmarshalJSON reads GitHub's form.
func (i *InstallationInfo) UnmarshalJSON(data []byte) error {
	var w struct {
		ID      int64 `json:"id"`
		Account struct {
			Login string `json:"login"`
			Slug  string `json:"slug"` // of an enterprise
		} `json:"account"`
		Selection   string  `json:"repository_selection"`
		SuspendedAt *string `json:"suspended_at"`
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*i = InstallationInfo{ID: w.ID, Account: w.Account.Login, Selection: w.Selection, Suspended: w.SuspendedAt != nil}
	if i.Account == "" {
		i.Account = w.Account.Slug
	}
	return nil
}

// Installations lists where the App is installed, suspended ones included.
func (a *App) Installations(ctx context.Context) iter.Seq2[InstallationInfo, error] {
	return list(ctx, a.client, nil, opInstallations, "app/installations", array[InstallationInfo](opInstallations))
}
