# Two things measured against each other.

# Tenfold is seen at the first look, and fails.
$ hone ab 'sleep 0.005' 'sleep 0.05' -q
Verdict: +SLOWER (re)
Before: +sleep 0.005, 10 interleaved blocks (re)
After: +sleep 0.05, 10 interleaved blocks (re)
...
time .* SLOWER .* (re)
...
How it was measured:
...
Compared: +commands (re)
...
Ended because: +enough is known (re)
...
[1]

$ hone ab 'sleep 0.05' 'sleep 0.005' -q --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["kind"], d["verdict"], d["comparison"]["changes"][0]["metric"], d["experiment"]["blocks"], d["experiment"]["runs"])'
ab FASTER time 10 [3, 4]

# Its runs know their blocks, so compare pairs them.
$ hone compare 3 4 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["comparison"]["paired"])'
True

# Too few blocks for any answer.
$ hone ab true true --min-blocks 4 --max-blocks 4 -q --no-save >out; echo $?; grep Verdict: out
3
Verdict: +UNKNOWN (re)

# What commands print as benchmark results decides instead of their time.
$ hone ab 'echo BenchmarkSort 100 2000 ns/op' 'echo BenchmarkSort 100 1000 ns/op' -q --json --no-save | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["experiment"]["results"], [c["metric"] for c in d["comparison"]["changes"]])'
go ['time']

$ hone ab 'echo BenchmarkSort 100 2000 ns/op' true --results none -q --json --no-save --no-fail | python3 -c 'import json, sys; d = json.load(sys.stdin); print([c["metric"] for c in d["comparison"]["changes"]])'
['time', 'memory_peak']

# Revisions, each in a worktree of its own.
$ git init -q . && git config user.name t && git config user.email t@localhost && printf 'sleep 0.005\n' >job && git add job && git commit -qm fast && printf 'sleep 0.05\n' >job && git commit -qam slow
$ hone ab HEAD~1 HEAD -q --setup 'test -f job' -- sh job >out; echo $?; grep -E '^(Compared|A|B|Verdict):' out
1
Verdict: +SLOWER (re)
Compared: +revisions (re)
A: +HEAD~1 \([0-9a-f]{12}\) (re)
B: +HEAD \([0-9a-f]{12}\) (re)
$ ls .hone/ab | grep -v log; git worktree list | wc -l
1

$ hone ab HEAD~1 HEAD -q --json --no-fail --no-save -- true | python3 -c 'import json, sys; e = json.load(sys.stdin)["experiment"]; print(e["a"], e["b"], len(e["a_revision"]))'
HEAD~1 HEAD 40

# Against itself, and a tolerance below what that shows.
$ hone ab --null 'sleep 0.003' --trials 3 -q
Against itself: +sleep 0.003 (re)
Trials: +3 (re)
...
time +3 +[01] .* (re)
...
$ hone ab 'sleep 0.003' 'sleep 0.003' --equivalence 0.00001% -q
hone: a tolerance of 1e-05 % is below what this machine can tell: .* (re)
  hint: ask for .* (re)
[2]

# What is wrong is said.
$ hone ab one
hone: ab needs two things to compare, A and B
  hint: for example: hone ab 'sort a.txt' 'sort -u a.txt'
[2]

$ hone ab 'sort x | wc' true
hone: column 8 of 'sort x \| wc': a shell would act on '\|' (re)
  hint: .*--shell (re)
[2]

$ hone ab no-such-program-at-all true -q
hone: .*no-such-program-at-all.* (re)
...
[2]

$ hone ab 'sh -c "exit 4"' true -q
hone: 'sh -c "exit 4"' ended with exit status 4.* (re)
  hint: if that is as it should be: --ignore-failure
[3]

$ hone ab true true --metric speed
hone: hone knows no metric 'speed'
...
[2]

$ hone ab true true --setup make
hone: --setup builds revisions, but A and B are commands
[2]

$ hone ab true true --metric instructions -q
hone: the two sides gave no result in common to compare
  hint: --metric chooses among what is measured here, such as time
[3]

$ hone ab 'echo BenchmarkA 1 7 ns/op; echo BenchmarkB 1 7 ns/op' 'echo BenchmarkA 1 7 ns/op' -S -q --no-save --no-fail | grep Not
Not compared: 1 result that not every execution had, such as time of B.

$ hone ab true true more
hone: no revision 'true' in .* (re)
[2]
