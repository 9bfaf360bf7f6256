-- +goose Up
-- What the files say, as written, plus the keys by which it is looked up. Every
-- fact belongs to one file and is replaced with it in one transaction [5]. Keys
-- longer than 1000 bytes are clipped by the store, so that any key can be indexed.
CREATE TABLE kgsync.pages (
    file_id       bigint PRIMARY KEY REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    name          text   NOT NULL,
    name_key      text   COLLATE "C" NOT NULL, -- computed in Go [12]
    namespace     text   NOT NULL DEFAULT '',
    public        boolean NOT NULL,
    journal       date
);
CREATE INDEX pages_key ON kgsync.pages (repository_id, name_key);

CREATE TABLE kgsync.aliases (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    alias         text   NOT NULL,
    alias_key     text   COLLATE "C" NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX aliases_file ON kgsync.aliases (file_id);
CREATE INDEX aliases_key ON kgsync.aliases (repository_id, alias_key);

CREATE TABLE kgsync.links (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    target        text   NOT NULL,
    target_key    text   COLLATE "C" NOT NULL, -- a name key, never the id of another file's row [6]
    kind          text   NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX links_file ON kgsync.links (file_id);
CREATE INDEX links_target ON kgsync.links (repository_id, target_key);

CREATE TABLE kgsync.tags (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    tag           text   NOT NULL,
    tag_key       text   COLLATE "C" NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX tags_file ON kgsync.tags (file_id);

CREATE TABLE kgsync.properties (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    key           text   COLLATE "C" NOT NULL,
    value         text   NOT NULL,
    block_line    int    NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX properties_file ON kgsync.properties (file_id);
CREATE INDEX properties_block_id ON kgsync.properties (repository_id, lower(value)) WHERE key = 'id' AND length(value) = 36;

CREATE TABLE kgsync.classes (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    iri           text   COLLATE "C" NOT NULL,
    label         text   NOT NULL,
    definition    text   NOT NULL,
    dialect       text   NOT NULL,
    domain        text   NOT NULL,
    maturity      text   NOT NULL,
    status        text   NOT NULL,
    term_id       text   NOT NULL,
    metadata      jsonb  NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX classes_file ON kgsync.classes (file_id);

CREATE TABLE kgsync.subclass_of (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    class         text   COLLATE "C" NOT NULL,
    parent        text   NOT NULL,
    parent_iri    text   NOT NULL,
    parent_key    text   COLLATE "C" NOT NULL,
    dialect       text   NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX subclass_of_file ON kgsync.subclass_of (file_id);

CREATE TABLE kgsync.relations (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    subject       text   COLLATE "C" NOT NULL,
    predicate     text   COLLATE "C" NOT NULL,
    object        text   NOT NULL,
    object_iri    text   NOT NULL,
    object_key    text   COLLATE "C" NOT NULL,
    via           text   NOT NULL,
    dialect       text   NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX relations_file ON kgsync.relations (file_id);

CREATE TABLE kgsync.owl_properties (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    iri           text   COLLATE "C" NOT NULL,
    type          text   NOT NULL,
    label         text   NOT NULL,
    domain        text   NOT NULL,
    range         text   NOT NULL,
    dialect       text   NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX owl_properties_file ON kgsync.owl_properties (file_id);

CREATE TABLE kgsync.axioms (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    type          text   NOT NULL,
    subject       text   NOT NULL,
    object        text   NOT NULL,
    expression    text   NOT NULL,
    dialect       text   NOT NULL,
    line          int    NOT NULL
);
CREATE INDEX axioms_file ON kgsync.axioms (file_id);

CREATE TABLE kgsync.diagnostics (
    file_id       bigint NOT NULL REFERENCES kgsync.files (id) ON DELETE CASCADE,
    repository_id bigint NOT NULL,
    line          int    NOT NULL,
    col           int    NOT NULL,
    severity      text   NOT NULL,
    code          text   NOT NULL,
    message       text   NOT NULL
);
CREATE INDEX diagnostics_file ON kgsync.diagnostics (file_id);

-- Findings about the configuration files, which are not pages; replaced by the plan that reads them.
CREATE TABLE kgsync.config_diagnostics (
    repository_id bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    path          text   COLLATE "C" NOT NULL,
    line          int    NOT NULL,
    col           int    NOT NULL,
    severity      text   NOT NULL,
    code          text   NOT NULL,
    message       text   NOT NULL
);
CREATE INDEX config_diagnostics_repository ON kgsync.config_diagnostics (repository_id);

-- +goose Down
DROP TABLE kgsync.config_diagnostics, kgsync.diagnostics, kgsync.axioms, kgsync.owl_properties, kgsync.relations,
    kgsync.subclass_of, kgsync.classes, kgsync.properties, kgsync.tags, kgsync.links, kgsync.aliases, kgsync.pages;
