# Comparing runs, and judging them by budgets in both formats.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done

$ for label in before after; do hone load -q http://127.0.0.1:$(cat port)/ -c 2 -d 1500ms -w 100ms --label $label >/dev/null; done
$ hone load -q http://127.0.0.1:$(cat port)/slow -c 2 -d 1500ms -w 100ms --label slow >/dev/null
$ for i in 1 2 3 4 5 6; do hone load -q http://127.0.0.1:$(cat port)/ -c 2 -d 300ms -w 50ms --label quick >/dev/null; hone load -q http://127.0.0.1:$(cat port)/slow -c 2 -d 300ms -w 50ms --label sleepy >/dev/null; done
$ hone load -q http://127.0.0.1:$(cat port)/ -c 2 -n 30 -w 0s --label few >/dev/null
$ kill $(cat pid)

$ hone compare before after --no-fail
Verdict: +(FASTER|SLOWER|SAME|UNKNOWN) (re)
Before: +before, 1 run (re)
After: +after, 1 run (re)
...
Metric +Before +After +Change +Interval +Verdict +MDE (re)
...
latency_p50 .* (re)
...
Caveat: Fewer than 4 runs a side: .* (re)
...

# Twenty milliseconds more cannot be missed, and fail.
$ hone compare quick sleepy
Verdict: +SLOWER (re)
...
[1]

$ hone compare sleepy quick
Verdict: +FASTER (re)
...

$ hone compare quick sleepy --json --no-fail | python3 -c 'import json, sys; print(json.load(sys.stdin)["comparison"]["verdict"])'
SLOWER

$ hone compare before nothing
hone: there is no run labelled 'nothing' in '.hone/hone.db'
[2]

$ hone compare 1 99
hone: there is no run 99 in '.hone/hone.db'
  hint: the nearest is run 16
[2]

# PASS, with the budget that is found.
$ cat >performance-budget.json <<'X'
> {
>   // one format
>   "metrics": { "p95_latency_ms": { "max": 5000 }, "throughput_rps": { "min": 1 } }
> }
> X
$ hone gate before
Budget: +\./performance-budget\.json (re)
Verdict: +PASS (re)
Items: +2 PASS (re)
...
p95_latency_ms .*<= 5.00 s +PASS .* (re)
throughput_rps .*>= 1.00/s +PASS .*reaches 1.00/s \(no (re)
 +interval: the value is judged\) (re)

# FAIL, with the other format; of six runs and more the interval over the runs is judged.
$ mkdir .github && cat >.github/performance-budgets.yaml <<'X'
> budgets:
>   api_endpoints:
>     p50_latency_ms: 5
>     throughput_rps: 1
>   batch:
>     error_rate: 0.01
> X
$ hone gate sleepy -b .github/performance-budgets.yaml -g api_endpoints
...
Verdict: +FAIL (re)
...
[1]

# No error in some ten thousand requests is surely below 1 %, and none in thirty is not.
$ hone gate before -b .github/performance-budgets.yaml -g batch
...
Verdict: +PASS (re)
...

$ hone gate few -b .github/performance-budgets.yaml -g batch
...
Verdict: +INCONCLUSIVE (re)
...
[3]

$ hone gate slow -b .github/performance-budgets.yaml -g nope
hone: .github/performance-budgets.yaml: no budget in the groups asked for
...
[2]

# A metric that no run has is a failure, and so is one that hone does not know.
$ echo '{"metrics": {"memory_mb": {"max": 100}, "sparkle": {"max": 1}}}' >b.json; hone gate slow -b b.json
...
memory_mb +- .* FAIL +no run has measured it (re)
sparkle +- .* FAIL +hone knows no metric of this name (re)
[1]

# INCONCLUSIVE: thirty requests cannot bound a p99.
$ echo '{"metrics": {"p99_latency_ms": {"max": 5000}}}' >b.json; hone gate few -b b.json --junit gate.xml --summary gate.md
...
Verdict: +INCONCLUSIVE (re)
...
p99_latency_ms .*INCONCLUSIVE .* (re)
...
[3]

$ grep -o '<error message=.*' gate.xml; python3 -c 'import xml.dom.minidom as x; print(x.parse("gate.xml").documentElement.tagName)'
<error message="30 samples cannot bound it: 299 are needed"/>
testsuites

$ grep -m 1 INCONCLUSIVE gate.md | sed 's/^#* //'
❔ Performance gate: INCONCLUSIVE

$ hone gate few -b b.json --junit - | head -n 1
<?xml version="1.0" encoding="UTF-8"?>

$ echo '{"metrics": {"p99_latency_ms": ' >torn.json; hone gate few -b torn.json
hone: torn\.json:[0-9]+:[0-9]+: .* (re)
...
[2]

$ hone gate few -b missing.json
hone: there is no budget file 'missing.json'
[2]

# Reports: Markdown on the terminal or in a file, one page of HTML that fetches nothing.
$ hone report slow --before before | head -n 1
. Performance .* (re)
$ hone report slow --before before | grep -c '^## '
[1-9][0-9]* (re)

$ hone report slow --before before --html report.html --output report.md && head -n 1 report.md | cut -c 1-13
. Performance (re)
$ python3 -c '
> page = open("report.html", encoding="utf-8").read()
> print(page.lower().startswith("<!doctype html>"), "<svg" in page, "src=\"http" in page)'
True True False

# The project's budgets are the targets of its reports.
$ hone report slow | grep 'API P95'
\| API P95 Latency \| .* \| <5\.00 s \| ✅ \| (re)

$ for kind in benchmark profiling recommendations assessment optimization checklist; do hone report --kind $kind | grep -q . || echo $kind; done

$ hone report --kind poem
hone: --kind NAME: 'poem' is not one of full, benchmark, profiling, recommendations, assessment, optimization, checklist
[2]

$ hone report --json | python3 -m json.tool >/dev/null
