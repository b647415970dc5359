#!/bin/sh
# hone's index of symbols against addr2line, on one file with debug information and many addresses:
# from nothing, and again from the cache. Both must name the same functions.
#
# Usage: bench/symbols.sh [BUILD]         (default build: where the libraries are)
#   FILE=... ADDRESSES=10000 ROUNDS=5 may be set in the environment; FILE is any program or library
#   that has debug information. Without it: a libpython that has, or else the driver itself.
#
# The rounds are interleaved, so that a busy neighbour hits all alike; the median counts. Needs cc
# and addr2line.
set -eu
export LC_ALL=C

build=${1:-build}
rounds=${ROUNDS:-5} count=${ADDRESSES:-10000}
top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
lib="$top/$build"
case $build in /*) lib=$build ;; esac

"${CC:-cc}" -std=gnu17 -O2 -g -D_GNU_SOURCE -include "$top/src/base/banned.h" -I"$top/src" \
        "$top/bench/symbols_driver.c" "$lib/libhone-instrument-profile.a" "$lib/libhone-model.a" \
        "$lib/libhone-stats.a" "$lib/libhone-base.a" -ldw -lelf -liberty -lzstd -lz -lnettle -lm \
        -lpthread -o "$dir/driver"

has_debug() { readelf -SW "$1" 2>/dev/null | grep -q '\.debug_info'; }
largest() {
        for candidate in "$@"; do
                if has_debug "$candidate"; then wc -c "$candidate"; fi
        done | sort -n | tail -n 1 | sed 's/^ *[0-9]* //'
}
file=${FILE:-$(largest "$HOME"/.pyenv/versions/*/lib/libpython3*.so.* /usr/lib/libpython3*.so.* \
        /usr/lib/debug/.build-id/*/*.debug "$lib/hone" "$dir/driver")}

# Evenly over .text, in an order that jumps about.
readelf -SW "$file" | awk '$2 == ".text" || $3 == ".text" { sub(/.*\] */, ""); print $3, $5 }' |
        python3 -c '
import random, sys
start, size = (int(x, 16) for x in sys.stdin.read().split()[:2])
random.seed(1)
for _ in range('"$count"'):
    print("%#x" % random.randrange(start, start + size))' >"$dir/addresses"

cd "$dir"
now() { date +%s.%N; }
less() { awk "BEGIN { printf \"%.4f\", $1 - $2 }"; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
timed() { # NAME COMMAND...: its output goes to NAME.out, its seconds to NAME.s
        name=$1
        shift
        start=$(now)
        "$@" >"$name.out" 2>"$name.err" <addresses
        less "$(now)" "$start" >>"$name.s"
}

i=0
while [ "$i" -lt "$rounds" ]; do
        rm -rf cache
        timed built ./driver "$file" addresses cache
        timed cached ./driver "$file" addresses cache
        timed addr2line addr2line -a -f -i -e "$file"
        timed one addr2line -a -f -i -e "$file" "$(head -n 1 addresses)"
        i=$((i + 1))
done
/usr/bin/env python3 - built.err cached.err built.out addr2line.out "$file" <<'PYTHON'
import sys

def frames(path):
    found, at = {}, None
    for line in open(path, errors="replace"):
        line = line.split(" (discriminator")[0].strip()
        if line.startswith("0x0"):
            at = found.setdefault(line, [])
        else:
            at.append(line)
    return found

built, cached = (open(p).read().split() for p in sys.argv[1:3])
ours, theirs = (frames(p) for p in sys.argv[3:5])
named = [a for a in theirs if theirs[a][-1].split(":")[-1].isdigit() and ours[a][0] != "??"]
same = sum(ours[a] == theirs[a] for a in named)
debug, size = int(built[3]), int(built[2])
print("file      %s" % sys.argv[5])
print("index     %.2f MB for %.2f MB of .debug_info: %.0f KB a MB; made in %.3f s, read in %.4f s"
      % (size / 1e6, debug / 1e6, size / 1e3 / max(debug / 1e6, 1e-9), float(built[0]),
         float(cached[0])))
print("lookups   %.2f us an address, with printing" % (float(cached[1]) / len(ours) * 1e6))
print("the same  %d of %d addresses that both have lines for" % (same, len(named)))
if cached[4] != "cached":
    sys.exit("bench/symbols.sh: the second run was not from the cache")
if same < 0.98 * len(named):
    sys.exit("bench/symbols.sh: names or lines differ")
PYTHON
printf 'seconds   first %.3f  from the cache %.3f  addr2line %.3f (one address %.3f)\n' \
        "$(median built.s)" "$(median cached.s)" "$(median addr2line.s)" "$(median one.s)"
memory() { # peak MB of COMMAND
        python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=open("addresses"), stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL, check=True)
print("%.1f" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))' "$@"
}
rm -rf cache
printf 'memory    first %s MB  from the cache %s MB  addr2line %s MB\n' \
        "$(memory ./driver "$file" addresses cache)" "$(memory ./driver "$file" addresses cache)" \
        "$(memory addr2line -a -f -i -e "$file")"

# For tools/bench: one line "what|unit|hone|peer|its figure" each.
row() {
        [ -z "${HONE_BENCH_ROWS:-}" ] || echo "$1|$2|$3|$4|$5" >>"$HONE_BENCH_ROWS"
}
row "symbols: $count addresses with inlines, first time" s "$(median built.s)" \
        "addr2line -f -i" "$(median addr2line.s)"
row "symbols: the same from the cache" s "$(median cached.s)" "addr2line -f -i" \
        "$(median addr2line.s)"
