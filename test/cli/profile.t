# Profiles of a command that burns CPU: table, collapsed stacks, flame graph.
$ cat >burn.sh <<'X'
> i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done
> X
$ hone profile -q -F 997 -- sh burn.sh
Run: +1 (re)
Target: +sh burn\.sh (re)
...
Samples: +[1-9][0-9]* (re)
...
Rate: +997/s (re)
...
Top Time Consumers:
...
Flame graph
...
Hot paths
...
Examined:
- profile: CPU time of user code.* (re)
...
Not examined:
- profile: time spent waiting (off-CPU)

# "-" is standard output, and then there is nothing else on it.
$ hone profile -q --no-save --collapsed - -- sh burn.sh >stacks; grep -vcE '^sh;.+ [0-9]+$' stacks
0
[1]

$ hone profile -q --flame flame.svg --collapsed stacks.txt --json -- sh burn.sh | python3 -m json.tool >/dev/null

$ head -c 5 flame.svg; python3 -c 'import xml.dom.minidom as x; x.parse("flame.svg")'; grep -c . stacks.txt
<svg [1-9][0-9]* (re)

# The stored run gives the same stacks again.
$ hone show last:profile --collapsed - >again.txt && cmp stacks.txt again.txt

$ hone show last:profile --flame - | head -c 5
<svg 

# No sample is exit status 3, and says what happened to the command.
$ hone profile -q --no-save -- false
...
not measured: there are no samples
...
- profile: no samples: the target did not run on a CPU
- profile: the command ended with exit status 1
...
[3]

$ hone profile --no-save -- ./no-such-program
hone: cannot run .*no-such-program.* (re)
...
[3]

$ hone profile 999999999
hone: there is no process 999999999
  hint: list processes with: ps -ef
[2]
