"""Fills the store of a transcript with runs: history_store.py DB METRIC SUBJECT FILE, where each line
of FILE is "REVISION VALUE [machine|dirty|partial|unreliable]". Each run is a copy of run 1 but for that, a second
later than the one before; what a history reads of it is all that differs.
"""
import sqlite3
import sys

db, metric, subject, path = sys.argv[1:]
con = sqlite3.connect(db)
(run,) = con.execute("select max(id) from runs").fetchone()
wall_ns = 1767225600 * 10**9
for line in open(path, encoding="ascii"):
    revision, value, *odd = line.split()
    run += 1
    con.execute("insert into runs select ?, ?, duration_ns, ?, ?, ?, 'bench', './sort', label, run_group, ?, "
                "digest, document from runs where id = 1",
                (run, wall_ns + run * 10**9, "partial" in odd, "dirty" in odd,
                 "unreliable" if "unreliable" in odd else "quiet", revision))
    con.execute("insert into run_facts select id, wall_ns, partial, git_dirty, noise, instrument, target, label, "
                "git_revision, ? from runs where id = ?",
                ("b" * 64 if "machine" in odd else "a" * 64, run))
    con.execute("insert into metric_values values (?, 0, ?, ?, ?, null, null, 1)",
                (run, metric, subject, float(value)))
con.commit()
