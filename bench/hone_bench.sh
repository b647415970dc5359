#!/bin/bash
# hone_bench.h against google benchmark and nanobench: the same machine code measured by each.
#
#         bench/hone_bench.sh [ROUNDS]        default: 10
#
# Each takes 21 samples of a millisecond. All do the same job, so the figure to look at is that they
# agree: the ratio of their median times is 1. The programs take turns, and who goes first rotates,
# so that drift of the machine hits all alike. Printed are the medians over the rounds, half of
# their interquartile range from round to round, and how long each program took for that.
#
# Needs: gcc, g++, python3, google benchmark (package libbenchmark-dev). nanobench is no Debian
# package: NANOBENCH=DIR names the folder that has nanobench.h; without it that peer is left out.
set -euo pipefail
export LC_ALL=C

rounds=${1:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=(-O2 -I"$root/include" -I"$root/bench")
gcc -std=c11 "${flags[@]}" -c "$root/bench/hone_bench_bodies.c" -o "$work/bodies.o"
gcc -std=c11 "${flags[@]}" "$root/bench/hone_bench_ours.c" "$work/bodies.o" -pthread -o "$work/hone"
peers=() missing=()
if [ -e /usr/include/benchmark/benchmark.h ]; then
        g++ -std=c++17 "${flags[@]}" "$root/bench/hone_bench_google.cc" "$work/bodies.o" \
                -lbenchmark -pthread -o "$work/google"
        peers+=(google)
else
        echo "google benchmark: not installed (libbenchmark-dev)"
        missing+=("google benchmark")
fi
if [ -n "${NANOBENCH:-}" ]; then
        g++ -std=c++17 "${flags[@]}" -isystem "$NANOBENCH" "$root/bench/hone_bench_nanobench.cc" \
                "$work/bodies.o" -pthread -o "$work/nanobench"
        peers+=(nanobench)
else
        echo "nanobench: not installed (NANOBENCH=DIR names the folder of nanobench.h)"
        missing+=(nanobench)
fi

python3 - "$work" "$rounds" hone "${peers[@]}" <<'PYTHON'
import json
import os
import statistics
import subprocess
import sys
import time

work, rounds, programs = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
BODIES = ("mix", "copy", "hash")
NAMES = {"google": "google benchmark", "nanobench": "nanobench"}


def hone(text):
    rows = [json.loads(line) for line in text.splitlines()]
    return {row["name"]: statistics.median(row["values"]) for row in rows}


def google(text):
    return {row["run_name"]: row["real_time"] for row in json.loads(text)["benchmarks"]
            if row["aggregate_name"] == "median"}


def nanobench(text):
    return {line.split()[0]: float(line.split()[1]) for line in text.splitlines()}


OPTIONS = {"hone": ["--hone-bench-json"], "nanobench": [],
           "google": ["--benchmark_format=json", "--benchmark_min_time=0.001",
                      "--benchmark_repetitions=21", "--benchmark_report_aggregates_only=true"]}
READERS = {"hone": hone, "google": google, "nanobench": nanobench}
times = {(p, body): [] for p in programs for body in BODIES}
took = {p: [] for p in programs}
for turn in range(rounds):
    first = turn % len(programs)
    for p in programs[first:] + programs[:first]:
        began = time.monotonic()
        out = subprocess.run([os.path.join(work, p), *OPTIONS[p]], check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
        took[p].append(time.monotonic() - began)
        for body, ns in READERS[p](out).items():
            times[p, body].append(ns)


def spread(values):
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return 100 * (high - low) / statistics.median(values)


print("%-6s" % "" + "".join("%26s" % NAMES.get(p, "hone_bench.h") for p in programs))
for body in BODIES:
    print("%-6s" % body + "".join("%13.2f ns +/- %4.1f %%" % (
        statistics.median(times[p, body]), spread(times[p, body]) / 2) for p in programs))
print("%-6s" % "took" + "".join("%24.2f s" % statistics.median(took[p]) for p in programs))
if "HONE_BENCH_ROWS" in os.environ:
    with open(os.environ["HONE_BENCH_ROWS"], "w") as rows:
        for p in programs[1:]:
            for body in BODIES:
                rows.write("hone_bench.h: %s|ns|%.2f|%s|%.2f\n" % (
                    body, statistics.median(times["hone", body]), NAMES[p],
                    statistics.median(times[p, body])))
PYTHON
for peer in "${missing[@]}"; do
        [ -z "${HONE_BENCH_ROWS:-}" ] ||
                echo "hone_bench.h||skipped|$peer: not installed|" >>"$HONE_BENCH_ROWS"
done
