#!/bin/bash
# What measuring a command costs, and how well the answer repeats: hone bench against hyperfine -N.
#
#         bench/bench.sh [REPEATS [RUNS]]        default: 10 repeats of 100 runs of `true`
#
# Both take turns, and who goes first alternates, so that drift of the machine hits both. Printed
# are the CPU time of the tool and all it started, per run (the program's own, some 0.5 ms, is in
# both), the same of each further run (from ten times as many), and the medians that the tools report with their spread over the repeats: the distance
# from the least to the largest, and between the quartiles, relative to their median.
#
# Needs: hyperfine, python3, build/hone.
set -euo pipefail
export LC_ALL=C

repeats=${1:-10} runs=${2:-100}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

need() {
        command -v "$1" >/dev/null || { echo "bench/bench.sh: '$1' is missing" >&2; exit 3; }
}
need hyperfine; need python3; need "$root/build/hone"

run_hone() {
        "$root/build/hone" bench -q -w 1 -r "$1" --repeat-noisy 0 --no-save true \
                --export-json "$work/hone.json"
}
run_hyperfine() {
        hyperfine -N -w 1 -r "$1" --style none true --export-json "$work/hyperfine.json"
}

median_us() {
        python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(d["results"][0]["median"] * 1e6 if "results" in d else
      d["bench"]["benchmarks"][0]["median"]["value"] / 1e3)' "$1"
}

# cpu_us NAME RUNS
cpu_us() {
        local TIMEFORMAT='%U %S'
        if ! { time run_"$1" "$2" >"$work/said" 2>&1; } 2>"$work/time"; then
                cat "$work/said" >&2
                exit 1
        fi
        awk 'END { print ($1 + $2) * 1e6 }' "$work/time"
}

# measure NAME: a line "CPU us for all runs, for ten times as many, median in us".
measure() {
        local many few
        many=$(cpu_us "$1" $((runs * 10)))
        few=$(cpu_us "$1" "$runs")
        echo "$few $many $(median_us "$work/$1.json")" >>"$work/$1.rows"
}

for repeat in $(seq "$repeats"); do
        order=(hone hyperfine)
        ((repeat % 2)) || order=(hyperfine hone)
        for who in "${order[@]}"; do
                measure "$who"
        done
done

python3 - "$work" "$runs" <<'PY'
import os, statistics, sys
work, runs = sys.argv[1], int(sys.argv[2])
rows = {}
print("%-10s %13s %18s %10s %17s %16s" % ("", "CPU us a run", "of a further run", "median us",
                                           "least to largest", "quartiles apart"))
for who in ("hone", "hyperfine"):
    few, many, medians = zip(*[map(float, line.split()) for line in open("%s/%s.rows" % (work, who))])
    further = statistics.median((b - a) / (9 * runs) for a, b in zip(few, many))
    middle = statistics.median(medians)
    quartiles = statistics.quantiles(medians, n=4)
    rows[who] = [statistics.median(few) / runs, further, middle, 100 * (max(medians) - min(medians)) / middle,
                 100 * (quartiles[2] - quartiles[0]) / middle]
    print("%-10s %13.0f %18.0f %10.0f %15.1f %% %14.1f %%" % (who, *rows[who]))
if os.environ.get("HONE_BENCH_ROWS"):
    with open(os.environ["HONE_BENCH_ROWS"], "a") as out:
        for i, what in ((0, "bench: CPU of each of 100 runs of true|us"),
                        (1, "bench: CPU of each further run|us"),
                        (3, "bench: spread of the median over repeats|%")):
            out.write("%s|%.1f|hyperfine -N|%.1f\n" % (what, rows["hone"][i], rows["hyperfine"][i]))
PY
