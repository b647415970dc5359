"""How often the loop sees what is not there, and what it can see.

20 candidates that change nothing but a comment: at most one FASTER or SLOWER over all of them.
10 candidates that slow one request down by about 10 %: how many are seen is the power. With
HONE_LONG_NOISE=1 a busy loop runs beside, on and off. TAP; the table is printed as comments.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from shop import Shop, tap  # noqa: E402

NOTHING = int(os.environ.get("HONE_LONG_AA", "20"))
PLANTED = int(os.environ.get("HONE_LONG_PLANTED", "10"))

# The duplicates check is made once more over the first 10/31 of the names: a tenth of its work.
SLOWER = ("sed -i '/duplicates..:/i { static volatile int64_t sink; NameList part = "
          "{ list.names, list.len * 10 / 31 }; sink = names_count_duplicates(\\&part); "
          "(void)sink; }' src/duplicates.c && echo '/* %d */' >> src/duplicates.c")


def outcomes(shop, commands):
    argv = ["loop", "--fresh"]
    for command in commands:
        argv += ["--command", command]
    result, _ = shop.hone(*argv)
    return result["outcomes"]


def verdicts(rows):
    return [(row["number"], change["subject"] or change["metric"], change["verdict"],
             change["change"])
            for row in rows for change in row["changes"]
            if change["verdict"] in ("FASTER", "SLOWER")]


def noise():
    if os.environ.get("HONE_LONG_NOISE") != "1":
        return None
    return subprocess.Popen(["sh", "-c", "while :; do timeout 3 sh -c 'while :; do :; done'; "
                                         "sleep 2; done"], start_new_session=True)


def main():
    busy = noise()
    try:
        with Shop() as shop:
            shop.commit()
            rows = outcomes(shop, ["echo '/* %d */' >> src/db.c" % i for i in range(NOTHING)])
            seen = verdicts(rows)
            print("# A/A: %d comparisons, %d false verdicts" % (len(rows), len(seen)))
            for line in seen:
                print("#   candidate %d: %s %s (%+.1f %%)" % (line[0], line[1], line[2],
                                                              line[3] * 100))
            tap(len(rows) == NOTHING and len(seen) <= 1,
                "the loop gives at most one false verdict in %d" % NOTHING, seen)
            rows = outcomes(shop, [SLOWER % i for i in range(PLANTED)])
            changes = [c for row in rows for c in row["changes"]
                       if c["subject"] == "GET /api/duplicates"]
            hits = [c for c in changes if c["verdict"] == "SLOWER"]
            sizes = sorted(c["change"] for c in changes)
            print("# planted slow-down: median %+.1f %% measured, seen in %d of %d" % (
                sizes[len(sizes) // 2] * 100 if sizes else 0, len(hits), len(changes)))
            tap(len(changes) == PLANTED, "every planted slow-down was measured")
    finally:
        if busy:
            os.killpg(busy.pid, 15)


main()
