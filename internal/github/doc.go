// Package github reads GitHub on behalf of the App: authentication, the few
// operations that the sync needs, rate budgets, and what an answer means.
//
// It wraps go-github and ghinstallation wholly: their types never leave. It may
// import nothing internal. Answers are decoded with small structs of our own,
// because go-github v60's repository type breaks on multi-select custom
// properties (google/go-github#3230).
//
// A request passes, from the outside in:
//
//	Installation or App   one method per operation, in the file named after it
//	allowance.admit       this process's share of GitHub's limits
//	client.send           redirects, errors
//	go-github             URL, JSON, headers, error bodies, paging links
//	auth                  the token, sent to the API's own origin only; one renewal on a 401
//	wire                  what really goes over the network: metrics, timeouts, limits
//
// Nothing is retried here except once with a new token after a 401: a refused
// token means that GitHub did nothing. Every other failure is an [*Error] whose
// Class tells the caller, a job that knows its attempts, what to do.
package github
