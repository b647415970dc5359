# diagnose: one process that answers, and nothing that does. The findings are tested in test/e2e.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done

$ hone diagnose -q http://127.0.0.1:$(cat port)/ -c 2 -d 1s --alone 300ms -w 100ms
...
Target: +http://127\.0\.0\.1:[0-9]+/ \(python.*, pid [0-9]+\) (re)
...
Resources
...
Profile
...
Findings
...
Not examined
...
- .*off-CPU.* (re)
...
Coverage
...
load +epoll .* (re)
...

$ hone diagnose --json http://127.0.0.1:$(cat port)/ -c 2 -d 1s --alone 0s -w 100ms --no-profile >d.json && python3 -c '
> import json
> d = json.load(open("d.json"))
> print(d["kind"], isinstance(d["findings"]["items"], list), len(d["not_examined"]) > 0)'
diagnose True True

$ hone runs --json | python3 -c '
> import json, sys
> print(sorted(run["instrument"] for run in json.load(sys.stdin)["runs"]))'
['load', 'load', 'load', 'profile', 'system', 'system']

$ kill $(cat pid)

$ hone diagnose -q --no-save http://127.0.0.1:1/ -d 300ms --alone 0s -w 0s
...
- the server's processes: nothing listens on TCP port 1 of this machine
...
[3]

$ hone diagnose nonsense
hone: URL 'nonsense': no scheme
  hint: write it as http://host[:port]/path
[2]

$ mkdir rules; printf -- '- id: x\n  when: {owner: {min_share: 5%%}}\n  titel: y\n' >rules/a.yaml; hone diagnose --advice rules --alone 0s -d 100ms -w 0s http://127.0.0.1:1/
hone: .*rules/a\.yaml:[0-9]+:[0-9]+: .*titel.* (re)
...
[2]
