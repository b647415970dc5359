"""How often the loop sees what is not there, and how often it sees what is.

Candidates that change only a comment: at most one FASTER or SLOWER over all of them and all rows.
Candidates that make one request do a tenth (a quarter, a half) more of its work: how many are seen
is the power. With HONE_LONG_NOISE=1 all of it is done twice, the second time beside a busy loop on
one of the CPUs that comes and goes. TAP; the tables are printed as comments.

    HONE_LONG_AA=20         candidates that change nothing; 0 leaves that part out
    HONE_LONG_PLANTED=10    candidates of each planted size; 0 leaves that part out
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from noise import Noise  # noqa: E402
from shop import Shop, tap  # noqa: E402

NOTHING = int(os.environ.get("HONE_LONG_AA", "20"))
PLANTED = int(os.environ.get("HONE_LONG_PLANTED", "10"))
REQUEST = "GET /api/duplicates"

# The search for duplicates compares each name with all before it, so that searching the first f of
# the names once more is f^2 more of that work: thousandths of the names for a planted share.
SIZES = {10: 316, 25: 500, 50: 707}
PLANT = ("sed -i '/duplicates..:/i { static volatile int64_t sink; NameList part = "
         "{ list.names, list.len * %d / 1000 }; sink = names_count_duplicates(\\&part); "
         "(void)sink; }' src/duplicates.c && echo '/* %d */' >> src/duplicates.c")


def outcomes(shop, commands):
    argv = ["loop", "--fresh"]
    for command in commands:
        argv += ["--command", command]
    return shop.hone(*argv)[0]["outcomes"]


def decided(rows):
    return ["candidate %d: %s %s %+.1f %%" % (row["number"], change["subject"] or change["metric"],
                                              change["verdict"], change["change"] * 100)
            for row in rows for change in row["changes"]
            if change["verdict"] in ("FASTER", "SLOWER")]


def false_verdicts(shop, where):
    rows = outcomes(shop, ["echo '/* %d */' >> src/db.c" % i for i in range(NOTHING)])
    measured = [row for row in rows if row["changes"]]
    seen = decided(rows)
    print("# A/A, %s: %d trials, %d rows, %d false verdicts" % (
        where, len(measured), sum(len(row["changes"]) for row in rows), len(seen)))
    for row in rows:
        if not row["changes"]:
            print("#   candidate %d: %s (%s)" % (row["number"], row["outcome"], row["detail"]))
    tap(len(measured) == NOTHING, "every candidate that changes nothing is measured, " + where)
    tap(len(seen) <= 1, "at most one false verdict in %d trials, %s" % (NOTHING, where),
        "\n".join(seen))


def median(values):
    return sorted(values)[len(values) // 2] if values else float("nan")


def power(shop, where):
    print("# Power, %s: a slow-down planted in %s" % (where, REQUEST))
    print("# | planted | measured (median) | smallest detectable (median) | seen |")
    print("# |---|---|---|---|")
    for share, part in SIZES.items():
        rows = outcomes(shop, [PLANT % (part, i) for i in range(PLANTED)])
        changes = [c for row in rows for c in row["changes"] if c["subject"] == REQUEST]
        seen = [c for c in changes if c["verdict"] == "SLOWER"]
        print("# | %d %% | %+.1f %% | %.1f %% | %d of %d |" % (
            share, median([c["change"] for c in changes]) * 100,
            median([c["mde"] for c in changes]) * 100, len(seen), len(changes)), flush=True)
        tap(len(changes) == PLANTED and not [c for c in changes if c["verdict"] == "FASTER"],
            "a slow-down by %d %% is measured and never called faster, %s" % (share, where))


def main():
    if not NOTHING and not PLANTED:
        print("ok calibration of the loop # SKIP by HONE_LONG_AA=0 and HONE_LONG_PLANTED=0")
    noises = [("quiet", False)]
    if os.environ.get("HONE_LONG_NOISE") == "1":
        noises.append(("beside a busy loop", True))
    for where, on in noises:
        with Noise(on), Shop() as shop:
            shop.commit()
            if NOTHING:
                false_verdicts(shop, where)
            if PLANTED:
                power(shop, where)


main()
