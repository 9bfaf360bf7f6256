-- +goose Up
-- Where .kgsync.yml names another branch, reads of the default branch lag behind its
-- pushes as all reads do: a plan waits for the commit that the newest push showed.
ALTER TABLE kgsync.repositories
    ADD COLUMN default_hint_sha text NOT NULL DEFAULT ''; -- '': nothing new since config_sha

-- +goose Down
ALTER TABLE kgsync.repositories DROP COLUMN default_hint_sha;
