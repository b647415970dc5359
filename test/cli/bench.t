# Two commands side by side; the slower one is told, and the run is stored.
$ hone bench -q 'sleep 0.01' 'sleep 0.03' -r 12 --label naps
Run: +1 (re)
Label: +naps (re)
Target: +sleep 0.01, sleep 0.03 (re)
...
Benchmark +Median +95 % interval +Min +Max +Runs (re)
...
sleep 0.01 +1.* ms +\[.* ms, .*s\] +.* +12 (re)
sleep 0.03 +3.* ms +\[.* ms, .*s\] +.* +12 (re)
...
Benchmark +User +System +Peak RSS +Faults.* (re)
...
sleep 0.03 +time +\+.* % +\[\+.* %, \+.* %\] +SLOWER +.* (re)
...
- sleep 0.03 is [0-9.]+x slower than sleep 0.01 \[[0-9.]+, [0-9.]+\] (re)
...

$ hone show naps --json | python3 -c 'import json, sys; b = json.load(sys.stdin)["bench"]; print(b["paired"], len(b["benchmarks"]), b["benchmarks"][1]["runs"], b["changes"][0]["verdict"])'
True 2 12 SLOWER

# The same random order again: the seed is part of the run.
$ hone bench -q true false -i -r 4 --seed 7 --no-save | grep -A1 'seed 7'
- bench: 4 runs of each command in randomised interleaved blocks, seed 7, an
  environment of another size for each

# What comes before, between and after is not measured; each line is a shell's.
$ hone bench -q --no-save -r 3 -w 1 -s 'echo setup >>log' -p 'echo prepare >>log' -C 'echo conclude >>log' -c 'echo cleanup >>log' true /bin/true >/dev/null; sort log | uniq -c | sed 's/^ *//'
1 cleanup
8 conclude
8 prepare
2 setup

# Parameters: a scan, a list, and both.
$ hone bench -q --no-save -r 2 -w 0 -P n 1 5 -D 2 'test {n} -gt 0' --export-csv - | cut -d, -f1,14
command,parameter_n
"test 1 -gt 0","1"
"test 3 -gt 0","3"
"test 5 -gt 0","5"

$ hone bench -q --no-save -r 2 -w 0 -P n 1 2 -L word a,b 'echo {word}{n}' --export-csv - | cut -d, -f1
command
"echo a1"
"echo b1"
"echo a2"
"echo b2"

# Exports.
$ hone bench -q --no-save -r 6 true --export-json all.json --export-markdown t.md --export-benchfmt t.txt --export-bmf t.bmf >/dev/null; python3 -c 'import json; s = json.load(open("all.json"))["samples"]; print(s[0]["metric"], s[0]["unit"], len(s[0]["values"]), s[0]["blocks"]); print(list(json.load(open("t.bmf"))["true"])[0])'; head -n 2 t.md; grep -c 'BenchmarkTrue 1 [0-9]* ns/op' t.txt
time ns 6 [0, 1, 2, 3, 4, 5]
latency
| Command | Median | 95 % interval | Min | Max | Runs |
|:---|---:|---:|---:|---:|---:|
6

# No shell unless one is wanted.
$ hone bench 'true | true'
hone: column 6 of 'true | true': a shell would act on '|'
  hint: quote it, or let a shell run the line: --shell
[2]

$ hone bench -q --no-save -r 2 --shell 'true | true' >/dev/null

# A command that fails, hangs or is not there.
$ hone bench 'sh -c "echo first >&2; echo why >&2; exit 4"'
hone: 'sh -c "echo first >&2; echo why >&2; exit 4"' ended with exit status 4: why
  hint: --ignore-failure measures it all the same, --ignore-failure=4 only with this status
[3]

$ hone bench -q --no-save -r 2 --ignore-failure=1,4 'sh -c "exit 4"' >/dev/null

$ hone bench --ignore-failure=x true
hone: --ignore-failure: 'x' is no exit status from 0 to 255
[2]

$ hone bench --timeout 100ms 'sleep 10'
hone: 'sleep 10' did not end within 100 ms
  hint: --timeout gives it more time
[3]

$ hone bench no-such-program
hone: cannot run 'no-such-program': there is no program of this name
  hint: install no-such-program, or check that its folder is in PATH
[2]

$ hone bench --reference three one two
hone: --reference: there is no command 'three'
  hint: the first one is 'one'
[2]

$ hone bench -P n 5 1 'true {n}'
hone: the scan of 'n' from 5 to 1 by 1 is empty
[2]

$ hone bench -P n 1
hone: --parameter-scan needs more values: --parameter-scan VAR MIN MAX
[2]

# Programs that measure inside themselves: a line of JSON for each benchmark.
$ cat >program <<'X'
> #!/bin/sh
> echo '{"hone_bench":1,"name":"sort/n=10","metric":"time","unit":"ns","values":[5,6,7]}'
> echo '{"hone_bench":1,"name":"find","metric":"time","unit":"us","values":[1]}'
> X
$ chmod +x program; hone bench -q --no-save -r 6 --c ./program | grep -A3 '^Benchmark'
Benchmark   Median       95 % interval      Min      Max  Runs
─────────  ───────  ──────────────────  ───────  ───────  ────
sort/n=10  6.00 ns  [6.00 ns, 6.00 ns]  6.00 ns  6.00 ns     6
find       1.00 us  [1.00 us, 1.00 us]  1.00 us  1.00 us     6

$ hone bench --c true
hone: 'true' printed no benchmark
  hint: --c takes programs that use hone_bench.h; without it hone bench measures any command
[3]

$ cat >torn <<'X'
> #!/bin/sh
> printf '{"hone_bench":1,"name":"a","metric":"time","unit":"ns","values":[5,'
> X
$ chmod +x torn; hone bench --c ./torn
hone: ./torn:1:.* \(while reading what './torn' printed\) (re)
[2]

# What would do nothing is said.
$ hone bench --filter x true
hone: --filter is for programs of hone_bench.h: --c
[2]

# Interrupted, it keeps the whole blocks.
$ cat >interrupt <<'X'
> hone bench -q 'sh -c "sleep 0.02; echo >>count"' 'sleep 0.03' -r 5000 & hone=$!
> until [ -e count ] && [ $(wc -l <count) -gt 10 ]; do sleep 0.1; done
> kill -INT $hone
> wait $hone
> X
$ bash -m ./interrupt 2>/dev/null
...
- bench: interrupted after [0-9]+ whole blocks (re)
...
[130]

$ hone runs --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["runs"]))'
2
