-- +goose Up
-- A scan of GitHub's record of deliveries may take longer than a job has: it goes on
-- at a page.
ALTER TABLE kgsync.delivery_scan
    ADD COLUMN page     text        NOT NULL DEFAULT '', -- '': no scan is under way
    ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now(); -- the scan under way

-- +goose Down
ALTER TABLE kgsync.delivery_scan DROP COLUMN page, DROP COLUMN begun_at;
