# Results of other tools become runs; what is damaged is refused and nothing is stored.
$ cat >a.json <<'X'
> { "results": [
>   { "command": "sort a", "median": 0.012, "user": 0.009, "system": 0.002,
>     "times": [0.012, 0.0118, 0.0125, 0.0119, 0.0121, 0.012, 0.0122], "exit_codes": [0, 0, 1] } ] }
> X
$ hone import a.json --label a
File:        a.json
Format:      hyperfine
Measured by: hyperfine
Measured: +[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z (re)
Revision:    -
Machine:     -
Run:         1

Benchmark  Metric       n    Value       95 % interval  Spread
─────────  ───────────  ─  ───────  ──────────────────  ──────
sort a     time         7  12.0 ms  [11.8 ms, 12.5 ms]  2.50 %
sort a     time_user    7  9.00 ms                   -       -
sort a     time_system  7  2.00 ms                   -       -

- warning: sort a: 1 of 3 runs failed
- not examined: when it was measured: the file does not say; the time is of the
  import

$ hone import - --revision abc123 --label b <a.json >/dev/null; hone compare a b --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["comparison"]["verdict"])'
SAME
$ hone runs --json | python3 -c 'import json, sys; print([(r["id"], r["instrument"], r["target"], r["revision"]) for r in json.load(sys.stdin)["runs"]])'
[(2, 'bench', '-', 'abc123'), (1, 'bench', 'a.json', None)]

$ hone import a.json --no-save --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["kind"], d["format"], d["benchmarks"][0], d["not_understood"], d["not_understood_count"], "run" in d)'
import hyperfine {'name': 'sort a', 'metric': 'time', 'unit': 'ns', 'n': 7, 'value': 12000000, 'low': 11800000, 'high': 12500000, 'samples': [12000000, 11800000, 12500000, 11900000, 12100000, 12000000, 12200000]} [] 0 False

# Several files are stored together or not at all.
$ head -n 2 a.json >cut.json; hone import a.json cut.json
hone: cut.json:3:1: expected a key in double quotes or '}', found the end
[2]
$ hone import a.json a.json --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["1"]["run"], d["2"]["run"])'
3 4

# Lines of the program itself are named, and the rest is kept.
$ printf 'hello\n{"hone_bench":1,"name":"f","metric":"time","unit":"ns","values":[1,2,3]}\n' >p.txt; hone import p.txt | grep -A1 'Not understood'
Not understood: 1:
- line 1: no line of hone_bench: hello

# A load becomes a run of a load.
$ for i in 1 2 3; do echo '{"attack":"","seq":'$i',"code":200,"timestamp":"2026-01-02T03:04:0'$i'Z","latency":'$i'000000,"bytes_in":10,"bytes_out":0,"error":"","method":"GET","url":"http://x/"}'; done >v.json; hone import v.json --label v >/dev/null; hone show v | grep -A2 Requests:
Requests:
  Total: 3
  Rate: 1.50/s

$ hone import nothing.json
hone: cannot open 'nothing.json': No such file or directory
[3]
$ : >empty; hone import empty
hone: 'empty' is empty
  hint: the tool that writes it may have failed: run it again
[3]
$ echo hello there >text; hone import text
hone: 'text' is in no format that is known here
  hint: say which: --format NAME; hone import --list-formats lists them
[3]
$ gzip -k a.json; hone import a.json.gz
hone: 'a.json.gz' is compressed with gzip
  hint: make plain text of it: zcat 'a.json.gz' | hone import -
[3]
$ printf '\377\376B\0' >windows.txt; hone import windows.txt
hone: 'windows.txt' is text in UTF-16, not UTF-8
  hint: make plain text of it: iconv -f UTF-16 -t UTF-8 'windows.txt' | hone import -
[3]
$ printf 'a\0b' >binary; hone import binary
hone: 'binary' is no text, and what is read here is
  hint: let the tool write text, JSON, CSV or XML; hone import --list-formats lists what is read
[3]
$ mkdir dir; hone import dir
hone: cannot read 'dir': Is a directory
  hint: name the files in it: hone import 'dir'/*
[3]

# What two tools wrote into one file is not taken for the one's and the rest left out; it can be asked for.
$ cp a.json two; printf '\nBenchmarkA-2 100 12 ns/op\n' >>two; hone import two
hone: 'two' holds both hyperfine and go
  hint: part the file, or read only what one wrote: --format hyperfine
[3]
$ hone import two --format go --no-save | grep -A2 Benchmark
Benchmark  Metric  n    Value  95 % interval  Spread
─────────  ──────  ─  ───────  ─────────────  ──────
A-2        time    1  12.0 ns              -       -
$ printf '{"results":[{"command":"x","times":[1,\n-2]}]}' | hone import -
hone: standard input:2: time of 'x' is below zero: -2e+09
[2]
$ printf '{"results":[{"command":"x","times":[NaN]}]}' | hone import -
hone: standard input:1:37: expected a value, found 'N'
[2]
$ hone import a.json --format hyperfin
hone: there is no format 'hyperfin'
  hint: the nearest is hyperfine; hone import --list-formats lists all
[2]
$ hone import
hone: hone import needs a file, or - for standard input
[2]
$ hone import --list-formats | grep -E '^(hyperfine|k6|hone_bench) '
hyperfine +hyperfine --export-json (re)
k6 +k6 run --out json (re)
hone_bench +programs that use hone_bench.h (re)
$ hone runs --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["runs"]))'
6
