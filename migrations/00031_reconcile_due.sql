-- +goose Up
-- The plan of a new repository reads its head: no turn to reconcile is due at once.
ALTER TABLE kgsync.repositories ALTER COLUMN reconcile_due_at SET DEFAULT now() + interval '10 minutes';

-- +goose Down
ALTER TABLE kgsync.repositories ALTER COLUMN reconcile_due_at SET DEFAULT now();
