-- +goose Up
-- Diagnostics that need the whole repository. They are computed when they are
-- read, from the facts alone: nothing to keep in step, whatever the order in
-- which files arrive [1].
-- IRIs may be too long for a btree, and are only ever compared for equality.
CREATE INDEX classes_repository ON kgsync.classes (repository_id);
CREATE INDEX classes_iri ON kgsync.classes USING hash (iri);
CREATE INDEX axioms_declared_class ON kgsync.axioms USING hash (subject) WHERE type = 'Declaration(Class)';
CREATE INDEX subclass_of_repository ON kgsync.subclass_of (repository_id);
CREATE INDEX axioms_classes ON kgsync.axioms (repository_id) WHERE type IN ('Declaration(Class)', 'SubClassOf');

-- A superclass or the object of a relation may be named by an alias of its page.
CREATE OR REPLACE VIEW kg.subclass_of AS
SELECT r.full_name AS repository, s.repository_id, s.class, s.parent,
       nullif(coalesce(nullif(s.parent_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.parent_key <> '' AND t.name_key = s.parent_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1), (
           SELECT c.iri FROM kgsync.aliases t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.parent_key <> '' AND t.alias_key = s.parent_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS parent_iri,
       f.path, s.line, s.dialect
FROM kgsync.subclass_of s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;
COMMENT ON VIEW kg.subclass_of IS 'Superclasses as stated; parent_iri is the stated IRI, or the class of the page that parent names (by its name, else by an alias).';

CREATE OR REPLACE VIEW kg.relations AS
SELECT r.full_name AS repository, s.repository_id, s.subject, s.predicate, s.object,
       nullif(coalesce(nullif(s.object_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.object_key <> '' AND t.name_key = s.object_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1), (
           SELECT c.iri FROM kgsync.aliases t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.object_key <> '' AND t.alias_key = s.object_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS object_iri,
       f.path, s.line, nullif(s.via, '') AS via, s.dialect
FROM kgsync.relations s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;
COMMENT ON VIEW kg.relations IS 'Subject, predicate and object as stated between classes; object_iri is the stated IRI, or the class of the page that object names (by its name, else by an alias).';

-- The class that a name means: that of the page of the name, else of the alias.
-- The views above look it up row by row, for they are asked about one page at a
-- time; here it is for a whole repository at once.
CREATE VIEW kgsync.named_classes AS
SELECT DISTINCT ON (n.repository_id, n.name_key) n.repository_id, n.name_key, c.iri
FROM (SELECT repository_id, name_key, file_id, 0 AS rank FROM kgsync.pages
      UNION ALL SELECT repository_id, alias_key, file_id, 1 FROM kgsync.aliases) n
JOIN kgsync.files f ON f.id = n.file_id
JOIN kgsync.classes c ON c.file_id = n.file_id
WHERE n.name_key <> ''
ORDER BY n.repository_id, n.name_key, n.rank, f.path, c.line, c.iri;

CREATE VIEW kgsync.superclasses AS
SELECT s.repository_id, f.path, s.line, s.class, s.parent, coalesce(nullif(s.parent_iri, '') COLLATE "C", n.iri) AS parent_iri
FROM kgsync.subclass_of s
JOIN kgsync.files f ON f.id = s.file_id
LEFT JOIN kgsync.named_classes n ON n.repository_id = s.repository_id AND n.name_key = s.parent_key AND s.parent_iri = '';

-- Every statement that one named class is a subclass of another, in any dialect.
CREATE VIEW kgsync.hierarchy AS
SELECT s.repository_id, s.class, s.parent_iri AS parent, s.path, s.line
FROM kgsync.superclasses s
WHERE s.parent_iri IS NOT NULL AND s.class <> ''
UNION ALL
SELECT a.repository_id, a.subject COLLATE "C", a.object COLLATE "C", f.path, a.line
FROM kgsync.axioms a
JOIN kgsync.files f ON f.id = a.file_id
WHERE a.type = 'SubClassOf' AND a.subject !~ '[( ]' AND a.object !~ '[( ]';

-- The statements that make classes their own ancestors: those inside the strongly
-- connected components of the hierarchy (Tarjan's algorithm, without recursion;
-- linear in classes and statements).
-- +goose StatementBegin
CREATE FUNCTION kgsync.class_cycles(wanted bigint)
RETURNS TABLE (path text, line int, class text, parent text, size int, members text) LANGUAGE plpgsql STABLE SET jit = off AS $$
DECLARE
    names text[];         -- class of each number
    first_edge int[];     -- number -> position of its first parent in heads; one more at the end
    heads int[];          -- parents, grouped by child
    n int;
    visited int[];        -- number -> order of its visit, 0 before
    low int[];            -- number -> smallest visit reachable through the stack
    component int[];      -- number -> its component, 0 before
    stack int[]; depth int := 0;   -- of Tarjan: visited, not yet in a component
    path_node int[]; path_edge int[]; top int := 0; -- the walk from the root to here
    visits int := 0; components int := 0; found boolean := false;
    v int; w int; e int; popped int; taken int;
BEGIN
    WITH edges AS MATERIALIZED (
        SELECT DISTINCT h.class AS child, h.parent AS ancestor FROM kgsync.hierarchy h WHERE h.repository_id = wanted
    ), inner_edges AS MATERIALIZED ( -- a cycle runs only through classes that have a parent and are one
        SELECT child, ancestor FROM edges
        WHERE ancestor IN (SELECT child FROM edges) AND child IN (SELECT ancestor FROM edges)
    ), numbered AS MATERIALIZED (
        SELECT name, row_number() OVER (ORDER BY name)::int AS number
        FROM (SELECT child AS name FROM inner_edges UNION SELECT ancestor FROM inner_edges) x
    ), numbers AS (
        SELECT c.number AS child, p.number AS ancestor FROM inner_edges i
        JOIN numbered c ON c.name = i.child JOIN numbered p ON p.name = i.ancestor
    ), degrees AS (
        SELECT x.number, count(y.ancestor)::int AS degree FROM numbered x LEFT JOIN numbers y ON y.child = x.number GROUP BY x.number
    )
    SELECT (SELECT array_agg(x.name ORDER BY x.number) FROM numbered x),
           (SELECT array_agg(d.start ORDER BY d.number) FROM (
               SELECT z.number, (1 + sum(z.degree) OVER (ORDER BY z.number) - z.degree)::int AS start FROM degrees z) d),
           (SELECT array_agg(y.ancestor ORDER BY y.child, y.ancestor) FROM numbers y)
    INTO names, first_edge, heads;
    n := coalesce(array_length(names, 1), 0);
    IF n = 0 THEN
        RETURN;
    END IF;
    first_edge := first_edge || (array_length(heads, 1) + 1);
    visited := array_fill(0, ARRAY[n]); low := visited; component := visited;
    stack := visited; path_node := visited; path_edge := visited;

    FOR root IN 1..n LOOP
        CONTINUE WHEN visited[root] > 0;
        top := 1; path_node[1] := root; path_edge[1] := first_edge[root];
        visits := visits + 1; visited[root] := visits; low[root] := visits;
        depth := depth + 1; stack[depth] := root;
        WHILE top > 0 LOOP
            v := path_node[top]; e := path_edge[top];
            IF e < first_edge[v + 1] THEN
                path_edge[top] := e + 1;
                w := heads[e];
                IF visited[w] = 0 THEN
                    top := top + 1; path_node[top] := w; path_edge[top] := first_edge[w];
                    visits := visits + 1; visited[w] := visits; low[w] := visits;
                    depth := depth + 1; stack[depth] := w;
                ELSIF component[w] = 0 THEN
                    IF visited[w] < low[v] THEN low[v] := visited[w]; END IF;
                    IF w = v THEN found := true; END IF;
                END IF;
            ELSE
                IF low[v] = visited[v] THEN
                    components := components + 1; taken := 0;
                    LOOP
                        popped := stack[depth]; depth := depth - 1; taken := taken + 1;
                        component[popped] := components;
                        EXIT WHEN popped = v;
                    END LOOP;
                    IF taken > 1 THEN found := true; END IF;
                END IF;
                top := top - 1;
                IF top > 0 AND low[v] < low[path_node[top]] THEN low[path_node[top]] := low[v]; END IF;
            END IF;
        END LOOP;
    END LOOP;
    IF NOT found THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH placed AS MATERIALIZED (
        SELECT u.name COLLATE "C" AS name, u.c FROM unnest(names, component) AS u(name, c)
    ), sizes AS MATERIALIZED (
        SELECT p.c, count(*)::int AS size, array_to_string((array_agg(left(p.name, 200) ORDER BY p.name))[1:5], ', ') AS members
        FROM placed p GROUP BY p.c
    )
    SELECT h.path, h.line, h.class, h.parent, s.size, s.members
    FROM kgsync.hierarchy h
    JOIN placed a ON a.name = h.class
    JOIN placed b ON b.name = h.parent AND b.c = a.c
    JOIN sizes s ON s.c = a.c
    WHERE h.repository_id = wanted AND (s.size > 1 OR h.class = h.parent);
END
$$;
-- +goose StatementEnd

CREATE OR REPLACE VIEW kg.diagnostics AS
SELECT r.full_name AS repository, d.repository_id, f.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.diagnostics d
JOIN kgsync.files f ON f.id = d.file_id
JOIN kgsync.repositories r ON r.id = d.repository_id
UNION ALL
SELECT r.full_name, d.repository_id, d.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.config_diagnostics d
JOIN kgsync.repositories r ON r.id = d.repository_id
UNION ALL
SELECT r.full_name, l.repository_id, f.path, l.line, 0, 'info', 'unresolved-link',
       format('no page or alias is named %s: create the page, or correct the name', left(l.target, 200)) COLLATE "default"
FROM kgsync.links l
JOIN kgsync.files f ON f.id = l.file_id
JOIN kgsync.repositories r ON r.id = l.repository_id
WHERE l.kind = 'page'
  AND NOT EXISTS (SELECT 1 FROM kgsync.pages t WHERE t.repository_id = l.repository_id AND t.name_key = l.target_key)
  AND NOT EXISTS (SELECT 1 FROM kgsync.aliases t WHERE t.repository_id = l.repository_id AND t.alias_key = l.target_key)
UNION ALL
SELECT r.full_name, l.repository_id, f.path, l.line, 0, 'warning', 'unresolved-link',
       format('there is no file %s: correct the link, or add the file', left(l.target, 200)) COLLATE "default"
FROM kgsync.links l
JOIN kgsync.files f ON f.id = l.file_id
JOIN kgsync.repositories r ON r.id = l.repository_id
WHERE l.kind = 'file' AND l.target ~* '\.(md|markdown)$' -- other files are not in the graph
  AND NOT EXISTS (SELECT 1 FROM kgsync.files t WHERE t.repository_id = l.repository_id AND t.path = l.target COLLATE "C")
  AND NOT EXISTS (SELECT 1 FROM kgsync.pages t WHERE t.repository_id = l.repository_id AND t.name_key = l.target_key)
  AND NOT EXISTS (SELECT 1 FROM kgsync.aliases t WHERE t.repository_id = l.repository_id AND t.alias_key = l.target_key)
UNION ALL
SELECT r.full_name, l.repository_id, f.path, l.line, 0, 'warning', 'unresolved-link',
       format('no block has the id %s: remove the reference, or restore the block', left(l.target, 200)) COLLATE "default"
FROM kgsync.links l
JOIN kgsync.files f ON f.id = l.file_id
JOIN kgsync.repositories r ON r.id = l.repository_id
WHERE l.kind = 'block'
  AND NOT EXISTS (SELECT 1 FROM kgsync.properties b
                  WHERE b.repository_id = l.repository_id AND b.key = 'id' AND length(b.value) = 36 AND lower(b.value) = l.target_key)
UNION ALL
SELECT r.full_name, s.repository_id, s.path, s.line, 0, 'warning', 'unresolved-superclass',
       format('no file of the repository declares %s, the superclass of %s: declare it, or correct the name', left(s.parent, 200), left(s.class, 200)) COLLATE "default"
FROM kgsync.superclasses s
JOIN kgsync.repositories r ON r.id = s.repository_id
WHERE coalesce(s.parent_iri, '') NOT IN ('owl:Thing', 'http://www.w3.org/2002/07/owl#Thing')
  AND NOT EXISTS (SELECT 1 FROM kgsync.classes c WHERE c.repository_id = s.repository_id AND c.iri = s.parent_iri)
  AND NOT EXISTS (SELECT 1 FROM kgsync.axioms a
                  WHERE a.repository_id = s.repository_id AND a.type = 'Declaration(Class)' AND a.subject = s.parent_iri COLLATE "default")
UNION ALL
SELECT r.full_name, c.repository_id, f.path, c.line, 0, 'warning', 'duplicate-iri',
       format('%s files declare the class %s, the first of them %s: give each class an IRI of its own', d.files, left(c.iri, 200), d.first_path) COLLATE "default"
FROM kgsync.classes c
JOIN kgsync.files f ON f.id = c.file_id
JOIN kgsync.repositories r ON r.id = c.repository_id
JOIN (SELECT x.repository_id, x.iri, count(DISTINCT x.file_id) AS files, min(xf.path COLLATE "C") AS first_path
      FROM kgsync.classes x JOIN kgsync.files xf ON xf.id = x.file_id
      GROUP BY x.repository_id, x.iri HAVING min(x.file_id) <> max(x.file_id)) d ON d.repository_id = c.repository_id AND d.iri = c.iri
UNION ALL
SELECT r.full_name, p.repository_id, f.path, 0, 0, 'warning', 'duplicate-title',
       format('%s files are pages named %s, and links to it mean %s: rename the others, or give them a title', d.files, left(p.name, 200), d.first_path) COLLATE "default"
FROM kgsync.pages p
JOIN kgsync.files f ON f.id = p.file_id
JOIN kgsync.repositories r ON r.id = p.repository_id
JOIN (SELECT x.repository_id, x.name_key, count(*) AS files, min(xf.path COLLATE "C") AS first_path
      FROM kgsync.pages x JOIN kgsync.files xf ON xf.id = x.file_id
      GROUP BY x.repository_id, x.name_key HAVING count(*) > 1) d ON d.repository_id = p.repository_id AND d.name_key = p.name_key
UNION ALL
SELECT r.full_name, r.id, x.path, x.line, 0, 'warning', 'class-cycle',
       CASE WHEN x.size = 1 THEN format('the class %s is stated to be a subclass of itself: remove the statement', left(x.class, 200))
            ELSE format('%s is its own ancestor, for %s are subclasses of each other: remove one of the statements', left(x.class, 200),
                        x.members || CASE WHEN x.size > 5 THEN format(' and %s more', x.size - 5) ELSE '' END) END COLLATE "default"
FROM kgsync.repositories r
CROSS JOIN LATERAL kgsync.class_cycles(r.id) x;
COMMENT ON VIEW kg.diagnostics IS 'What is wrong with the content of files and of the repository as a whole, and what to do about it (docs/diagnostics.md). line and col 0: not known.';

-- +goose Down
CREATE OR REPLACE VIEW kg.diagnostics AS
SELECT r.full_name AS repository, d.repository_id, f.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.diagnostics d
JOIN kgsync.files f ON f.id = d.file_id
JOIN kgsync.repositories r ON r.id = d.repository_id
UNION ALL
SELECT r.full_name, d.repository_id, d.path, d.line, d.col, d.severity, d.code, d.message
FROM kgsync.config_diagnostics d
JOIN kgsync.repositories r ON r.id = d.repository_id;
COMMENT ON VIEW kg.diagnostics IS 'What is wrong with the content of files and what to do about it (docs/diagnostics.md). line and col 0: not known.';

DROP FUNCTION kgsync.class_cycles(bigint);
DROP VIEW kgsync.hierarchy, kgsync.superclasses, kgsync.named_classes;

CREATE OR REPLACE VIEW kg.subclass_of AS
SELECT r.full_name AS repository, s.repository_id, s.class, s.parent,
       nullif(coalesce(nullif(s.parent_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.parent_key <> '' AND t.name_key = s.parent_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS parent_iri,
       f.path, s.line, s.dialect
FROM kgsync.subclass_of s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;

CREATE OR REPLACE VIEW kg.relations AS
SELECT r.full_name AS repository, s.repository_id, s.subject, s.predicate, s.object,
       nullif(coalesce(nullif(s.object_iri, ''), (
           SELECT c.iri FROM kgsync.pages t JOIN kgsync.files tf ON tf.id = t.file_id JOIN kgsync.classes c ON c.file_id = t.file_id
           WHERE t.repository_id = s.repository_id AND s.object_key <> '' AND t.name_key = s.object_key
           ORDER BY tf.path, c.line, c.iri LIMIT 1)), '') AS object_iri,
       f.path, s.line, nullif(s.via, '') AS via, s.dialect
FROM kgsync.relations s
JOIN kgsync.files f ON f.id = s.file_id
JOIN kgsync.repositories r ON r.id = s.repository_id;

DROP INDEX kgsync.axioms_classes, kgsync.subclass_of_repository, kgsync.axioms_declared_class, kgsync.classes_iri, kgsync.classes_repository;
