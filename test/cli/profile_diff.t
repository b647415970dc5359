# Two versions of one program, five profiles each: what is new, what vanished.
$ cat >work.c <<'X'
> #include <stdlib.h>
> static volatile unsigned sink;
> #define STEP(name, n) __attribute__((noinline)) static void name(void) { for (int i = 0; i < n; i++) sink += i; sink++; }
> STEP(parse, 60000)
> STEP(render, 40000)
> #ifdef AFTER
> STEP(escape, 40000)
> #else
> STEP(escape_old, 30000)
> #define escape escape_old
> #endif
> int main(int argc, char **argv) { for (int i = 0; i < atoi(argv[1]); i++) { parse(); render(); escape(); } return argc > 2; }
> X
$ gcc -O1 -g -o before work.c && gcc -O1 -g -DAFTER -o after work.c

$ hone profile -q -F 1997 --repeat 5 --label before -- ./before 2000
Target: +\./before 2000 (re)
Label: +before (re)
...
Run +Samples +Complete +Lost +Window +Noise (re)
...
 *5 +[0-9]+ .* (re)

Compare with: hone profile --diff before OTHER

$ hone profile -q -F 1997 --repeat 5 --label after -- ./after 2000 >/dev/null

$ hone profile --diff before after --html diff.html
Profile diff
------------
Verdict: +FAIL (re)
...
before +before +5 .* (re)
after +after +5 .* (re)

Functions, by their own time:
...
escape +0 % .* NEW (re)
...
escape_old .* +0 % .* VANISHED (re)
...
Paths that changed .* (re)
...
Profiles are the samples: max-T permutation test .* (re)
...

# Both flame graphs are in the page, which fetches nothing.
$ python3 -c '
> page = open("diff.html", encoding="utf-8").read()
> print(page.count("class=\"hone-flame\""), "src=\"http" in page, "% after: NEW" in page, "after: VANISHED" in page)'
2 False True True

$ hone profile --diff before after --fail >/dev/null
[1]

# A program against itself does not grow; how sure that is depends on the machine.
$ hone profile --diff before before --fail | head -n 5 | tail -n 3
Verdict: +(PASS|INCONCLUSIVE) (re)
Judged by: +growth beyond 2 points (re)
Compared: +share of each profile's own total (re)

$ hone profile --diff before after --json | python3 -c '
> import json, sys
> d = json.load(sys.stdin)["profile_diff"]
> row = [r for r in d["functions"] if r["name"] == "escape"][0]
> print(d["verdict"], d["runs_are_samples"], row["class"], row["answer"], row["before"]["value"])
> print(d["path_chains"][d["paths"].index([r for r in d["paths"] if r["name"].endswith("> escape")][0])][-2:])'
FAIL True NEW GREW 0
['main', 'escape']

$ hone profile --diff before after --markdown | grep -c '| NEW |'
[1-9][0-9]* (re)

# By time: the caller of both does more.
$ hone profile --diff before after --by time --json | python3 -c '
> import json, sys
> print(json.load(sys.stdin)["profile_diff"]["basis"])'
cost per second, as a share of all it was before

# Single profiles: the samples within them, and it says so.
$ hone profile --diff 1 6
...
Caveat: Fewer than 4 profiles a side: .* (re)
...

# What cannot be compared.
$ hone profile --diff before
hone: --diff compares two sides: hone profile --diff A B
...
[2]

$ hone profile --diff before nothing
hone: there is no run labelled 'nothing' in '.hone/hone.db'
[2]

$ hone profile --diff before after --by request
hone: run 1 has no load run of its group that counted requests (while comparing profiles)
...
[2]

$ hone profile --diff before after --by colour
hone: --by WHAT: 'colour' is not one of share, time, request
...
[2]

$ hone profile --fail -- true
hone: --html and --fail belong to --diff
...
[2]

$ hone profile --repeat 2 --flame out.svg -- true
hone: --flame and --collapsed are of one profile, not of --repeat; hone show makes them of a stored run
...
[2]

# A service under load: the load run of the same group counts the requests.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done
$ for label in one two; do hone diagnose -q http://127.0.0.1:$(cat port)/ -d 2s --label $label >/dev/null; done
$ kill $(cat pid)
$ hone profile --diff one two --by request --json | python3 -c '
> import json, sys
> d = json.load(sys.stdin)["profile_diff"]
> print(d["basis"], d["sides"][0]["cost"]["unit"], d["sides"][0]["cost"]["value"] > 1000)'
cost per request, as a share of all it was before ns True
