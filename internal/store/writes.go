package store

import "github.com/jackc/pgx/v5"

// writes collects what a batch changes beside facts: the rows of files, of
// run_files and of blobs, column by column: they travel as arrays.
type writes struct {
	saved struct {
		ids, sizes                                  []int64
		blobs, modes, keys, commits, kinds, reasons []string
		versions                                    []int32
	}
	failed struct {
		ids             []int64
		codes, messages []string
	}
	deleted, unchanged []int64
	kept               struct {
		shas  []string
		bytes [][]byte
	}
	outcomes struct {
		paths, outcomes, kinds, codes, messages                                  []string
		attempts, requests, nodes, edges, classes, properties, axioms, relations []int32
		bytes                                                                    []int64
	}
}

func (w *writes) change(id int64, c *Change) {
	switch c.Outcome {
	case Saved:
		a, s := &c.Applied, &w.saved
		s.ids, s.sizes, s.versions = append(s.ids, id), append(s.sizes, a.SizeBytes), append(s.versions, int32(a.ParserVersion)) //nolint:gosec // small
		s.blobs, s.modes, s.keys, s.commits = append(s.blobs, a.Blob), append(s.modes, a.Mode), append(s.keys, a.Key), append(s.commits, a.Commit)
		s.kinds, s.reasons = append(s.kinds, string(a.Document.Kind)), append(s.reasons, a.Document.SkipReason)
		if a.Keep != nil {
			w.kept.shas, w.kept.bytes = append(w.kept.shas, a.Blob), append(w.kept.bytes, a.Keep)
		}
	case Deleted:
		w.deleted = append(w.deleted, id)
	case Unchanged:
		w.unchanged = append(w.unchanged, id)
	case Failed:
		f := &w.failed
		f.ids, f.codes, f.messages = append(f.ids, id), append(f.codes, clean(c.Code)), append(f.messages, clean(c.Message))
	}
}

func (w *writes) outcome(c *Change, outcome Outcome, n factCounts) {
	o := &w.outcomes
	kind, code, message := "", "", ""
	if outcome == Saved {
		kind = string(c.Applied.Document.Kind)
	}
	if outcome == Failed {
		code, message = clean(c.Code), clean(c.Message)
	}
	o.paths, o.outcomes, o.kinds = append(o.paths, c.Path), append(o.outcomes, string(outcome)), append(o.kinds, kind)
	o.codes, o.messages, o.bytes = append(o.codes, code), append(o.messages, message), append(o.bytes, c.Cost.Bytes)
	for _, v := range []struct {
		column *[]int32
		value  int
	}{
		{&o.attempts, c.Cost.Attempts}, {&o.requests, int(c.Cost.Requests)}, {&o.nodes, n.nodes}, {&o.edges, n.edges}, {&o.classes, n.classes},
		{&o.properties, n.properties}, {&o.axioms, n.axioms}, {&o.relations, n.relations},
	} {
		*v.column = append(*v.column, int32(v.value)) //nolint:gosec // counts of one file
	}
}

func (w *writes) queue(b *pgx.Batch, runID, repositoryID int64) {
	if s := &w.saved; len(s.ids) > 0 {
		b.Queue(`UPDATE kgsync.files f SET wanted_blob = v.blob, wanted_mode = v.mode, wanted_key = v.key, open_since = NULL, applied_blob = v.blob, applied_mode = v.mode,
			applied_key = v.key, applied_commit = v.commit, applied_at = now(), failed = false, error_code = '', error = '',
			kind = v.kind, skip_reason = v.reason, size_bytes = v.size, parser_version = v.version
			FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::int[])
				AS v (id, blob, mode, key, commit, kind, reason, size, version) WHERE f.id = v.id`,
			s.ids, s.blobs, s.modes, s.keys, s.commits, s.kinds, s.reasons, s.sizes, s.versions)
	}
	if f := &w.failed; len(f.ids) > 0 {
		b.Queue(`UPDATE kgsync.files f SET open_since = NULL, failed = true, error_code = v.code, error = v.message
			FROM unnest($1::bigint[], $2::text[], $3::text[]) AS v (id, code, message) WHERE f.id = v.id`, f.ids, f.codes, f.messages)
	}
	if len(w.unchanged) > 0 {
		b.Queue(`UPDATE kgsync.files SET open_since = NULL, failed = false, error_code = '', error = '' WHERE id = ANY ($1)`, w.unchanged)
	}
	if len(w.deleted) > 0 {
		b.Queue(`DELETE FROM kgsync.files WHERE id = ANY ($1)`, w.deleted)
	}
	if len(w.kept.shas) > 0 {
		queueBlobs(b, repositoryID, w.kept.shas, w.kept.bytes)
	}
	o := &w.outcomes
	b.Queue(`UPDATE kgsync.run_files rf SET outcome = v.outcome, kind = v.kind, error_code = v.code, error = v.message, attempts = v.attempts,
		api_requests = v.requests, bytes_fetched = v.bytes, nodes = v.nodes, edges = v.edges, classes = v.classes, properties = v.properties,
		axioms = v.axioms, relations = v.relations, finished_at = clock_timestamp()
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::bigint[], $10::int[], $11::int[],
			$12::int[], $13::int[], $14::int[], $15::int[])
			AS v (path, outcome, kind, code, message, attempts, requests, bytes, nodes, edges, classes, properties, axioms, relations)
		WHERE rf.run_id = $1 AND rf.path = v.path AND rf.outcome IS NULL`,
		runID, o.paths, o.outcomes, o.kinds, o.codes, o.messages, o.attempts, o.requests, o.bytes, o.nodes, o.edges, o.classes, o.properties,
		o.axioms, o.relations)
}
