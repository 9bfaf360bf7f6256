// Package rehearse puts the whole product through histories of edits, faults and
// crashes and proves that it converges: afterwards every row equals that of a fresh
// full sync of the branch's head into another database.
//
// It owns the histories ([Stage.History]: one seed is one history), what they do to
// a git repository, to the local GitHub, to the network between GitHub and us, to
// Postgres and to our processes ([Stage.Play]), the invariants watched on the way,
// the proof at the end, and the shrinking of a failing history. Tests and the
// command `kgsync rehearse` drive it.
//
// It may import githubsim, store (to migrate and to dump) and parse/repoconfig (to
// know which paths count). It knows the product's processes through [Replica] only,
// and its tables where time has to pass: waiting minutes for a back-off, a lease or
// a rescue is done by moving the times in the database.
//
// Histories have their own generator instead of a property-testing library's: one
// seed must name one history so that a long run can be resumed by seed range, the
// command needs it outside of tests, and because the processes are really concurrent
// a failure repeats with some probability only, which a library's shrinker takes for
// a flaky test. Steps are independent of each other (each has its own seed and adapts
// to what it finds), so any part of a history is a history.
package rehearse
