#!/bin/sh
# hone convert against stackcollapse-perf.pl and inferno-collapse-perf on one text of perf script:
# user CPU seconds, megabytes a second, and whether the bytes are the same.
#
# Usage: bench/collapse.sh [HONE]          (default build/hone)
#   RUNS=5 MEGABYTES=120 STACKCOLLAPSE=path/to/stackcollapse-perf.pl may be set in the environment.
#
# The text is made here: call chains of 12 to 40 functions that share their callers, addresses and
# offsets that differ from sample to sample, as perf prints them. The peers are used when they are
# there; the Perl script gets a smaller part of the text, because it is that slow.
set -eu

hone=${1:-build/hone}
runs=${RUNS:-5} megabytes=${MEGABYTES:-120}
script=${STACKCOLLAPSE:-$(command -v stackcollapse-perf.pl || true)}
inferno=$(command -v inferno-collapse-perf || true)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

if [ ! -x "$hone" ]; then
        echo "bench/collapse.sh: there is no $hone; build it first (make)" >&2
        exit 3
fi

python3 - "$megabytes" "$dir/perf.txt" <<'X'
import random
import sys
random.seed(7)
names = ["ns%d::Class%d::method_%d" % (i % 13, i % 101, i) for i in range(3000)]
modules = ["/usr/lib/x86_64-linux-gnu/libexample-%d.so.%d" % (i, i % 7) for i in range(24)]
chains = []
for c in range(800):
    base = chains[random.randrange(c)][: random.randrange(4, 20)] if c else []
    fresh = [random.randrange(3000) for _ in range(random.randrange(8, 20))]
    chains.append((base + fresh)[:40])
size, want = 0, int(sys.argv[1]) * 1000000
with open(sys.argv[2], "w") as out:
    t = 100.0
    while size < want:
        lines, t = [], t + 0.001
        chain = random.choice(chains)
        lines.append("worker-%d %d/%d [%03d] %.6f:    1001001 cpu-clock:u: \n" %
                     (random.randrange(4), 4000, 4000 + random.randrange(16),
                      random.randrange(8), t))
        for f in reversed(chain):
            offset = random.randrange(64) * 4
            lines.append("\t%16x %s+0x%x (%s)\n" %
                         (0x7f0000000000 + f * 4096 + offset, names[f], offset, modules[f % 24]))
        lines.append("\n")
        block = "".join(lines)
        size += len(block)
        out.write(block)
X
bytes=$(wc -c <"$dir/perf.txt")
# The first samples, whole, for the peer that takes seconds per megabyte.
awk 'BEGIN { RS = ""; ORS = "\n\n" } { print; n += length($0); if (n > 8000000) exit }' \
        "$dir/perf.txt" >"$dir/part.txt"
part=$(wc -c <"$dir/part.txt")

# Least user CPU seconds of several runs: a busy neighbour only adds to them.
cpu() { # TEXT COMMAND...
        text=$1
        shift
        i=0
        while [ "$i" -lt "$runs" ]; do
                python3 - "$text" "$dir/out" "$@" <<'X'
import resource
import subprocess
import sys
with open(sys.argv[2], "wb") as out:
    subprocess.run(sys.argv[3:] + [sys.argv[1]], check=True, stdout=out, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.4f" % (used.ru_utime + used.ru_stime))
X
                i=$((i + 1))
        done | sort -n | head -n 1
}

rate() { awk "BEGIN { printf \"%.0f\", $1 / 1e6 / $2 }"; }
# For tools/bench: one line "what|unit|hone|peer|its figure" each.
row() {
        [ -z "${HONE_BENCH_ROWS:-}" ] || echo "collapse of perf script text|MB/s|$1|$2|$3" >>"$HONE_BENCH_ROWS"
}

ours=$(cpu "$dir/perf.txt" "$hone" convert -q)
ours_rate=$(rate "$bytes" "$ours")
echo "hone convert             $ours s of CPU for $((bytes / 1000000)) MB: $ours_rate MB/s"
if [ -n "$script" ]; then
        theirs=$(cpu "$dir/part.txt" perl "$script")
        mv "$dir/out" "$dir/out.script"
        echo "stackcollapse-perf.pl    $theirs s of CPU for $((part / 1000000)) MB: $(rate "$part" "$theirs") MB/s"
        "$hone" convert -q "$dir/part.txt" | cmp - "$dir/out.script"
        echo "                         the same bytes"
        row "$ours_rate" stackcollapse-perf.pl "$(rate "$part" "$theirs")"
else
        echo "stackcollapse-perf.pl    not there (STACKCOLLAPSE)"
fi
if [ -n "$inferno" ]; then
        theirs=$(cpu "$dir/perf.txt" "$inferno" --nthreads 1)
        echo "inferno-collapse-perf    $theirs s of CPU for $((bytes / 1000000)) MB: $(rate "$bytes" "$theirs") MB/s"
        row "$ours_rate" "inferno-collapse-perf, one thread" "$(rate "$bytes" "$theirs")"
else
        echo "inferno-collapse-perf    not installed"
fi
if [ -z "$script$inferno" ]; then
        row "$ours_rate" "goal" 300
fi
