-- +goose Up
-- What the sync knows about repositories, their wanted and applied files, and
-- its runs. Numbers in brackets are the invariants of docs/architecture.md.
CREATE SCHEMA IF NOT EXISTS kgsync;

CREATE TABLE kgsync.installations (
    id         bigint PRIMARY KEY, -- GitHub's id
    account    text        NOT NULL DEFAULT '',
    state      text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deleted')),
    listing_due_at timestamptz NOT NULL DEFAULT now(), -- when its repositories are compared with ours again
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE kgsync.repositories (
    id              bigint PRIMARY KEY, -- GitHub's id; names change [12]
    installation_id bigint      NOT NULL REFERENCES kgsync.installations (id),
    full_name       text        NOT NULL,
    default_branch  text        NOT NULL DEFAULT '',
    branch          text        NOT NULL DEFAULT '', -- the branch followed: .kgsync.yml's or the default one
    private         boolean     NOT NULL DEFAULT false,
    archived        boolean     NOT NULL DEFAULT false,
    lost_access_at  timestamptz,
    listed_at       timestamptz NOT NULL DEFAULT now(), -- when GitHub last said that the installation reads it
    generation      bigint      NOT NULL DEFAULT 0,  -- the newest accepted generation [3]
    derivation_key  text        NOT NULL DEFAULT '', -- of the newest planned generation [9]
    hint_sha        text        NOT NULL DEFAULT '', -- `after` of the newest push that no plan has confirmed
    hint_number     bigint      NOT NULL DEFAULT 0,
    plan_job_id     bigint,                          -- River job of the queued plan, if any
    plan_run_id     bigint,                          -- the run that the queued plan will fill
    settle_job_id   bigint,                          -- River job of the scheduled settle, if any
    settle_due_at   timestamptz,
    settle_since    timestamptz,                     -- first push that the scheduled settle covers
    lease_job_id    bigint,                          -- River job of the running plan
    lease_run_id    bigint,                          -- the run that it fills
    lease_until     timestamptz,
    verified_sha    text        NOT NULL DEFAULT '',
    verified_generation bigint  NOT NULL DEFAULT 0,
    verified_at     timestamptz,
    config_sha      text        NOT NULL DEFAULT '', -- default branch's commit whose .kgsync.yml the newest plan read, if it follows another
    plan_failures   int         NOT NULL DEFAULT 0,  -- in a row
    plan_after      timestamptz,                     -- no plan of the sweeper's before it
    reconcile_due_at timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX repositories_reconcile ON kgsync.repositories (reconcile_due_at);
CREATE INDEX repositories_installation ON kgsync.repositories (installation_id);
CREATE INDEX repositories_full_name ON kgsync.repositories (lower(full_name));

-- Written once, before any job; retries reuse it [3].
CREATE TABLE kgsync.generations (
    repository_id bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    generation    bigint NOT NULL,
    commit_sha    text   NOT NULL,
    planned       boolean NOT NULL DEFAULT false, -- a plan's transaction has written its wanted state [4]
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (repository_id, generation)
);

-- Parsed configuration inputs by derivation key [9].
CREATE TABLE kgsync.derivations (
    repository_id bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    key           text   NOT NULL,
    files         jsonb  NOT NULL, -- path -> base64 of the configuration file's bytes
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (repository_id, key)
);

CREATE TABLE kgsync.deliveries (
    guid          text PRIMARY KEY,
    event         text        NOT NULL,
    action        text        NOT NULL DEFAULT '',
    repository_id bigint,
    received_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deliveries_received ON kgsync.deliveries (received_at);

-- Deliveries that GitHub lists and we never had; redelivered until one arrives.
CREATE TABLE kgsync.missed_deliveries (
    guid          text PRIMARY KEY,
    delivery_id   bigint      NOT NULL, -- of the newest attempt
    delivered_at  timestamptz NOT NULL, -- the first attempt seen
    redeliveries  int         NOT NULL DEFAULT 0,
    due_at        timestamptz NOT NULL
);
-- How far the App's deliveries were read: one row at most.
CREATE TABLE kgsync.delivery_scan (
    singleton     boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    scanned_until timestamptz NOT NULL
);

CREATE TABLE kgsync.runs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id  bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    trigger        text   NOT NULL CHECK (trigger IN ('push', 'install', 'admin', 'reconcile', 'settle', 'config', 'derive')),
    state          text   NOT NULL DEFAULT 'planning' CHECK (state IN ('planning', 'running', 'completed',
                          'completed_with_errors', 'superseded', 'cancelled', 'failed')),
    full_resync    boolean NOT NULL DEFAULT false,
    generation     bigint,                 -- the pin, with commit_sha [3]
    commit_sha     text    NOT NULL DEFAULT '',
    derivation_key text    NOT NULL DEFAULT '',
    hint_number    bigint  NOT NULL DEFAULT 0, -- the hint noted before the head was read
    head_tries     int     NOT NULL DEFAULT 0,
    sealed         boolean NOT NULL DEFAULT false, -- its list of files is complete [6]
    total_files    int     NOT NULL DEFAULT 0,
    unchanged_files int    NOT NULL DEFAULT 0,
    bytes_fetched  bigint  NOT NULL DEFAULT 0, -- by the plan itself; files carry their own
    api_requests   int     NOT NULL DEFAULT 0,
    error          text    NOT NULL DEFAULT '',
    statistics     jsonb,                  -- written once, when the run ends
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    finished_at    timestamptz
);
CREATE INDEX runs_repository ON kgsync.runs (repository_id, id DESC);
CREATE INDEX runs_open ON kgsync.runs (id) WHERE finished_at IS NULL;

-- One row per file that a run looks at; outcome NULL means pending [6].
CREATE TABLE kgsync.run_files (
    run_id       bigint NOT NULL REFERENCES kgsync.runs (id) ON DELETE CASCADE,
    path         text   COLLATE "C" NOT NULL,
    job_id       bigint,
    outcome      text CHECK (outcome IN ('saved', 'deleted', 'unchanged', 'failed', 'superseded', 'cancelled')),
    kind         text   NOT NULL DEFAULT '',
    error_code   text   NOT NULL DEFAULT '',
    error        text   NOT NULL DEFAULT '',
    attempts     int    NOT NULL DEFAULT 0,
    api_requests int    NOT NULL DEFAULT 0,
    bytes_fetched bigint NOT NULL DEFAULT 0,
    nodes        int NOT NULL DEFAULT 0,
    edges        int NOT NULL DEFAULT 0,
    classes      int NOT NULL DEFAULT 0,
    properties   int NOT NULL DEFAULT 0,
    axioms       int NOT NULL DEFAULT 0,
    relations    int NOT NULL DEFAULT 0,
    finished_at  timestamptz,
    PRIMARY KEY (run_id, path)
);
CREATE INDEX run_files_pending ON kgsync.run_files (run_id, path) WHERE outcome IS NULL;
CREATE INDEX run_files_recent ON kgsync.run_files (run_id, finished_at DESC) WHERE outcome IS NOT NULL;

-- Wanted and applied state of one path [3]. A row that is gone is deleted.
CREATE TABLE kgsync.files (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id     bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    path              text   COLLATE "C" NOT NULL, -- exact bytes [12]
    wanted_generation bigint NOT NULL,
    wanted_run_id     bigint NOT NULL,
    wanted_blob       text,                      -- NULL: not known yet, re-read at the commit
    wanted_mode       text   NOT NULL DEFAULT '',
    wanted_gone       boolean NOT NULL DEFAULT false,
    wanted_key        text   NOT NULL,           -- derivation key
    open_since        bigint,                    -- first generation not satisfied [4]
    applied_blob      text,
    applied_mode      text   NOT NULL DEFAULT '',
    applied_key       text   NOT NULL DEFAULT '',
    applied_commit    text   NOT NULL DEFAULT '',
    applied_at        timestamptz,
    failed            boolean NOT NULL DEFAULT false, -- keeps counting until a later write applies
    retry             boolean NOT NULL DEFAULT false, -- an operator asked: a difference to the next plan
    error_code        text   NOT NULL DEFAULT '',
    error             text   NOT NULL DEFAULT '',
    kind              text   NOT NULL DEFAULT '',
    skip_reason       text   NOT NULL DEFAULT '',
    size_bytes        bigint NOT NULL DEFAULT 0,
    parser_version    int    NOT NULL DEFAULT 0,
    UNIQUE (repository_id, path)
);
CREATE INDEX files_open ON kgsync.files (repository_id, open_since) WHERE open_since IS NOT NULL;
CREATE INDEX files_failed ON kgsync.files (repository_id) WHERE failed;

-- The listing of one plan while it compares; dropped when the run ends.
CREATE UNLOGGED TABLE kgsync.tree_entries (
    run_id bigint NOT NULL,
    path   text   COLLATE "C" NOT NULL,
    blob   text   NOT NULL,
    mode   text   NOT NULL,
    size   bigint NOT NULL DEFAULT 0,
    config boolean NOT NULL DEFAULT false, -- a configuration file, not a Markdown path
    PRIMARY KEY (run_id, path)
);
-- Subtrees that a truncated listing leaves to walk.
CREATE UNLOGGED TABLE kgsync.tree_walks (
    run_id bigint NOT NULL,
    path   text   COLLATE "C" NOT NULL,
    sha    text   NOT NULL,
    done   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run_id, path)
);

-- +goose Down
DROP SCHEMA kgsync CASCADE;
