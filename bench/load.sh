#!/bin/bash
# What a request costs the client: hone's load generator against wrk, head to head.
#
#         bench/load.sh [ROUNDS [SECONDS [CONNECTIONS]]]        default: 10 rounds of 3 s, 64
#
# nginx (one worker) serves a 100-byte file on a free port. wrk and hone take turns, and who goes
# first alternates, so that drift of the machine hits both. The number that holds on a shared
# machine is CPU per request, not requests per second: printed are each round, the medians, the
# median of the per-round ratios hone/wrk, and the user instructions per request (callgrind; all
# of the process, its start included).
#
# Needs: wrk, nginx, valgrind, meson, ninja, python3 (packages wrk nginx-light valgrind).
# When build/hone has the command `load`, that is measured; otherwise bench/load_driver.c, which
# is the same instrument without the command line.
set -euo pipefail
export LC_ALL=C

rounds=${1:-10} seconds=${2:-3} connections=${3:-64}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
nginx_pid=

cleanup() {
        if [ -n "$nginx_pid" ]; then
                kill "$nginx_pid" 2>/dev/null || true
                wait "$nginx_pid" 2>/dev/null || true
        fi
        rm -rf "$work"
}
trap cleanup EXIT

need() {
        command -v "$1" >/dev/null || { echo "bench/load.sh: '$1' is missing" >&2; exit 3; }
}
need wrk; need nginx; need valgrind; need python3

free_port() {
        python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_nginx() {
        port=$(free_port)
        url=http://127.0.0.1:$port/f.txt
        mkdir -p "$work/html" "$work/tmp"
        head -c 100 /dev/zero | tr '\0' x >"$work/html/f.txt"
        chmod 755 "$work" "$work/html"
        cat >"$work/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $work/nginx.pid;
error_log $work/error.log;
events { worker_connections 4096; }
http {
        access_log off;
        sendfile on;
        keepalive_requests 1000000000;
        open_file_cache max=10;
        client_body_temp_path $work/tmp;
        proxy_temp_path $work/tmp;
        fastcgi_temp_path $work/tmp;
        uwsgi_temp_path $work/tmp;
        scgi_temp_path $work/tmp;
        server { listen 127.0.0.1:$port; root $work/html; }
}
CONF
        nginx -c "$work/nginx.conf" -e "$work/error.log" &
        nginx_pid=$!
        for _ in $(seq 50); do
                (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
                sleep 0.1
        done
        echo "bench/load.sh: nginx did not start:" >&2
        cat "$work/error.log" >&2
        exit 3
}

build_driver() {
        local build=$root/build-bench
        [ -d "$build" ] || meson setup "$build" "$root" --buildtype=release >"$work/meson.log" ||
                { cat "$work/meson.log" >&2; exit 3; }
        ninja -C "$build" libhone-{base,stats,model,net,instrument-load}.a >"$work/ninja.log" ||
                { cat "$work/ninja.log" >&2; exit 3; }
        gcc -O2 -std=gnu17 -D_GNU_SOURCE -include "$root/src/base/banned.h" -I"$root/src" \
                "$root/bench/load_driver.c" "$build"/libhone-{instrument-load,net,model,stats,base}.a \
                -lm -lz -lyaml -lpthread -o "$work/load_driver"
}

# Each prints the number of requests on its standard output.
run_wrk() {
        "${wrapper[@]}" wrk -t1 -c"$connections" -d"${seconds}s" "$url" | awk '/requests in/ { print $1 }'
}
run_driver() {
        "${wrapper[@]}" "$work/load_driver" "$url" "$seconds" "$connections" | awk '/^requests / { print $2 }'
}
run_hone() {
        (cd "$work" && "${wrapper[@]}" "$root/build/hone" load "$url" --connections "$connections" \
                --duration "${seconds}s" --warmup 0s --threads 1 --no-save --json) | python3 -c '
import json, sys
print(int(json.load(sys.stdin)["load"]["requests"]["value"]))'
}

# measure NAME: sets requests, user and system CPU seconds.
measure() {
        local TIMEFORMAT='%U %S'
        if ! { time run_"$1" >"$work/out"; } 2>"$work/time"; then
                echo "bench/load.sh: $1 failed:" >&2
                cat "$work/time" >&2
                exit 1
        fi
        requests=$(cat "$work/out")
        read -r user sys < <(tail -1 "$work/time")
}

per_million() {
        awk -v r="$requests" -v u="$user" -v s="$sys" 'BEGIN { printf "%.2f %.2f", (u + s) * 1e6 / r, u * 1e6 / r }'
}

instructions() {
        wrapper=(valgrind --tool=callgrind "--callgrind-out-file=$work/callgrind.%p")
        run_"$1" >"$work/out" 2>"$work/callgrind.log"
        wrapper=()
        awk -v r="$(cat "$work/out")" '/Collected/ { sum += $NF } END { printf "%.0f\n", sum / r }' \
                "$work/callgrind.log"
}

wrapper=()
start_nginx
if [ -x "$root/build/hone" ] && "$root/build/hone" help load >/dev/null 2>&1; then
        ours=hone
else
        ours=driver
        build_driver
fi

echo "$ours against $(wrk -v 2>&1 | head -1 | cut -d' ' -f1-2); $connections connections, 1 thread, $seconds s a round"
printf '%-6s %14s %14s %7s   %10s %10s\n' round "wrk CPU-s/M" "hone CPU-s/M" ratio "wrk req/s" "hone req/s"
measure wrk; measure "$ours" # not counted: caches, cpufreq
for round in $(seq "$rounds"); do
        order=(wrk "$ours")
        ((round % 2)) || order=("$ours" wrk)
        for who in "${order[@]}"; do
                measure "$who"
                read -r cost[0] cost[1] < <(per_million; echo)
                if [ "$who" = wrk ]; then
                        wrk_cost=${cost[0]} wrk_rate=$((requests / seconds))
                else
                        our_cost=${cost[0]} our_rate=$((requests / seconds))
                fi
        done
        ratio=$(awk -v a="$our_cost" -v b="$wrk_cost" 'BEGIN { printf "%.3f", a / b }')
        printf '%-6s %14s %14s %7s   %10s %10s\n' "$round" "$wrk_cost" "$our_cost" "$ratio" "$wrk_rate" "$our_rate"
        echo "$wrk_cost $our_cost $ratio" >>"$work/rounds"
done

median() {
        cut -d' ' -f"$1" "$work/rounds" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
printf '%-6s %14s %14s %7s\n' median "$(median 1)" "$(median 2)" "$(median 3)"

wrk_instructions=$(instructions wrk)
our_instructions=$(instructions "$ours")
echo "user instructions per request: wrk $wrk_instructions, hone $our_instructions" \
        "(ratio $(awk -v a="$our_instructions" -v b="$wrk_instructions" 'BEGIN { printf "%.2f", a / b }'))"

# For tools/bench: one line "what|unit|hone|peer|its figure" each.
if [ -n "${HONE_BENCH_ROWS:-}" ]; then
        echo "load: client CPU for a million requests|s|$(median 2)|wrk|$(median 1)"
        echo "load: user instructions a request||$our_instructions|wrk|$wrk_instructions"
fi >>"${HONE_BENCH_ROWS:-/dev/null}"
