package github

import "context"

// maxInFlight bounds a process's requests at once where no [Limits] do.
const maxInFlight = 80

// Installation reads the repositories of one installation. It is safe for
// concurrent use.
type Installation struct {
	id     int64
	client *client // shared by all counting copies
	usage  *Usage  // nil: nobody counts
}

// Counting gives the same installation, its requests and body bytes added to u.
func (i *Installation) Counting(u *Usage) *Installation {
	return &Installation{id: i.id, client: i.client, usage: u}
}

// ID is GitHub's id of the installation.
func (i *Installation) ID() int64 { return i.id }

// Budget is the installation's primary rate limit as the newest answer to any
// process told it; zero before the first answer.
func (i *Installation) Budget() Budget { return i.client.allowance.budget.load() }

func (i *Installation) send(ctx context.Context, r request) (*answer, error) {
	return i.client.send(ctx, i.usage, r)
}
