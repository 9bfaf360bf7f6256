package model

// mutant is a sentence that the protocol does without, and a scenario in which the
// search catches that.
type mutant struct {
	mutation  mutation
	invariant int    // of docs/architecture.md, whose sentence it is
	without   string // the sentence
	shows     string // how the violation that the search finds begins
	in        scenario
}

// mutants are all mutations, by invariant.
func mutants() []mutant {
	two := sequences(2, 4)
	return []mutant{
		{noSettle, 1, "a fast push proves nothing: a settle follows", "1: nothing is left to do", with("a merge", seq("02"), nil)},
		{noReconcile, 1, "a periodic reconcile looks at the head", "1: nothing is left to do", with("a lost push", seq("01"), budget{lostPush: 1})},
		{verifiedAnyGeneration, 1, "a 304 ends a reconcile only if no generation was accepted after the verified one", "1: nothing is left to do",
			with("a failure, then a lost push", seq("020"), budget{lostPush: 1, failure: 1})},

		{guidFirst, 2, "the GUID is committed with its work", "1: nothing is left to do", with("a crash", seq("01"), nil)},
		{noGUID, 2, "a duplicate GUID is a success without work", "2: the work of one delivery", with("a duplicate", seq("01"), budget{duplicate: 1})},

		{compareApplied, 3, "plans compare the tree with the wanted state", "4: synced_sha", with("two pushes", two, nil)},
		{noRecheck, 3, "a job checks again under the row's lock", "4: synced_sha", with("two pushes", two, nil)},
		{lateInsert, 3, "a late job that finds no row does nothing", "3: content of an older", with("two pushes", two, nil)},
		{openIsServed, 3, "an open row that no live job serves is a difference", "1: nothing is left to do", with("a commit that cannot be read", two, budget{lagging: 1})},
		{pinAgain, 3, "a late attempt reuses the run's pin", "4: synced_sha", with("a rescued plan", two, budget{rescue: 1})},
		{pinBlindly, 3, "a plan pins only with its lease and at the generation that it saw", "4: synced_sha", with("a rescued plan", seq("010"), budget{rescue: 1})},
		{writeOverNewer, 3, "a plan writes only if no newer generation was accepted", "3: content of an older", with("a lease that ends", two, budget{leaseEnd: 1})},
		{writeBlindly, 3, "a late plan leaves a run alone that another attempt wrote", "1: nothing is left to do", with("a rescued plan", seq("01"), budget{rescue: 1})},
		{writeBlindly, 3, "a plan writes nothing for a run that has ended", "3: a plan writes", with("a cancelled plan", seq("01"), budget{cancel: 1})},
		{endedRunsWrite, 3, "attempts of an ended run do nothing", "3: an attempt", with("a cancelled run", seq("01"), budget{cancel: 1})},

		{openReset, 4, "a row stays open since the first generation that it has not satisfied", "4: synced_sha", with("two pushes", two, nil)},
		{fastIsSynced, 4, "a fast generation never counts as synced", "4: synced_sha", with("a merge", seq("02"), nil)},
		{failedForgotten, 4, "a failed path counts as failed until a write applies", "4: synced_sha", with("a failure", two, budget{failure: 1})},
		{verifyUnplanned, 4, "a generation is verified only once its wanted state is written", "4: a commit is verified", isolated("a reset", seq("010"), budget{resync: 1})},
		{keepSynced, 4, "what is deleted after the grace period is not synced", "4: synced_sha", with("an uninstallation", seq("01"), budget{uninstall: 1})},

		{tornFile, 5, "all that a file says is replaced with its applied state", "5: a file's facts", with("a push", seq("01"), nil)},
		{tornGroup, 5, "a group that fails is rolled back", "5: a file's facts", grouped("a failing group", seq("02"), budget{batch: 1})},

		{noSeal, 6, "only a sealed run finishes", "6: a run finished before", with("a plan", seq("02"), nil)},
		{twoStatements, 6, "one snapshot shows the seal and what is pending", "6: a run finished while", isolated("a plan", seq("02"), nil)},
		{noFileSweep, 6, "the sweeper settles files whose job was lost", "1: nothing is left to do", with("a discarded job", seq("01"), budget{discard: 1})},
		{noRowSweep, 6, "and marks their rows failed", "1: nothing is left to do", with("a discarded job", seq("01"), budget{discard: 1})},
		{noFinishSweep, 6, "the sweeper repeats the look at a run's end", "6: the run of generation", isolated("a killed plan", seq("01"), budget{rescue: 1})},
		{noPlanSweep, 6, "the sweeper queues a plan where one was discarded", "1: nothing is left to do", with("a discarded plan", seq("02"), budget{discardPlan: 1})},

		{deleteOn404, 7, "a 404 deletes only what the complete tree lacks", "7: a file was deleted", with("a passing 404", seq("01"), budget{notFound: 1})},
		{deleteOnCut, 7, "a truncated listing never deletes", "7: a file was deleted", with("a cut listing", seq("02"), budget{truncated: 1})},
		{deleteOnRefusal, 7, "a refusal never deletes", "7: a file was deleted", with("an uninstallation", seq("01"), budget{uninstall: 1})},
		{deleteReturned, 7, "only what still is lost is deleted", "1: nothing is left to do", with("an uninstallation", seq("01"), budget{uninstall: 1})},
		{lateEventTakes, 7, "an event takes only what its own installation has", "1: GitHub shows us", with("an uninstallation", seq("01"), budget{uninstall: 1})},
		{listingGivesUp, 7, "listings find what events did not say", "1: GitHub shows us", with("a lost event", seq("01"), budget{uninstall: 1, lostEvent: 1})},

		{failedDropsFacts, 8, "trouble on the way keeps the last good facts", "8: a failed file lost", with("a failure", seq("01"), budget{failure: 1})},
		{retryIgnored, 8, "a failed file is retried when an operator asks", "8: an operator's retry", with("a retry", seq("02"), budget{failure: 1, retry: 1})},

		{keyNotCompared, 9, "a change of the derivation key plans what it affects", "1: nothing is left to do", with("a configuration", seq("06"), nil)},
		{keyNotApplied, 9, "the derivation key is stored per file", "1: nothing is left to do", with("a configuration", seq("06"), nil)},
	}
}
