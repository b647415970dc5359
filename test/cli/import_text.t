# What tools print for people becomes runs; every line that is not understood is named.
$ cat >go.txt <<'X'
> goos: linux
> hello
> BenchmarkSum-2   1000   24.5 ns/op   64 B/op
> BenchmarkSum-2   1000   23.5 ns/op   64 B/op
> PASS
> X
$ hone import go.txt --no-save --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["format"], d["benchmarks"][0]["name"], d["benchmarks"][0]["samples"], d["not_understood"])'
go Sum-2 [24.5, 23.5] [{'line': 2, 'text': 'hello', 'why': 'no line of benchfmt'}]
$ printf 'BenchmarkSum-2 1000 NaN ns/op\n' | hone import -
hone: standard input:1: column 21: expected a finite number, found 'NaN'
[2]
$ printf 'BenchmarkSum-2 1000 -4 ns/op\n' | hone import -
hone: standard input:1: time of 'Sum-2' is below zero: -4
[2]
$ cat >time.txt <<'X'
> 
> real	0m1.500s
> user	0m0.250s
> sys	0m0.125s
> X
$ cat time.txt time.txt | hone import - --label t | grep '^- *time'
-          time         2  1.50 s              -       -
-          time_user    2  250 ms              -       -
-          time_system  2  125 ms              -       -

# A report of a load generator is a run of a load; one that is cut off is refused.
$ cat >wrk.txt <<'X'
> Running 2s test @ http://127.0.0.1:8080/
>   2 threads and 8 connections
>   Thread Stats   Avg      Stdev     Max   +/- Stdev
>     Latency   517.89us    0.89ms  10.82ms   86.21%
>     Req/Sec    23.47k     3.02k   30.40k    60.98%
>   1000 requests in 2.00s, 30.87MB read
> Requests/sec:    500.00
> Transfer/sec:     14.71MB
> X
$ hone import wrk.txt --label w >/dev/null; hone show w | grep -A2 Requests:
Requests:
  Total: 1000
  Rate: 500/s
$ head -n 6 wrk.txt | hone import -
hone: standard input:6: the text ends before 'Requests/sec:'
[2]
$ printf '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>' | hone import -
hone: standard input:1: a DTD with declarations of its own is refused
[2]
$ printf 'name;encode_ms\njson;1.5\n"json";fast\n' | hone import -
hone: standard input:3: field 2: expected a number, found 'fast'
[2]
