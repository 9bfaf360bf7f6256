package model

// fault is something that a scenario allows a number of times.
type fault int

const (
	lostPush fault = iota
	duplicate
	staleHead
	rescue // a job is given back while its attempt is alive, late or dead
	failure
	retry
	discard
	discardPlan
	leaseEnd
	vanish
	notFound  // a 404 that passes, for a file that is there
	lagging   // a commit that cannot be read yet, until the attempts are used up
	resync    // a plan that nobody needs
	full      // a resync that ignores equality
	batch     // a group cannot be saved together
	truncated // a listing that is cut
	cancel
	uninstall
	lostEvent
	faults
)

// mutation takes one sentence of the protocol away.
type mutation uint64

const (
	noSettle mutation = 1 << iota
	noReconcile
	verifiedAnyGeneration
	noGUID
	guidFirst
	compareApplied
	noRecheck
	lateInsert
	openIsServed
	pinAgain
	pinBlindly
	writeBlindly
	writeOverNewer
	endedRunsWrite
	openReset
	fastIsSynced
	failedForgotten
	verifyUnplanned
	keepSynced
	tornFile
	tornGroup
	noSeal
	twoStatements
	noFileSweep
	noRowSweep
	noPlanSweep
	noFinishSweep
	deleteOn404
	deleteOnCut
	deleteOnRefusal
	deleteReturned
	lateEventTakes
	listingGivesUp
	failedDropsFacts
	retryIgnored
	keyNotCompared
	keyNotApplied
	noMutation // all before it
)

func (e *explorer) has(m mutation) bool { return e.mutation&m != 0 }
