package main

// mutant breaks one invariant of docs/architecture.md on purpose.
type mutant struct {
	name      string
	invariant int
	what      string // is broken
	edits     []edit
	emphasis  string // kinds of steps to draw more often (KGSYNC_EMPHASIS)
	seed      uint64 // of the first history to play
	histories int
}

// edit replaces a text that stands in the file exactly once.
type edit struct{ file, old, new string }

// mutants are in the order of the invariants. Invariant 11 (no network inside a
// transaction) breaks no row: the linter's import rules hold it. What only lies in
// between, such as a synced commit that is not, the next settle mends: such mutations
// are the model's (internal/sync/model).
var mutants = []mutant{
	{"settle-never-looks", 1, "the settle after a push forgets the hint without a look at the tree",
		[]edit{{"internal/sync/plan.go", "if !is(repo.PlanJobID) && !is(repo.SettleJobID) {\n\t\treturn 0, nil",
			"if !is(repo.PlanJobID) {\n\t\tif is(repo.SettleJobID) {\n\t\t\tif _, err := store.DropHint(ctx, tx, repo.ID, repo.HintNumber); err != nil {\n\t\t\t\treturn 0, err\n\t\t\t}\n\t\t\treturn 0, store.ClearSettle(ctx, tx, repo.ID)\n\t\t}\n\t\treturn 0, nil"}},
		"push-thinned=2000,edit=4000", 1, 4},
	{"failure-acknowledged", 2, "a delivery is answered 200 although its transaction failed",
		[]edit{{"internal/webhook/webhook.go", "return event, \"unavailable\", err", "return event, string(Accepted), nil"}},
		"push-while-away=80", 1, 4},
	{"push-without-work", 2, "the GUID of a push is recorded without what follows from it",
		[]edit{{"internal/jobs/push.go", "moved = append(moved, p)", "_ = p"}},
		"", 1, 2},
	{"duplicate-works-again", 2, "a delivery that comes again does its work again",
		[]edit{{"internal/jobs/push.go", "case !fresh[d.GUID]:", "case len(fresh) > 1000:"}, {"internal/jobs/accept.go", "if !fresh[d.GUID] {", "if len(fresh) > 1000 {"}},
		"delivery-doubled=80,edit=80,switch-default=0,rename-default=0,follow-branch=0", 1, 4},
	{"open-row-forgotten", 3, "an open row that no job serves is no difference to a plan",
		[]edit{{"internal/store/tree.go", " OR (f.open_since IS NOT NULL AND NOT `+served+`))`", ")`"}},
		"full-resync=80,suspend=80,unsuspend=80,api-404=60", 1, 24},
	{"never-planned", 4, "a plan's generation never counts as planned",
		[]edit{{"internal/store/plan.go", "UPDATE kgsync.generations SET planned = true", "UPDATE kgsync.generations SET planned = false"}},
		"", 1, 2},
	{"old-facts-stay", 5, "what a file said before stays beside what it says now",
		[]edit{{"internal/store/apply.go", "if len(replaced) > 0 {", "if len(replaced) > 1 {"}},
		"edit=60", 1, 2},
	{"lost-files-unseen", 6, "the sweeper does not settle files whose job is lost",
		[]edit{{"internal/jobs/periodic.go", "_, err := w.runner.store.SettleLost(ctx)\n\t\treturn err", "return nil"}},
		"full-resync=90,job-tampered=120,api-5xx=60", 1, 8},
	{"lost-plans-unseen", 6, "the sweeper does not plan where a plan's job is lost",
		[]edit{{"internal/jobs/periodic.go", "return each(ctx, repositories,", "return each(ctx, repositories[:0],"}},
		"resync=60,job-tampered=90,edit=30", 1, 6},
	{"truncation-believed", 7, "a truncated listing counts as the whole tree",
		[]edit{{"internal/sync/tree.go", "if err != nil || !truncated {", "if truncated = false; err != nil || !truncated {"}},
		"truncated-tree=80,resync=60,reconcile=30", 1, 4},
	{"not-found-is-gone", 7, "a 404 deletes a file without a look at the commit's tree",
		[]edit{{"internal/sync/process.go", "case errors.Is(err, github.ErrNotFound) || isTooLarge(err):\n", "case errors.Is(err, github.ErrNotFound):\n\t\treturn nil, errGone\n\tcase isTooLarge(err):\n"}},
		"edit=400,api-404=200", 1, 8},
	{"no-grace", 7, "what a lost repository said is deleted at once",
		[]edit{{"internal/sync/lifecycle.go", "s.store.DeleteLost(ctx, s.opts.Grace)", "s.store.DeleteLost(ctx, 0)"}},
		"uninstall=60,housekeeping=80,remove-repository=40", 1, 4},
	{"failure-deletes", 8, "a file that cannot be read loses what it said",
		[]edit{{"internal/sync/process.go", "Outcome: store.Failed,", "Outcome: store.Deleted,"}},
		"poisoned-blob=60,edit=30", 1, 4},
	{"archive-believed", 8, "an archive's bytes count without a look at their hash",
		[]edit{{"internal/sync/archive.go", "ok && github.BlobSHA(e.content) == sha {", "ok {"}, {"internal/sync/content.go", "if github.BlobSHA(content) != sha {", "if github.BlobSHA(nil) == sha {"}},
		"attributes=120,full-resync=60,edit=30", 1, 8},
	{"blob-believed", 8, "a blob's bytes count without a look at their hash",
		[]edit{{"internal/github/content.go", "if got := BlobSHA(content); got != sha {", "if got := BlobSHA(content); got == \"\" {"}},
		"poisoned-blob=80,push-thinned=80,edit=20", 1, 8},
	{"key-not-compared", 9, "a changed configuration is no difference",
		[]edit{{"internal/store/tree.go", " OR f.wanted_key <> entry.wanted_key", ""}},
		"config-yml=80,config-edn=40", 1, 8},
	{"last-page-dropped", 10, "the last page of a listing is not staged",
		[]edit{{"internal/sync/tree.go", "if err := flush(); err != nil {\n\t\treturn 0, false, err\n\t}", ""}},
		"", 1, 2},
	{"paths-folded", 12, "paths are stored in lower case",
		[]edit{{"internal/sync/tree.go", "full := path.Join(dir.Path, e.Path)", "full := strings.ToLower(path.Join(dir.Path, e.Path))"}},
		"", 1, 2},
}
