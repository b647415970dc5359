#!/bin/sh
# hone import of what k6 run --out json writes, against reading the same lines with jq and with
# Python's json, which only parse them.
#
# Usage: bench/import.sh [HONE]          (default build/hone)
#   MEGABYTES=100 RUNS=5 may be set in the environment.
#
# The runs take turns, so that a busy neighbour hits all alike; counted is CPU time, and all of
# them use one core. jq reads a tenth of the file, since it is slow.
set -eu

hone=${1:-build/hone}
megabytes=${MEGABYTES:-100} runs=${RUNS:-5}
top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

if [ ! -x "$hone" ]; then
        echo "bench/import.sh: there is no $hone; build it first (make)" >&2
        exit 3
fi
hone=$(cd "$(dirname "$hone")" && pwd)/$(basename "$hone")
python3 "$top/bench/k6_json.py" "$megabytes" >"$dir/k6.json"
head -n $(($(wc -l <"$dir/k6.json") / 10)) "$dir/k6.json" >"$dir/tenth.json"
bytes=$(wc -c <"$dir/k6.json")
tenth=$(wc -c <"$dir/tenth.json")
echo "$bytes bytes, $(wc -l <"$dir/k6.json") lines"
cd "$dir"

# CPU seconds of a command, user and system: appended to the file.
cpu() { # FILE COMMAND...
        log=$1
        shift
        python3 - "$@" >>"$log" <<'X'
import os, subprocess, sys
before = os.times()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
after = os.times()
print(after[2] + after[3] - before[2] - before[3])
X
}

parse='import json, sys
for line in open(sys.argv[1]): json.loads(line)'
i=0
while [ "$i" -lt "$runs" ]; do
        cpu cpu.hone "$hone" import --no-save k6.json
        cpu cpu.python python3 -c "$parse" k6.json
        if command -v jq >/dev/null; then cpu cpu.jq jq -c . tenth.json; fi
        i=$((i + 1))
done

rate() { # FILE BYTES: MB/s of the median
        sort -n "$1" | awk -v b="$2" \
                '{ v[NR] = $1 } END { m = (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2
                                      printf "%.0f", b / 1e6 / m }'
}
say() { # NAME RATE OURS
        awk -v n="$1" -v r="$2" -v o="$3" 'BEGIN { printf "%-20s %6s MB/s  hone is %.1f times as fast\n", n, r, o / r }'
        [ -z "${HONE_BENCH_ROWS:-}" ] ||
                echo "import of a k6 JSON file|MB/s|$3|$1|$2" >>"$HONE_BENCH_ROWS"
}
ours=$(rate cpu.hone "$bytes")
printf '%-20s %6s MB/s\n' "hone import" "$ours"
say "python3 json.loads" "$(rate cpu.python "$bytes")" "$ours"
if [ -s cpu.jq ]; then say "jq -c ." "$(rate cpu.jq "$tenth")" "$ours"; fi
