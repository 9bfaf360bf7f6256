// Package model is an explicit-state model of the sync protocol: it visits every
// order of steps of small worlds, breadth first, and checks the invariants of
// docs/architecture.md in each state. `make model` runs it.
//
// A world is a few commits of two paths, A and B, a sequence of heads and a budget
// of faults. A step is one transaction or one answer of GitHub; between two steps
// anything else may happen. Steps and the code that they stand for:
//
//	github.go     the world: heads move, deliveries are lost, commits vanish
//	push.go       internal/jobs/accept.go and push.go, internal/sync/push.go
//	plan.go       internal/sync/plan.go, request.go, tree.go; internal/store/plan.go
//	compare.go    internal/store/tree.go (what a plan makes wanted)
//	file.go       internal/sync/process.go; internal/store/file.go, apply.go
//	group.go      internal/sync/group.go; internal/store/bulk.go
//	finish.go     internal/sync/finish.go; internal/store/run.go, verify.go
//	sweep.go      internal/jobs/periodic.go, internal/store/sweep.go, internal/sync/reconcile.go
//	operator.go   internal/sync/operator.go; internal/store/run.go (CancelRun)
//	lifecycle.go  internal/sync/lifecycle.go; internal/store/installation.go
//
// A transaction that holds the lock it decides under is one step. Statements that
// decide by their snapshot and then wait for a lock (FinishRun, SettleLost, the
// comparison before MarkVerified) are two steps each in the scenarios with
// isolation: under READ COMMITTED the row is looked at again after the wait, the
// tables that a subquery reads are not.
//
// What the abstraction leaves out: time (a delay may always be over, a lease end at
// any moment, within the budget; a settle's own read of the head is taken to be
// fresh, so its delay must exceed GitHub's read lag); more than two paths, two
// workers and one repository; modes and sizes; archives (a faster way to the same
// jobs); branches other than the followed one; what a file says (its facts are
// named by the blob that they come from); deadlocks, which Postgres ends by failing
// a transaction, like any other failed attempt; the moment at which a listing of an
// installation begins. Two attempts of one job may be alive at a time, not three.
// States are told apart by a hash of 64 bits.
package model
