-- +goose Up
-- Contents by git's name, zstd-compressed: what an archive brought for its groups
-- and what a new derivation key is computed from. They are hashed again when read.
CREATE TABLE kgsync.blobs (
    repository_id bigint NOT NULL REFERENCES kgsync.repositories (id) ON DELETE CASCADE,
    sha           text   COLLATE "C" NOT NULL,
    zstd          bytea  NOT NULL,
    stored_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (repository_id, sha)
);
ALTER TABLE kgsync.blobs ALTER COLUMN zstd SET STORAGE EXTERNAL; -- it is compressed already

-- As the tree lists it: what is too large is known without a request.
ALTER TABLE kgsync.files ADD COLUMN wanted_size bigint NOT NULL DEFAULT 0;

-- How much of the repository a listing covered, so that a plan can tell whether an
-- archive of it is worth while.
ALTER TABLE kgsync.tree_walks ADD COLUMN bytes bigint NOT NULL DEFAULT 0;

-- What a derivation key was computed from, beside the files' content.
ALTER TABLE kgsync.derivations ADD COLUMN parser_version int NOT NULL DEFAULT 0;
ALTER TABLE kgsync.derivations ADD COLUMN inputs jsonb NOT NULL DEFAULT '{}'; -- path -> blob

-- A foreign key costs every fact a look at its file and a lock on it, a third of
-- the work of saving. Facts are only ever written under the lock of their file, so
-- that it is enough that a file's end is theirs.
ALTER TABLE kgsync.pages DROP CONSTRAINT pages_file_id_fkey;
ALTER TABLE kgsync.aliases DROP CONSTRAINT aliases_file_id_fkey;
ALTER TABLE kgsync.links DROP CONSTRAINT links_file_id_fkey;
ALTER TABLE kgsync.tags DROP CONSTRAINT tags_file_id_fkey;
ALTER TABLE kgsync.properties DROP CONSTRAINT properties_file_id_fkey;
ALTER TABLE kgsync.classes DROP CONSTRAINT classes_file_id_fkey;
ALTER TABLE kgsync.subclass_of DROP CONSTRAINT subclass_of_file_id_fkey;
ALTER TABLE kgsync.relations DROP CONSTRAINT relations_file_id_fkey;
ALTER TABLE kgsync.owl_properties DROP CONSTRAINT owl_properties_file_id_fkey;
ALTER TABLE kgsync.axioms DROP CONSTRAINT axioms_file_id_fkey;
ALTER TABLE kgsync.diagnostics DROP CONSTRAINT diagnostics_file_id_fkey;

-- +goose StatementBegin
CREATE FUNCTION kgsync.forget_facts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT id FROM gone);
BEGIN
    DELETE FROM kgsync.pages WHERE file_id = ANY (ids);
    DELETE FROM kgsync.aliases WHERE file_id = ANY (ids);
    DELETE FROM kgsync.links WHERE file_id = ANY (ids);
    DELETE FROM kgsync.tags WHERE file_id = ANY (ids);
    DELETE FROM kgsync.properties WHERE file_id = ANY (ids);
    DELETE FROM kgsync.classes WHERE file_id = ANY (ids);
    DELETE FROM kgsync.subclass_of WHERE file_id = ANY (ids);
    DELETE FROM kgsync.relations WHERE file_id = ANY (ids);
    DELETE FROM kgsync.owl_properties WHERE file_id = ANY (ids);
    DELETE FROM kgsync.axioms WHERE file_id = ANY (ids);
    DELETE FROM kgsync.diagnostics WHERE file_id = ANY (ids);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER files_forget_facts AFTER DELETE ON kgsync.files REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION kgsync.forget_facts();

-- +goose Down
DROP TRIGGER files_forget_facts ON kgsync.files;
DROP FUNCTION kgsync.forget_facts();
ALTER TABLE kgsync.pages ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.aliases ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.links ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.tags ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.properties ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.classes ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.subclass_of ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.relations ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.owl_properties ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.axioms ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.diagnostics ADD FOREIGN KEY (file_id) REFERENCES kgsync.files (id) ON DELETE CASCADE;
ALTER TABLE kgsync.derivations DROP COLUMN inputs, DROP COLUMN parser_version;
ALTER TABLE kgsync.tree_walks DROP COLUMN bytes;
ALTER TABLE kgsync.files DROP COLUMN wanted_size;
DROP TABLE kgsync.blobs;
