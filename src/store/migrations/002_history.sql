-- Schema 2. What a history asks of every run, without reading its document: `run_facts` repeats
-- columns of `runs` and adds the machine, which only the document says. The values of one metric
-- and subject stand side by side in one index, which holds all that is asked of them.

CREATE TABLE run_facts (
        run_id       INTEGER PRIMARY KEY NOT NULL REFERENCES runs (id),
        wall_ns      INTEGER NOT NULL,
        partial      INTEGER NOT NULL CHECK (partial IN (0, 1)),
        git_dirty    INTEGER NOT NULL CHECK (git_dirty IN (0, 1)),
        noise        TEXT NOT NULL,
        instrument   TEXT NOT NULL,
        target       TEXT NOT NULL,
        label        TEXT NOT NULL,
        git_revision TEXT NOT NULL,
        machine_id   TEXT NOT NULL
) STRICT;

INSERT INTO run_facts
        SELECT id, wall_ns, partial, git_dirty, noise, instrument, target, label, git_revision,
               CASE WHEN json_valid(document)
                    THEN coalesce(json_extract(document, '$.fingerprint.machine_id'), '')
                    ELSE '' END
        FROM runs;

CREATE TRIGGER run_facts_stay BEFORE UPDATE ON run_facts
BEGIN SELECT RAISE(ABORT, 'a stored run never changes'); END;
CREATE TRIGGER run_facts_last BEFORE DELETE ON run_facts
BEGIN SELECT RAISE(ABORT, 'a stored run is never deleted'); END;

DROP INDEX metric_values_by_metric;
CREATE INDEX metric_values_by_subject
        ON metric_values (metric, subject, run_id, value, low, high, n);
