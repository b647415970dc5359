# The gate: budgets, a base, objectives, the history and exceptions together, and what CI reads.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done
$ for i in 1 2 3 4 5 6; do hone load -q http://127.0.0.1:$(cat port)/ -c 2 -d 300ms -w 50ms --label base >/dev/null; hone load -q http://127.0.0.1:$(cat port)/slow -c 2 -d 300ms -w 50ms --label slow >/dev/null; done
$ hone load -q http://127.0.0.1:$(cat port)/ -c 2 -n 30 -w 0s --label few >/dev/null

# Twenty milliseconds more than the base are worse beyond any tolerance.
$ cat >budget.json <<'X'
> {
>   "metrics": {
>     "p50_latency_ms": { "max": 5000, "tolerance": "10%" },
>     "error_rate": { "max": 0.5 }
>   }
> }
> X
$ hone gate slow -b budget.json --base base
Budget:  budget.json
Verdict: FAIL
Items:   2 PASS, 1 FAIL

Budget +Value +Limit +Verdict +Why (re)
...
p50_latency_ms .*<= 5.00 s +PASS .* (re)
error_rate .*<= 50.0 % +PASS .* (re)
...
Against the base +Before +After +Change +Tolerance +MDE +Verdict (re)
...
p50_latency_ms .* 10.0 % worse .* FAIL (re)

- p50_latency_ms: .* is surely worse by more than.* (re)
...
[1]

# The other way round it is better, and passes.
$ hone gate base -b budget.json --base slow | grep Verdict:
Verdict: PASS

# Without a base its tolerances are not judged, and that is said.
$ hone gate slow -b budget.json | tail -n 1
- budget.json: its tolerances are not judged without a base (--base RUNS).

$ echo '{"tolerances": {"default": "5%"}}' >t.json; hone gate slow -b t.json
hone: t.json has only tolerances, and there is no base
  hint: name the runs to judge against with --base RUNS
[2]

$ echo '{"metrics": {"p50_latency_ms": {"max": 5, "tolerance": 5}}}' >t.json; hone gate slow -b t.json --base base
hone: t.json:1:56: '5' is ambiguous; write 5% or a ratio below 1
[2]

# All outputs are of one result, and are what their readers take.
$ hone gate slow -b budget.json --base base --junit gate.xml --sarif gate.sarif --gitlab gate.json --summary gate.md >/dev/null
[1]
$ python3 - <<'X'
> import json, xml.etree.ElementTree as xml
> suites = xml.parse("gate.xml").getroot()
> print([(s.get("name"), s.get("tests"), s.get("failures")) for s in suites])
> log = json.load(open("gate.sarif"))
> run = log["runs"][0]
> result = run["results"][0]
> print(log["version"], run["tool"]["driver"]["name"], len(run["results"]), result["level"])
> print(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"], result["ruleId"])
> place = result["locations"][0]["physicalLocation"]
> print(place["artifactLocation"]["uri"], place["region"])
> issues = json.load(open("gate.json"))
> print([(i["check_name"], i["severity"], i["location"]["path"], i["location"]["lines"]) for i in issues])
> print(len(issues[0]["fingerprint"]), issues[0]["description"].startswith("p50_latency_ms: FAIL: "))
> X
[('budget.json', '2', '0'), ('against the base', '1', '1')]
2.1.0 hone 1 error
True base/latency_p50
budget.json {'startLine': 3}
[('hone-base', 'critical', 'budget.json', {'begin': 3})]
64 True

# The comment: before and after with the smallest change that could have been seen, the rest folded.
$ head -n 2 gate.md | tail -n 1 | cut -c 4-; grep -c '^<details>' gate.md; grep '^| p50 latency' gate.md
❌ Performance gate: FAIL
1
\| p50 latency \| .* \| .* \| [0-9]+% worse \| \[.*\] \| 10.0 % worse \| .* % \| ❌ FAIL \| (re)

# The fingerprint of a finding is that of its rule: another measurement has the same.
$ hone gate few -b budget.json --base slow --gitlab again.json >/dev/null; hone gate slow -b budget.json --base base --gitlab - | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["fingerprint"] == json.load(open("gate.json"))[0]["fingerprint"])'
True

# GitHub: annotations after the text, and the summary added to the job's page.
$ echo old >step.md; GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=step.md hone gate slow -b budget.json --base base | grep '^::'; head -n 2 step.md
::stop-commands::[0-9a-f]{32} (re)
::[0-9a-f]{32}:: (re)
::error file=budget.json,line=3,title=p50_latency_ms FAIL::.* (re)
old
<!-- hone-gate -->

$ GITHUB_ACTIONS=true hone gate slow -b budget.json --base base --github never | grep -c '^::'
0
[1]

$ hone gate slow -b budget.json --base base --github always --json 2>notes | python3 -c 'import json, sys; print([i["verdict"] for i in json.load(sys.stdin)["gate"]["items"]])'; cut -c 1-8 notes
['PASS', 'PASS', 'FAIL']
::error 

# INCONCLUSIVE is what the job takes it for.
$ echo '{"metrics": {"p99_latency_ms": {"max": 5000}}}' >b.json; for how in tell pass fail; do hone gate few -b b.json --inconclusive $how >/dev/null; echo $?; done
3
0
1

# Objectives, in both shapes. Thirty requests cannot show 99 %.
$ cat >slo.yaml <<'X'
> slos:
>   - { name: not slow, metric: latency, below: 10s, objective: 50%, window: 28d }
>   - { name: never slow, metric: latency, below: 1us, objective: 99% }
>   - { name: answers, metric: error_rate, objective: 99% }
> X
$ hone gate few --slo slo.yaml
...
not slow +100 % .* PASS .* (re)
...
never slow +0 % .* FAIL .* (re)
...
answers +100 % .* INCONCLUSIVE .* (re)
...
[1]

$ cat >open.yaml <<'X'
> apiVersion: openslo/v1
> kind: SLO
> metadata: { name: search }
> spec:
>   service: shop
>   indicator:
>     spec:
>       thresholdMetric:
>         metricSource: { type: hone, spec: { metric: latency_ms } }
>   timeWindow: [{ duration: 4w, isRolling: true }]
>   budgetingMethod: Occurrences
>   objectives:
>     - { displayName: not slow, op: lte, value: 10000, target: 0.5 }
> ---
> apiVersion: openslo/v1
> kind: AlertPolicy
> metadata: { name: page-somebody }
> X
$ hone gate base --slo open.yaml
...
search/not slow .* PASS .* (re)
...
- open.yaml:15: kind AlertPolicy is not judged

$ hone gate base --slo missing.yaml
hone: there is no SLO file 'missing.yaml'
[2]

$ echo 'slos: [{ metric: latency, objective: 99% }]' >bad.yaml; hone gate base --slo bad.yaml
hone: bad.yaml:1:8: 'latency' needs 'below': what is good
[2]

# A reviewed exception takes an item out of the verdict, and says whose it is and until when.
$ cat >performance-exceptions.yaml <<'X'
> exceptions:
>   - metric: latency_p50
>     action: suppress
>     owner: ana@example.org
>     reason: the index is rebuilt
>     expires: 2099-01-31
> X
$ hone gate slow -b budget.json --base base
...
Verdict: PASS
Items:   1 PASS, 2 SUPPRESSED
...
- p50_latency_ms: suppressed until 2099-01-31 by ana@example.org: the index is
  rebuilt. Without that: FAIL, .* (re)
...

# An expired one does nothing, and is told.
$ sed -i 's/2099/2020/' performance-exceptions.yaml; hone gate slow -b budget.json --base base | tail -n 2 | grep -c 'expired on'
1
$ rm performance-exceptions.yaml; hone gate slow -b budget.json --exceptions none.yaml
hone: there is no exception file 'none.yaml'
[2]

# The history: the level of the newest commits is worse, until somebody accepts it.
$ git init -q . && git config user.name ana && git config user.email ana@example.org && echo '*' >.gitignore && git add -f .gitignore && git commit -qm start
$ echo '{"tolerances": {"p50_latency": "5%"}}' >h.json
$ for i in 1 2 3 4 5 6 7 8; do git commit -q --allow-empty -m "$i"; echo 0.005 >delay; hone load -q http://127.0.0.1:$(cat port)/delay -c 2 -d 150ms -w 20ms --label early >/dev/null; done
$ hone gate last -b h.json --history
Budget:  h.json
Verdict: PASS
...
latency_p50 +- +- +PASS +no change of level in 8 revisions (re)
...

$ for i in 1 2 3 4 5 6 7 8; do git commit -q --allow-empty -m "more $i"; echo 0.04 >delay; hone load -q http://127.0.0.1:$(cat port)/delay -c 2 -d 150ms -w 20ms --label late >/dev/null; done; kill $(cat pid)
$ hone gate last -b h.json --history
...
Verdict: FAIL
...
History +Before +Now +Verdict +Why (re)
...
latency_p50 .* ms +4[0-9]\.[0-9] ms +FAIL .* (re)
...
[1]

$ cat >performance-exceptions.yaml <<X
> exceptions:
>   - { metric: latency_p50, action: accept, at: $(git rev-parse HEAD), owner: ben, reason: the answer is checked now }
> X
$ hone gate last -b h.json --history | grep -E 'Verdict:|accepted'
Verdict: PASS
 +.*accepted.* (re)

$ hone gate early -b h.json --history --base late | grep -c 'INCONCLUSIVE'
0
[1]
