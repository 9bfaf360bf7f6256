-- +goose Up
-- What a run's plan and archive cost is appended, not added up in the run's row: the
-- row is share-locked by each write of the run's files, and an update would wait for
-- all of them, and they for it [6].
CREATE TABLE kgsync.run_usage (
    run_id   bigint NOT NULL REFERENCES kgsync.runs (id) ON DELETE CASCADE,
    requests bigint NOT NULL,
    bytes    bigint NOT NULL
);
CREATE INDEX run_usage_run ON kgsync.run_usage (run_id);
INSERT INTO kgsync.run_usage SELECT id, api_requests, bytes_fetched FROM kgsync.runs WHERE api_requests > 0 OR bytes_fetched > 0;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kgsync.run_statistics(wanted_run bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
SELECT coalesce(u.statistics, jsonb_build_object(
    'total_files', u.total_files,
    'kg_files_processed', n.kg, 'ontology_files_processed', n.onto, 'skipped_files', n.skipped,
    'deleted_files', n.deleted, 'failed_files', n.failed, 'unchanged_files', u.unchanged_files + n.unchanged,
    'errors', coalesce(e.list, '[]'::jsonb), 'errors_total', n.failed,
    'duration_ms', (extract(epoch FROM coalesce(u.finished_at, clock_timestamp()) - coalesce(u.started_at, u.created_at)) * 1000)::bigint,
    'total_nodes', n.nodes, 'total_edges', n.edges, 'total_classes', n.classes, 'total_properties', n.properties,
    'total_axioms', n.axioms, 'total_relations', n.relations,
    'bytes_fetched', c.bytes + n.bytes, 'api_requests', c.requests + n.requests,
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
CROSS JOIN LATERAL (
    SELECT coalesce(sum(bytes), 0) AS bytes, coalesce(sum(requests), 0) AS requests FROM kgsync.run_usage x WHERE x.run_id = u.id
) c
WHERE u.id = wanted_run
$$;
-- +goose StatementEnd
ALTER TABLE kgsync.runs DROP COLUMN api_requests, DROP COLUMN bytes_fetched;

-- +goose Down
ALTER TABLE kgsync.runs ADD COLUMN api_requests int NOT NULL DEFAULT 0, ADD COLUMN bytes_fetched bigint NOT NULL DEFAULT 0;
UPDATE kgsync.runs SET api_requests = c.requests, bytes_fetched = c.bytes
    FROM (SELECT run_id, sum(requests) AS requests, sum(bytes) AS bytes FROM kgsync.run_usage GROUP BY 1) c WHERE c.run_id = runs.id;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION kgsync.run_statistics(wanted_run bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
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
-- +goose StatementEnd
DROP TABLE kgsync.run_usage;
