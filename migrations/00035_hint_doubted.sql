-- +goose Up
-- A head that is not the pushed commit is believed after a few reads, because the hint
-- may be old. Reads may lag longer than that: the hint stays for one more settle.
ALTER TABLE kgsync.repositories
    ADD COLUMN hint_doubted boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE kgsync.repositories DROP COLUMN hint_doubted;
