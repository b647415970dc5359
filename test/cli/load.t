# Load against a small server: the numbers, JSON, several requests, and servers that are not there.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done

$ hone load -q http://127.0.0.1:$(cat port)/ -c 2 -d 1s -w 100ms --label first
Run: +1 (re)
Label: +first (re)
Target: +http://127\.0\.0\.1:[0-9]+/ \(python.*, pid [0-9]+\) (re)
...
Results Summary
---------------
Scenario: first
Duration: 1.00 s
VUs: 2

Requests:
  Total: [0-9,]+ (re)
  Rate: [0-9.]+k?/s (re)
  Failed: 0 (0 %)

Latency:
  p50: [0-9.]+ (us|ms) (re)
  p95: [0-9.]+ (us|ms) (re)
  p99: [0-9.]+ (us|ms) (re)

Throughput: [0-9.]+k? req/s sustained (re)
...
p50 +[0-9.]+ (us|ms) +\[[0-9.]+ (us|ms), [0-9.]+ (us|ms)\] +[0-9.]+ (us|ms) +[0-9,]+ (re)
...
Examined:
...
- load: answers by class: 2xx [0-9]+ (re)
...

# JSON is one object and says what was examined and what was not.
$ hone load --json http://127.0.0.1:$(cat port)/ -c 2 -d 500ms -w 100ms >load.json && python3 -m json.tool load.json >/dev/null

$ python3 -c '
> import json
> d = json.load(open("load.json"))
> print(d["kind"], d["run"]["id"], d["load"]["error_rate"]["value"])
> print(d["load"]["requests"]["value"] > 20, d["load"]["throughput"]["unit"])
> p = {row["percentile"]: row for row in d["load"]["latency"]}
> print(p["p50"]["interval"]["low"] <= p["p50"]["value"]["value"] <= p["p50"]["interval"]["high"])
> print([name for name in ("examined", "not_examined") if name in d["coverage"]])'
load 2 0
True per_s
True
['examined', 'not_examined']

# A stop after a number of requests, and a percentile that so few cannot bound.
$ hone load -q http://127.0.0.1:$(cat port)/ -n 30 -c 2 -w 0s
...
  Total: 30
...
p50 .*\[.*\].* 30 (re)
...
p99 +[0-9.]+ (us|ms) +- .* 30 (re)
...
- load: 30 requests are too few for p99: 299 are needed to bound it
...

# Several URLs: each has its rows.
$ hone load -q --markdown http://127.0.0.1:$(cat port)/ http://127.0.0.1:$(cat port)/slow -c 2 -d 500ms -w 0s | grep -c 'GET /slow'
[1-9][0-9]* (re)

# Answers that are errors are counted by their status.
$ hone load -q http://127.0.0.1:$(cat port)/broken -n 20 -w 0s -c 1
...
  Failed: 20 (100 %)
...
- HTTP 500: 20
...

# Open model: as many as are due.
$ hone load -q http://127.0.0.1:$(cat port)/ -r 50/s -d 1s -w 0s --no-save
...
  Total: (4[5-9]|50|51) (re)
...

# --no-save stores nothing.
$ hone runs | grep -c load
5

$ kill $(cat pid)

# A port on which nothing listens: the kind of error, and exit status 3.
$ hone load -q http://127.0.0.1:1/ -d 300ms -w 0s --no-save
...
  Total: 0
...
- connection refused: [0-9]+ (re)
...
- load: no request was answered
...
[3]

$ hone load -q --json http://127.0.0.1:1/ -d 300ms -w 0s --no-save >dead.json; echo $?; python3 -m json.tool dead.json >/dev/null
3

$ hone load https://127.0.0.1/
hone: cannot send load to https: TLS is not supported yet .* (re)
  hint: use the http:// address of the service behind the TLS proxy
[3]

$ hone load 127.0.0.1:8080
hone: URL '127\.0\.0\.1:8080': .* (re)
  hint: write it as http://host[:port]/path
[2]

$ hone load ftp://127.0.0.1/
hone: URL 'ftp://127.0.0.1/': the scheme is none of http, https, ws, wss
[2]

$ hone load http://127.0.0.1:99999/
hone: URL 'http://127.0.0.1:99999/': the port is not a number from 1 to 65535
[2]

$ hone load http://no-such-host.invalid/
hone: cannot look up 'no-such-host\.invalid': .* (re)
  hint: check the host's name; an address such as 127.0.0.1 needs no lookup
[3]

# What was measured is shown even when it cannot be stored.
$ hone load -q http://127.0.0.1:1/ -d 100ms -w 0s --store /proc/none/hone.db
...
- load: no request was answered
...
hone: cannot .*/proc/none.* \(while storing the run\) (re)
...
[3]
