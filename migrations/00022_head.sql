-- +goose Up
-- The commit of the newest generation stands on the repository's own row: a lock
-- that had to wait for another push then reads both of the same moment, and a push
-- reads nothing else.
ALTER TABLE kgsync.repositories ADD COLUMN commit_sha text NOT NULL DEFAULT '';
UPDATE kgsync.repositories r SET commit_sha = g.commit_sha
    FROM kgsync.generations g WHERE g.repository_id = r.id AND g.generation = r.generation;

-- +goose Down
ALTER TABLE kgsync.repositories DROP COLUMN commit_sha;
