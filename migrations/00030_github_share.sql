-- +goose Up
-- How the processes share what GitHub allows the App. Unlogged: after a crash of
-- Postgres every process tells again within a second.
CREATE UNLOGGED TABLE kgsync.replicas (
    name       text PRIMARY KEY,
    weight     int         NOT NULL,
    granted    float8      NOT NULL, -- the part of each limit that it may use
    held       float8      NOT NULL, -- what it may still be using: never less than granted
    expires_at timestamptz NOT NULL  -- unless it renews
);

-- How an installation stands with GitHub, as the newest answer to any process told;
-- installation 0 is the App itself.
CREATE UNLOGGED TABLE kgsync.github_standings (
    installation_id bigint PRIMARY KEY,
    request_limit   int         NOT NULL DEFAULT 0,
    remaining       int         NOT NULL DEFAULT 0,
    reset_at        timestamptz NOT NULL,           -- by GitHub's clock; names the window
    reset_here_at   timestamptz NOT NULL,           -- by this one
    quiet_until     timestamptz NOT NULL,           -- GitHub asked for silence until then
    told_at         timestamptz NOT NULL
);

-- +goose Down
DROP TABLE kgsync.github_standings, kgsync.replicas;
