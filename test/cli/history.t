# One metric over commits: where it changed, who did it, and what is left out.
$ hone history
hone: there is no store at '.hone/hone.db'
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

# A repository of forty commits; the cost of sort changes with the 26th.
$ git init -q . && git config user.name Ana && git config user.email ana@example.org
$ for i in $(seq 1 40); do subject="step $i"; if [ $i = 26 ]; then subject=$(printf 'sort twice \033[31mred\033[0m'); fi; git commit -q --allow-empty -m "$subject"; done
$ printf '.hone/\n' >.gitignore; printf 'project: sort\n' >hone.yaml
$ hone load -q http://127.0.0.1:1/ -d 100ms -w 0s >/dev/null
[3]
$ git rev-list --reverse HEAD | awk '{ print $1, (NR < 26 ? 100e6 : 130e6) + (NR * 7919 % 13) * 1e5 }' >values
$ shuf --random-source=values values >shuffled; python3 $ROOT/test/cli/history_store.py .hone/hone.db time sort shuffled
$ git rev-list --reverse HEAD | awk '{ print $1, 500e6 + (NR * 104729 % 17) * 1e6 }' >flat; python3 $ROOT/test/cli/history_store.py .hone/hone.db time search flat
$ git rev-list -n 1 HEAD | awk '{ print $1, 5e9, "machine"; print $1, 5e9, "dirty"; print $1, 5e9, "partial"; print $1, 5e9, "unreliable" }' >odd; awk '{ print $1, 1e6 }' flat | head -n 1 >>odd; python3 $ROOT/test/cli/history_store.py .hone/hone.db time hash odd

# What changed comes first; what has too few points is counted.
$ hone history
Metric          Points  Changes  Newest      Change  Verdict
──────────────  ──────  ───────  ──────────  ──────  ─────────
time of sort        40        1  [0-9a-f]{10}   \+30 %  worse (re)
time of search      40        0  -                -  no change

time of sort:
[0-9]+ commits? after [0-9a-f]{10}, up to [0-9a-f]{10} (re)
...
[0-9]+ more have too few points for a change to be seen. (re)

Left out:
- 1 value of another machine
...

$ hone history time sort >out; head -n 7 out; grep -c '•' out
Metric:   time of sort (lower is better)
Measured: bench, ./sort
Machine:  aaaaaaaaaaaa
Points:   40, in the order of commits; 40 runs
Verdict:  worse

Values
[1-9]+ (re)

# The commits of the change; what their messages hold cannot reach the terminal.
$ hone history time sort | sed -n '/^Change 1/,$p'
Change 1:
[0-9]+ commits? after [0-9a-f]{10}, up to [0-9a-f]{10} (re)

Commit      Date        Author  Subject
...
[0-9a-f]{10}  [0-9-]{10}  Ana     sort twice \\x1b\[31mred\\x1b\[0m (re)
...

$ hone history time sort --json | python3 -c '
> import json, sys
> h = json.load(sys.stdin)["histories"][0]
> c = h["changes"][0]
> print(len(h["points"]), h["order"], h["fails"], c["quality"], c["state"], c["at"], any("sort twice" in x["subject"] for x in c["commits"]))'
40 commit True worse open 25 True

# Its verdict for CI, with and without a reviewed exception.
$ hone history time sort --fail >/dev/null
[1]
$ hone history time search --fail >/dev/null
$ hone history time hash --fail >/dev/null
[3]
$ hone history time sort --accept
hone: --accept needs --owner: who answers for it
[2]
$ hone history time sort --accept --owner ana@example.org
hone: --accept needs --reason: why, in a sentence
[2]
$ hone history time --accept --owner ana@example.org --reason 'on purpose'
hone: one metric of one subject can be spoken about at a time
  hint: name both: hone history METRIC SUBJECT --change COMMIT
[2]
$ hone history time search --accept --owner ana@example.org --reason 'on purpose'
hone: time has no change
[2]
$ hone history time sort --accept --change 9 --owner ana@example.org --reason 'on purpose'
hone: time has no change '9'
  hint: a change is named by its mark (1), its commit, or 'last'
[2]
$ hone history time sort --accept --owner ana@example.org --reason 'stable order: see issue 41' | head -n 2 | tr '\n' ' '
Accepted in /.*/performance-exceptions.yaml; have it reviewed and commit it\. + (re)
$ sed '1d; s/at: .*/at: .../' performance-exceptions.yaml
exceptions:
  - metric: time
    subject: "sort"
    action: accept
    at: ...
    owner: "ana@example.org"
    reason: "stable order: see issue 41"
$ hone history time sort --fail | grep -e Verdict: -e accepted
Verdict:  worse, accepted
...
1 is accepted by ana@example.org: stable order: see issue 41
$ hone history time sort --accept --owner ben@example.org --reason 'again' | head -n 1
It is accepted already, by ana@example.org.

# A suppression that has expired does nothing and is told.
$ printf 'exceptions:\n- metric: time\n  action: suppress\n  expires: 2020-01-01\n  owner: ana@example.org\n  reason: moving\n' >performance-exceptions.yaml
$ hone history time sort --fail >out; echo $?; tail -n 2 out
1
performance-exceptions.yaml:2: the exception of ana@example.org has expired and
does nothing
$ sed -i 's/2020/2499/' performance-exceptions.yaml; hone history time sort --fail | grep Verdict:
Verdict:  worse, suppressed
$ printf 'exceptions:\n- metric: tmie\n  action: suppress\n' >performance-exceptions.yaml; hone history time sort
hone: .*performance-exceptions.yaml:2:3: the key 'owner' is missing (re)
...
[2]
$ rm performance-exceptions.yaml

# A note weighs nothing and is shown.
$ hone history time sort --annotate 'the compiler was updated' | head -n 1
The note is kept in the store.
$ hone history time sort --annotate '  '
hone: a note needs words (while keeping a note)
[2]
$ hone history time sort --fail | grep Note
Note to 1: the compiler was updated

# What is left out is counted and named.
$ hone history time hash
Metric:   time of hash (lower is better)
Measured: bench, ./sort
Machine:  aaaaaaaaaaaa
Points:   1, in the order of commits; 5 runs
Verdict:  too few points

Left out:
- 1 run of another machine
- 1 run interrupted
- 1 run on a machine too busy to trust
- 1 run of a changed work tree
...
$ hone history time hash --machine bbb | grep -e Machine -e Points
Machine:  bbbbbbbbbbbb
Points:   1, in the order of commits; 5 runs
$ hone history time sort --since 2499-01-01
Nothing has enough points for a change to be seen.
$ hone history time sort --since 2499-01-01 --fail >/dev/null
[3]
$ hone history time sort --limit 30 | grep Points
Points:   30, in the order of commits; 30 runs

# Names that are not there.
$ hone history tiem
hone: there is no metric 'tiem'
  hint: did you mean 'time'?
[2]
$ hone history memory_peak
hone: no run has memory_peak
  hint: the store has .* (re)
[2]
$ hone history time srot
hone: no run has time of 'srot'
  hint: did you mean 'sort'?
[2]
$ hone history time sort --since soon
hone: --since: 'soon' is neither a date nor a length of time
  hint: write 2027-01-31, or 30d for the last thirty days
[2]

# Without git the order is that of time; the change is still found.
$ mkdir ../plain-$$ && cp -r .hone ../plain-$$/ && cd ../plain-$$ && hone history time search | sed -n '1p;6p'; rm -r "$PWD"
In the order of time: this is not a git repository.
Points:   40, in the order of time; 40 runs

# Pages are whole and well-formed.
$ hone history time sort --html page.html >/dev/null && xmllint --noout page.html && grep -c '<svg' page.html && grep -c 'https\?://[^w]' page.html
1
0
[1]

# Tables of other tools.
$ hone history --csv none.csv
hone: cannot open 'none.csv': No such file or directory
[3]
$ (echo 'time;commit;speed;note'; awk '{ printf "%d;%s;%s;x\n", 1700000000 + NR, $1, $2 }' values) >runs.csv; hone history --csv runs.csv --better higher | head -n 3
Metric  Points  Changes  Newest      Change  Verdict
──────  ──────  ───────  ──────────  ──────  ───────
speed       40        1  [0-9a-f]{10}   \+30 %  better (re)
$ hone history --csv runs.csv sped
hone: runs.csv has no column of numbers called 'sped'
  hint: did you mean 'speed'?
[2]
$ echo '1;2;three;4' >>runs.csv; hone history --csv runs.csv
hone: runs.csv:42: '1' in column 'time' is no time
[2]
$ hone history --csv runs.csv --label x
hone: --label chooses among runs of the store, and --csv has none
[2]
