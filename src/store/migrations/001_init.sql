-- Schema 1. A run is a row of `runs` with its document (JSON, see model/run_json.h), the metric
-- values of it once more as a table for questions over many runs, and references to blobs.
-- `digest` is the SHA-256 of the row's own content (store_row.c). Nothing of a run ever changes.
-- A new schema is a new file beside this one; files are applied in order, in one transaction.

CREATE TABLE blobs (
        digest     TEXT PRIMARY KEY NOT NULL CHECK (length(digest) = 64), -- SHA-256, plain content
        size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),              -- of the plain content
        data       BLOB NOT NULL                                          -- zstd
) STRICT;

CREATE TABLE runs (
        id           INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never used twice
        wall_ns      INTEGER NOT NULL,
        duration_ns  INTEGER NOT NULL,
        partial      INTEGER NOT NULL CHECK (partial IN (0, 1)),
        git_dirty    INTEGER NOT NULL CHECK (git_dirty IN (0, 1)),
        noise        TEXT NOT NULL,
        instrument   TEXT NOT NULL,
        target       TEXT NOT NULL,
        label        TEXT NOT NULL,
        run_group    TEXT NOT NULL,
        git_revision TEXT NOT NULL,
        digest       TEXT NOT NULL CHECK (length(digest) = 64),
        document     TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_label ON runs (label, id);
CREATE INDEX runs_by_group ON runs (run_group, id);
CREATE INDEX runs_by_instrument ON runs (instrument, id);

CREATE TABLE metric_values (
        run_id  INTEGER NOT NULL REFERENCES runs (id),
        ordinal INTEGER NOT NULL, -- place in the recording
        metric  TEXT NOT NULL,
        subject TEXT NOT NULL,
        value   REAL,             -- NULL: not a finite number
        low     REAL,
        high    REAL,
        n       INTEGER NOT NULL,
        PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX metric_values_by_metric ON metric_values (metric, run_id);

CREATE TABLE run_blobs (
        run_id INTEGER NOT NULL REFERENCES runs (id),
        digest TEXT NOT NULL REFERENCES blobs (digest),
        PRIMARY KEY (run_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
        name       TEXT PRIMARY KEY NOT NULL,
        digest     TEXT NOT NULL CHECK (length(digest) = 64),
        size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
        data       BLOB NOT NULL -- zstd
) STRICT;

CREATE TRIGGER runs_stay BEFORE UPDATE ON runs
BEGIN SELECT RAISE(ABORT, 'a stored run never changes'); END;
CREATE TRIGGER runs_last BEFORE DELETE ON runs
BEGIN SELECT RAISE(ABORT, 'a stored run is never deleted'); END;
CREATE TRIGGER metric_values_stay BEFORE UPDATE ON metric_values
BEGIN SELECT RAISE(ABORT, 'a stored run never changes'); END;
CREATE TRIGGER metric_values_last BEFORE DELETE ON metric_values
BEGIN SELECT RAISE(ABORT, 'a stored run is never deleted'); END;
CREATE TRIGGER run_blobs_stay BEFORE UPDATE ON run_blobs
BEGIN SELECT RAISE(ABORT, 'a stored run never changes'); END;
CREATE TRIGGER run_blobs_last BEFORE DELETE ON run_blobs
BEGIN SELECT RAISE(ABORT, 'a stored run is never deleted'); END;
CREATE TRIGGER blobs_stay BEFORE UPDATE ON blobs
BEGIN SELECT RAISE(ABORT, 'a stored blob never changes'); END;
CREATE TRIGGER blobs_last BEFORE DELETE ON blobs
BEGIN SELECT RAISE(ABORT, 'a stored blob is never deleted'); END;
