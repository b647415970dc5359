"""How often hone ab sees what is not there, and how often it sees what is.

A program that works for some milliseconds against itself: FASTER or SLOWER in at most one of a
hundred trials for each metric (by the binomial distribution, since trials scatter). The same program
with 2, 5, 10 and 30 % more work: how many are seen is the power, and none may be called FASTER. All
of it beside a busy loop on the other CPU that comes and goes. TAP; the tables are printed as comments.

    HONE_LONG_AB=300            trials of a program against itself
    HONE_LONG_AB_PLANTED=20     comparisons of each planted size
    HONE_LONG_AB_QUIET=1        without the busy loop
"""
import json
import math
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from noise import Noise  # noqa: E402
from shop import HONE, tap  # noqa: E402

TRIALS = int(os.environ.get("HONE_LONG_AB", "300"))
PLANTED = int(os.environ.get("HONE_LONG_AB_PLANTED", "20"))
QUIET = os.environ.get("HONE_LONG_AB_QUIET") == "1"
SIZES = (2, 5, 10, 30)
WORK = 1000

PROGRAM = """
#include <stdlib.h>
int main(int argc, char **argv)
{
        volatile unsigned sink = 0;
        for (long i = 0, n = strtol(argv[argc - 1], NULL, 10) * 10000; i < n; i++)
                sink += (unsigned)i;
        return 0;
}
"""


def over(count, trials, share):
    """The chance of at least `count` in so many trials."""
    return sum(math.comb(trials, k) * share ** k * (1 - share) ** (trials - k)
               for k in range(count, trials + 1))


def hone(cwd, *argv, codes=(0,)):
    done = subprocess.run([HONE, *argv, "--json"], cwd=cwd, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode not in codes:
        raise SystemExit("not ok hone %s: %s" % (" ".join(argv), done.stderr.decode()))
    return json.loads(done.stdout)


def false_verdicts(cwd, program):
    null = hone(cwd, "ab", "--null", "%s %d" % (program, WORK), "--trials", str(TRIALS),
                "--no-save")
    print("# A/A: %d trials, %d with a false verdict, each at level %g" % (
        null["trials"], null["false_trials"], null["level"]["value"] if isinstance(
            null["level"], dict) else null["level"]))
    for row in null["rows"]:
        false = row["false_verdicts"]
        print("#   %s: %s false of %s" % (row["metric"], false, row["trials"]))
        tap(over(int(false), TRIALS, 0.01) > 1e-3,
            "false verdicts on %s are at most 1 %%" % row["metric"])


def planted(cwd, program):
    print("# | planted | measured (median) | blocks (median) | FASTER | SLOWER | SAME | UNKNOWN |")
    print("# |---|---|---|---|---|---|---|---|")
    for share in SIZES:
        verdicts, changes, blocks = [], [], []
        for _ in range(PLANTED):
            doc = hone(cwd, "ab", "%s %d" % (program, WORK),
                       "%s %d" % (program, WORK * (100 + share) // 100), "--max-time", "20s",
                       "--equivalence", "1%", "--metric", "time", "--no-save", codes=(0, 1, 3))
            row = doc["comparison"]["changes"][0]
            verdicts.append(row["verdict"])
            changes.append(row["change"]["value"] if isinstance(row["change"], dict)
                           else row["change"])
            blocks.append(doc["experiment"]["blocks"])
        print("# | %d %% | %+.1f %% | %d | %s |" % (
            share, sorted(changes)[len(changes) // 2] * 100, sorted(blocks)[len(blocks) // 2],
            " | ".join(str(verdicts.count(v)) for v in ("FASTER", "SLOWER", "SAME", "UNKNOWN"))),
            flush=True)
        tap("FASTER" not in verdicts, "%d %% more work is never called faster" % share)


def main():
    with tempfile.TemporaryDirectory(prefix="hone-ab-") as cwd, Noise(not QUIET):
        source, program = os.path.join(cwd, "work.c"), os.path.join(cwd, "work")
        with open(source, "w", encoding="ascii") as out:
            out.write(PROGRAM)
        subprocess.run(["cc", "-O1", source, "-o", program], check=True)
        if TRIALS:
            false_verdicts(cwd, program)
        if PLANTED:
            planted(cwd, program)


main()
