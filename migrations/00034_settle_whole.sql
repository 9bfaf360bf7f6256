-- +goose Up
-- A settle after pushes only may ask for nothing but the head that they named. One
-- that something else asked for, such as another default branch, asks for everything:
-- what the plan before it read may have been old.
ALTER TABLE kgsync.repositories
    ADD COLUMN settle_whole boolean NOT NULL DEFAULT false;
ALTER TABLE kgsync.runs
    ADD COLUMN whole boolean NOT NULL DEFAULT false; -- of a settle: such a one

-- +goose Down
ALTER TABLE kgsync.runs DROP COLUMN whole;
ALTER TABLE kgsync.repositories DROP COLUMN settle_whole;
