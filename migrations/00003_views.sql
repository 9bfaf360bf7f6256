-- +goose Up
-- The public contract: read-only views (docs/sql.md). Names and meanings are stable.
CREATE SCHEMA IF NOT EXISTS kg;
COMMENT ON SCHEMA kg IS 'The knowledge graph, read-only. Every view carries repository (owner/name) and repository_id (GitHub''s id, which never changes).';

CREATE VIEW kg.repositories AS
SELECT r.id,
       r.full_name AS repository,
       r.default_branch,
       head.commit_sha AS head_sha,
       applied.commit_sha AS applied_sha,
       synced.commit_sha AS synced_sha,
       nullif(r.verified_sha, '') AS verified_sha,
       (SELECT max(u.finished_at) FROM kgsync.runs u WHERE u.repository_id = r.id AND u.state IN ('completed', 'completed_with_errors')) AS synced_at,
       CASE
           WHEN r.lost_access_at IS NOT NULL OR i.state = 'deleted' THEN 'lost_access'
           WHEN i.state = 'suspended' THEN 'suspended'
           WHEN synced.generation IS DISTINCT FROM r.generation OR r.hint_sha <> '' OR r.plan_job_id IS NOT NULL OR r.lease_job_id IS NOT NULL THEN 'syncing'
           WHEN EXISTS (SELECT 1 FROM kgsync.files f WHERE f.repository_id = r.id AND f.failed) THEN 'current_with_errors'
           ELSE 'current'
       END AS state,
       r.lost_access_at,
       r.private,
       r.archived
FROM kgsync.repositories r
JOIN kgsync.installations i ON i.id = r.installation_id
CROSS JOIN LATERAL (
    SELECT coalesce(min(f.open_since), 9223372036854775807) AS since
    FROM kgsync.files f WHERE f.repository_id = r.id AND f.open_since IS NOT NULL
) opened
LEFT JOIN kgsync.generations head ON head.repository_id = r.id AND head.generation = r.generation
LEFT JOIN LATERAL (
    SELECT g.commit_sha, g.generation FROM kgsync.generations g
    WHERE g.repository_id = r.id AND g.generation < opened.since
    ORDER BY g.generation DESC LIMIT 1
) applied ON true
LEFT JOIN LATERAL (
    SELECT g.commit_sha, g.generation FROM kgsync.generations g
    WHERE g.repository_id = r.id AND g.generation < opened.since AND g.planned
    ORDER BY g.generation DESC LIMIT 1
) synced ON true;
COMMENT ON VIEW kg.repositories IS 'One row per repository: synced_sha is the newest commit whose whole tree was compared and fully applied; applied_sha the newest accepted commit with no open file; verified_sha the last commit proven equal; lost_access_at when it could no longer be read: its data is deleted after the grace period.';

CREATE VIEW kg.files AS
SELECT r.full_name AS repository, f.repository_id, f.path, f.applied_blob AS blob_sha, f.kind,
       CASE
           WHEN f.open_since IS NOT NULL THEN 'pending'
           WHEN f.failed AND f.applied_blob IS NOT NULL THEN 'stale'
           WHEN f.failed THEN 'failed'
           WHEN f.kind = 'skipped' THEN 'skipped'
           ELSE 'current'
       END AS state,
       f.size_bytes, nullif(f.applied_commit, '') AS commit_sha, f.parser_version,
       nullif(CASE WHEN f.error <> '' THEN f.error ELSE f.skip_reason END, '') AS error
FROM kgsync.files f
JOIN kgsync.repositories r ON r.id = f.repository_id;
COMMENT ON VIEW kg.files IS 'One row per Markdown path after include/exclude. state: current, pending (a newer version is wanted), stale (last good facts kept after trouble), failed (no facts), skipped (error says why).';

CREATE VIEW kg.pages AS
SELECT r.full_name AS repository, p.repository_id, f.path, p.name, p.name_key, p.namespace, p.public, p.journal
FROM kgsync.pages p
JOIN kgsync.files f ON f.id = p.file_id
JOIN kgsync.repositories r ON r.id = p.repository_id;
COMMENT ON VIEW kg.pages IS 'One row per file that states a page. name_key is the identity (NFC, lower case); it is not unique.';

CREATE VIEW kg.aliases AS
SELECT r.full_name AS repository, a.repository_id, f.path, p.name_key, a.alias, a.alias_key, a.line
FROM kgsync.aliases a
JOIN kgsync.files f ON f.id = a.file_id
JOIN kgsync.pages p ON p.file_id = a.file_id
JOIN kgsync.repositories r ON r.id = a.repository_id;
COMMENT ON VIEW kg.aliases IS 'Other names of pages.';

CREATE VIEW kg.links AS
SELECT r.full_name AS repository, l.repository_id, f.path, p.name_key AS source_key, l.target, l.target_key, l.kind, l.line,
       CASE l.kind
           WHEN 'block' THEN EXISTS (SELECT 1 FROM kgsync.properties b WHERE b.repository_id = l.repository_id AND b.key = 'id' AND length(b.value) = 36 AND lower(b.value) = l.target_key)
           ELSE EXISTS (SELECT 1 FROM kgsync.pages t WHERE t.repository_id = l.repository_id AND t.name_key = l.target_key)
                OR EXISTS (SELECT 1 FROM kgsync.aliases t WHERE t.repository_id = l.repository_id AND t.alias_key = l.target_key)
                OR (l.kind = 'file' AND EXISTS (SELECT 1 FROM kgsync.files t WHERE t.repository_id = l.repository_id AND t.path = l.target COLLATE "C"))
       END AS resolved
FROM kgsync.links l
JOIN kgsync.files f ON f.id = l.file_id
JOIN kgsync.pages p ON p.file_id = l.file_id
JOIN kgsync.repositories r ON r.id = l.repository_id;
COMMENT ON VIEW kg.links IS 'One row per reference and line. kind: page, property, tag, block, file. resolved: a page, alias, file or block of that name exists now.';

CREATE VIEW kg.edges AS
SELECT r.full_name AS repository, l.repository_id, p.name_key AS source_key, l.target_key, l.kind, count(*) AS count
FROM kgsync.links l
JOIN kgsync.pages p ON p.file_id = l.file_id
JOIN kgsync.repositories r ON r.id = l.repository_id
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW kg.edges IS 'Distinct source, target and kind with the number of links behind it.';

CREATE VIEW kg.nodes AS
SELECT r.full_name AS repository, n.repository_id, n.name, n.name_key, n.type
FROM (
    SELECT DISTINCT ON (p.repository_id, p.name_key) p.repository_id, p.name, p.name_key, 'page' AS type
    FROM kgsync.pages p JOIN kgsync.files f ON f.id = p.file_id
    ORDER BY p.repository_id, p.name_key, f.path
) n
JOIN kgsync.repositories r ON r.id = n.repository_id
UNION ALL
SELECT r.full_name, l.repository_id, min(l.target COLLATE "C"), l.target_key, 'linked_page'
FROM kgsync.links l
JOIN kgsync.repositories r ON r.id = l.repository_id
WHERE l.kind <> 'block'
  AND NOT EXISTS (SELECT 1 FROM kgsync.pages t WHERE t.repository_id = l.repository_id AND t.name_key = l.target_key)
  AND NOT EXISTS (SELECT 1 FROM kgsync.aliases t WHERE t.repository_id = l.repository_id AND t.alias_key = l.target_key)
GROUP BY r.full_name, l.repository_id, l.target_key;
COMMENT ON VIEW kg.nodes IS 'Pages (type page; ties go to the smallest path) and names that are only linked to (linked_page).';

CREATE VIEW kg.tags AS
SELECT r.full_name AS repository, t.repository_id, f.path, p.name_key AS source_key, t.tag, t.tag_key, t.line
FROM kgsync.tags t
JOIN kgsync.files f ON f.id = t.file_id
JOIN kgsync.pages p ON p.file_id = t.file_id
JOIN kgsync.repositories r ON r.id = t.repository_id;
COMMENT ON VIEW kg.tags IS 'Distinct tags of each file, with the line of the first use.';

CREATE VIEW kg.properties AS
SELECT r.full_name AS repository, t.repository_id, f.path, t.key, t.value, nullif(t.block_line, 0) AS block_line, t.line
FROM kgsync.properties t
JOIN kgsync.files f ON f.id = t.file_id
JOIN kgsync.repositories r ON r.id = t.repository_id;
COMMENT ON VIEW kg.properties IS 'key:: value of pages (block_line NULL) and of blocks (block_line: where the block starts).';

CREATE VIEW kg.classes AS
SELECT r.full_name AS repository, c.repository_id, c.iri, c.label, c.definition, f.path, c.dialect, c.domain, c.maturity,
       c.status, c.term_id, c.metadata, p.public, c.line
FROM kgsync.classes c
JOIN kgsync.files f ON f.id = c.file_id
LEFT JOIN kgsync.pages p ON p.file_id = c.file_id
JOIN kgsync.repositories r ON r.id = c.repository_id;
COMMENT ON VIEW kg.classes IS 'Declared classes; dialect: ontology_block, functional, jsonld or manchester.';

CREATE VIEW kg.subclass_of AS
SELECT r.full_name AS repository, s.repository_id, s.class, s.parent,
       nullif(coalesce(nullif(s.parent_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.parent_key <> '' AND t.name_key = s.parent_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS parent_iri,
       f.path, s.line, s.dialect
FROM kgsync.subclass_of s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;
COMMENT ON VIEW kg.subclass_of IS 'Superclasses as stated; parent_iri is the stated IRI, or the class of the page that parent names.';

CREATE VIEW kg.relations AS
SELECT r.full_name AS repository, s.repository_id, s.subject, s.predicate, s.object,
       nullif(coalesce(nullif(s.object_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.object_key <> '' AND t.name_key = s.object_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS object_iri,
       f.path, s.line, nullif(s.via, '') AS via, s.dialect
FROM kgsync.relations s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;
COMMENT ON VIEW kg.relations IS 'Subject, predicate and object as stated between classes.';

CREATE VIEW kg.owl_properties AS
SELECT r.full_name AS repository, o.repository_id, o.iri, o.type, o.label, nullif(o.domain, '') AS domain, nullif(o.range, '') AS range,
       f.path, o.line, o.dialect
FROM kgsync.owl_properties o
JOIN kgsync.files f ON f.id = o.file_id
JOIN kgsync.repositories r ON r.id = o.repository_id;
COMMENT ON VIEW kg.owl_properties IS 'Declared OWL properties.';

CREATE VIEW kg.axioms AS
SELECT r.full_name AS repository, a.repository_id, a.type, a.subject, nullif(a.object, '') AS object, a.expression, f.path, a.line, a.dialect
FROM kgsync.axioms a
JOIN kgsync.files f ON f.id = a.file_id
JOIN kgsync.repositories r ON r.id = a.repository_id;
COMMENT ON VIEW kg.axioms IS 'OWL 2 axioms; expression is canonical functional-style text.';

CREATE VIEW kg.diagnostics AS
SELECT r.full_name AS repository, d.repository_id, f.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.diagnostics d
JOIN kgsync.files f ON f.id = d.file_id
JOIN kgsync.repositories r ON r.id = d.repository_id
UNION ALL
SELECT r.full_name, d.repository_id, d.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.config_diagnostics d
JOIN kgsync.repositories r ON r.id = d.repository_id;
COMMENT ON VIEW kg.diagnostics IS 'What is wrong with the content of files and what to do about it (docs/diagnostics.md). line and col 0: not known.';

-- The statistics of a run, live while it runs and as written once it has ended.
CREATE FUNCTION kgsync.run_statistics(wanted_run bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT coalesce(u.statistics, jsonb_build_object(
    'total_files', u.total_files,
    'kg_files_processed', n.kg, 'ontology_files_processed', n.onto, 'skipped_files', n.skipped,
    'deleted_files', n.deleted, 'failed_files', n.failed, 'unchanged_files', u.unchanged_files + n.unchanged,
    'errors', coalesce(e.list, '[]'::jsonb), 'errors_total', n.failed,
    'duration_ms', (extract(epoch FROM coalesce(u.finished_at, clock_timestamp()) - coalesce(u.started_at, u.created_at)) * 1000)::bigint,
    'total_nodes', n.nodes, 'total_edges', n.edges, 'total_classes', n.classes, 'total_properties', n.properties,
    'total_axioms', n.axioms, 'total_relations', n.relations,
    'bytes_fetched', u.bytes_fetched + n.bytes, 'api_requests', u.api_requests + n.requests,
    'files_retried', n.retried,
    'commit_sha', u.commit_sha, 'trigger', u.trigger, 'state', u.state))
FROM kgsync.runs u
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE outcome = 'saved' AND kind = 'knowledge_graph') AS kg,
           count(*) FILTER (WHERE outcome = 'saved' AND kind = 'ontology') AS onto,
           count(*) FILTER (WHERE outcome = 'saved' AND kind = 'skipped') AS skipped,
           count(*) FILTER (WHERE outcome = 'deleted') AS deleted,
           count(*) FILTER (WHERE outcome = 'failed') AS failed,
           count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
           coalesce(sum(nodes), 0) AS nodes, coalesce(sum(edges), 0) AS edges, coalesce(sum(classes), 0) AS classes,
           coalesce(sum(properties), 0) AS properties, coalesce(sum(axioms), 0) AS axioms,
           coalesce(sum(relations), 0) AS relations, coalesce(sum(bytes_fetched), 0) AS bytes,
           coalesce(sum(api_requests), 0) AS requests,
           count(*) FILTER (WHERE attempts > 1) AS retried
    FROM kgsync.run_files f WHERE f.run_id = u.id
) n
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('path', x.path, 'code', x.error_code, 'message', x.error, 'attempts', x.attempts) ORDER BY x.path) AS list
    FROM (SELECT * FROM kgsync.run_files f WHERE f.run_id = u.id AND f.outcome = 'failed' ORDER BY path LIMIT 100) x
) e
WHERE u.id = wanted_run
$$;

CREATE VIEW kg.runs AS
SELECT u.id, r.full_name AS repository, u.repository_id, u.trigger, u.state, nullif(u.commit_sha, '') AS commit_sha,
       u.created_at, u.started_at, u.finished_at, nullif(u.error, '') AS error,
       s.*
FROM kgsync.runs u
JOIN kgsync.repositories r ON r.id = u.repository_id
CROSS JOIN LATERAL jsonb_to_record(kgsync.run_statistics(u.id)) AS s(
    total_files int, kg_files_processed int, ontology_files_processed int, skipped_files int, deleted_files int,
    failed_files int, unchanged_files int, errors jsonb, duration_ms bigint, total_nodes bigint, total_edges bigint,
    total_classes bigint, total_properties bigint, total_axioms bigint, total_relations bigint,
    bytes_fetched bigint, api_requests bigint);
COMMENT ON VIEW kg.runs IS 'Runs with their statistics, live while they run.';

CREATE VIEW kg.run_files AS
SELECT f.run_id, r.full_name AS repository, u.repository_id, f.path, coalesce(f.outcome, 'pending') AS outcome, f.kind,
       nullif(f.error_code, '') AS error_code, nullif(f.error, '') AS error, f.attempts, f.finished_at
FROM kgsync.run_files f
JOIN kgsync.runs u ON u.id = f.run_id
JOIN kgsync.repositories r ON r.id = u.repository_id;
COMMENT ON VIEW kg.run_files IS 'What each run did with each of its files.';

-- +goose Down
DROP SCHEMA kg CASCADE;
DROP FUNCTION kgsync.run_statistics(bigint);
