#!/bin/sh
# hone profile against perf record --call-graph dwarf, on one fixed piece of CPU-bound work:
# what it costs the target, what it stores per sample, and how long until there is a flame graph.
#
# Usage: bench/profile.sh [HONE]          (default build/hone)
#   RUNS=6 RATE=999 ROUNDS=400000 DURATION=5 may be set in the environment.
#
# The runs are interleaved (bare, hone, perf, bare, ...), so that a busy neighbour hits all alike;
# CPU seconds are the target's own. Needs cc; leaves perf out when it is not installed.
set -eu

hone=${1:-build/hone}
runs=${RUNS:-6} rate=${RATE:-999} rounds=${ROUNDS:-400000} duration=${DURATION:-5}
top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
target_pid=
finish() {
        if [ -n "$target_pid" ]; then kill "$target_pid" 2>/dev/null || true; fi
        rm -rf "$dir"
}
trap finish EXIT INT TERM

if [ ! -x "$hone" ]; then
        echo "bench/profile.sh: there is no $hone; build it first (make)" >&2
        exit 3
fi
hone=$(cd "$(dirname "$hone")" && pwd)/$(basename "$hone")
perf=$(command -v perf || true)
base="$top/src/base"
${CC:-cc} -std=gnu17 -O2 -g -fomit-frame-pointer -D_GNU_SOURCE -DHONE_ALLOWS_MALLOC -I"$top/src" \
        -include "$base/banned.h" "$top/bench/profile_target.c" "$base/span.c" "$base/error.c" \
        "$base/arena.c" "$base/macros.c" -lm -o "$dir/target"

cd "$dir"
now() { date +%s.%N; }
less() { awk "BEGIN { printf \"%.2f\", $1 - $2 }"; }

bare() { ./target "$rounds" >>cpu.bare; }
with_hone() { "$hone" profile --rate "$rate" --no-save -- ./target "$rounds" >out.hone; }
with_perf() {
        "$perf" record -q -F "$rate" -e cpu-clock --call-graph dwarf,32768 -o perf.data \
                ./target "$rounds" >>cpu.perf 2>perf.log
}

i=0
while [ "$i" -lt "$runs" ]; do
        bare
        with_hone
        grep -Eo '^[0-9]+\.[0-9]{6}$' out.hone >>cpu.hone
        if [ -n "$perf" ]; then with_perf; fi
        i=$((i + 1))
done

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
least() { sort -n "$1" | head -n 1; }

# For tools/bench: one line "what|unit|hone|peer|its figure" each.
row() {
        [ -z "${HONE_BENCH_ROWS:-}" ] ||
                echo "$1|$2|$3|perf record --call-graph dwarf|$4" >>"$HONE_BENCH_ROWS"
}

echo "target's CPU seconds for the same work, $runs interleaved runs at $rate Hz"
for name in bare hone perf; do
        [ -s "cpu.$name" ] || continue
        awk -v name="$name" -v m="$(median "cpu.$name")" -v l="$(least "cpu.$name")" \
                -v b="$(median cpu.bare)" -v bl="$(least cpu.bare)" 'BEGIN {
                printf "  %-5s median %.3f (%+.1f %%)  least %.3f (%+.1f %%)\n",
                       name, m, 100 * (m / b - 1), l, 100 * (l / bl - 1) }'
done

slowdown() { awk "BEGIN { printf \"%.2f\", 100 * ($(median "$1") / $(median cpu.bare) - 1) }"; }
if [ -n "$perf" ]; then
        row "profile: slow-down of the target" % "$(slowdown cpu.hone)" "$(slowdown cpu.perf)"
fi

echo "until a flame graph can be drawn, after a window of ${duration} s"
./target 1000000000 >/dev/null &
target_pid=$!
start=$(now)
"$hone" profile --rate "$rate" --duration "${duration}s" --no-save --flame flame.svg \
        --collapsed stacks.txt "$target_pid" >out.hone
took=$(less "$(less "$(now)" "$start")" "$duration")
samples=$(awk '{ n += $NF } END { print n + 0 }' stacks.txt)
kept=$(wc -c <stacks.txt)
if [ "$samples" -eq 0 ] || [ ! -s flame.svg ]; then
        cat out.hone >&2
        echo "bench/profile.sh: hone took no samples" >&2
        exit 3
fi
awk -v t="$took" -v n="$samples" -v k="$kept" 'BEGIN {
        printf "  hone  %.2f s to the SVG, %d samples, %.1f bytes a sample of collapsed stacks\n",
               t, n, k / n }'
if [ -n "$perf" ]; then
        hone_took=$took hone_size=$(awk "BEGIN { printf \"%.1f\", $kept / $samples }")
        "$perf" record -q -F "$rate" -e cpu-clock --call-graph dwarf,32768 -o perf.data \
                -p "$target_pid" -- sleep "$duration" 2>perf.log
        size=$(wc -c <perf.data)
        start=$(now)
        "$perf" script -i perf.data >script.txt 2>/dev/null
        took=$(less "$(now)" "$start")
        samples=$(grep -c 'cpu-clock' script.txt)
        awk -v t="$took" -v n="$samples" -v k="$size" 'BEGIN {
                printf "  perf  %.2f s for perf script alone, %d samples, %.0f bytes a sample of perf.data\n",
                       t, n, k / n }'
        row "profile: stored bytes a sample" B "$hone_size" "$((size / samples))"
        row "profile: from the window's end to the flame graph (perf: to perf script's text)" s \
                "$hone_took" "$took"
fi
