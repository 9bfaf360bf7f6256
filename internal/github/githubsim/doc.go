// Package githubsim is the local GitHub: a real HTTP server that answers the
// part of GitHub's REST API a content-reading App uses, over real git
// repositories on disk, and sends the App signed webhooks.
//
// It owns GitHub's side of the wire: App and installation authentication,
// refs, trees, blobs, contents, archives, check runs, rate limits, webhook
// payloads and their delivery log, and the size limits GitHub enforces. Faults,
// latency and lost deliveries can be injected. docs/github-simulator.md lists
// every rule kept, its source, and the test that fails when it is dropped.
//
// It imports nothing of this module, so that no misunderstanding of ours can
// agree with itself on both ends of the wire, and never the testing package,
// so that the dev command can run it. It only ever reads the repositories it
// serves: default branches and names changed here live in memory.
//
// Operation names are the operationIds of GitHub's OpenAPI description.
package githubsim
