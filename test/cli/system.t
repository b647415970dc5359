# The machine alone, and one process.
$ hone system -q -d 1s
Run: +1 (re)
Target: +this machine (re)
...
host_cpu .*%.* (re)
...
Examined:
- system: [0-9]+ looks, one every 1 s; .* (re)
...
Not examined:
- system: the target's processes: none is known

$ sleep 30 & echo $! >pid; hone system -q -d 300ms -i 100ms --json $(cat pid) >s.json; kill $(cat pid); python3 -m json.tool s.json >/dev/null; hone runs -n 1 | tail -n 1
 +2 .* system +[0-9]+.* (re)

$ hone system nonsense
hone: 'nonsense' is not a process id
[2]
