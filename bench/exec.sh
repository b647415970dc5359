#!/bin/sh
# What one execution costs the one who measures it: hone's launcher against hyperfine -N.
#
#         bench/exec.sh [ROUNDS [RUNS]]        default: 10 rounds of 500 runs of /bin/true
#
# Both take turns, and who goes first alternates, so that drift of the machine hits both. Counted is
# the CPU of everything that was started, the program's own included, and the time it took, divided
# by the runs. Printed are each round, the medians, and the median of the per-round ratios. A bare
# loop of vfork and wait4 takes turns too: it reports nothing, and nobody can spend less.
#
# Needs: hyperfine, meson, ninja, python3.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
command -v hyperfine >/dev/null || { echo "bench/exec.sh: 'hyperfine' is missing" >&2; exit 3; }
[ -f build/build.ninja ] || tools/setup build -Dbuildtype=release >/dev/null
ninja -C build libhone-instrument-bench.a libhone-model.a libhone-stats.a libhone-base.a >/dev/null
cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc bench/exec.c build/libhone-instrument-bench.a \
        build/libhone-model.a build/libhone-stats.a build/libhone-base.a \
        -lnettle -lyaml -lz -lm -o build/bench-exec
exec python3 - "${1:-10}" "${2:-500}" <<'PYTHON'
import json, os, resource, statistics, subprocess, sys, tempfile, time

rounds, runs = int(sys.argv[1]), int(sys.argv[2])
left = tempfile.NamedTemporaryFile(suffix=".json")
COMMANDS = {
    "hone": ["build/bench-exec", "launcher", str(runs), "/bin/true"],
    "hyperfine": ["hyperfine", "-N", "--style", "none", "--warmup", "0", "--runs", str(runs),
                  "--export-json", left.name, "/bin/true"],
    "bare": ["build/bench-exec", "bare", str(runs), "/bin/true"],
}
COLUMNS = ["CPU", "elapsed", "reported median"]


def once(name):
    """CPU and elapsed microseconds a run, and the median of the times it reports."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(COMMANDS[name], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    elapsed = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if name == "hyperfine":
        median = json.load(open(left.name))["results"][0]["median"] * 1e6
    else:
        median = float(done.stdout.split()[0]) / 1e3
    return cpu / runs * 1e6, elapsed / runs * 1e6, median


taken = {name: [] for name in COMMANDS}
print("us a run: CPU, elapsed, reported median")
for number in range(rounds):
    for name in list(COMMANDS)[:: 1 if number % 2 else -1]:
        taken[name].append(once(name))
    print("%5d" % (number + 1) + "".join(
        "   %s %4.0f %5.0f %4.0f" % ((name,) + taken[name][-1]) for name in COMMANDS))


def column(name, which):
    return [t[which] for t in taken[name]]


def ratio(ours, theirs):
    return statistics.median(a / b for a, b in zip(ours, theirs))


rows = open(os.environ["HONE_BENCH_ROWS"], "w") if "HONE_BENCH_ROWS" in os.environ else None
for which, what in enumerate(COLUMNS):
    ours, theirs = column("hone", which), column("hyperfine", which)
    print("%-16s hone %.0f us, hyperfine %.0f us; median of the ratios %.2f" % (
        what, statistics.median(ours), statistics.median(theirs), ratio(ours, theirs)))
    if rows:
        print("one execution of true: %s|us|%.0f|hyperfine -N|%.0f" % (
            what, statistics.median(ours), statistics.median(theirs)), file=rows)
over = {name: statistics.median(a - b for a, b in zip(column(name, 0), column("bare", 0)))
        for name in ("hone", "hyperfine")}
print("CPU above bare vfork and wait4 (%.0f us): hone %.0f us, hyperfine %.0f us" % (
    statistics.median(column("bare", 0)), over["hone"], over["hyperfine"]))
for name in ("hone", "hyperfine"):
    medians = column(name, 2)
    print("spread of the reported median: %s %.1f %%" % (
        name, (max(medians) / min(medians) - 1) * 100))
PYTHON
