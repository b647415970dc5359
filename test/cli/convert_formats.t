# One profile through every format that is written, and back.
$ printf 'main 10\nmain;work 30\nmain;work;"deep";x 2\n' >s.txt
$ for f in pprof speedscope firefox chrome-trace callgrind; do hone convert --to $f -o out.$f s.txt && hone convert -q out.$f | cmp - s.txt || echo $f; done

# What callgrind cannot keep is said.
$ hone convert out.callgrind >/dev/null
hone: out.callgrind: callgrind keeps calls, not stacks: a function's cost is shared among its callers by what each spent in it

# Values of one file: the shown one, or another.
$ printf 'heap profile: 1: 64 [3: 192] @ heapprofile\n1: 64 [3: 192] @ 0x11 0x21\n' >heap.txt
$ hone convert heap.txt; hone convert --value alloc_objects heap.txt
0x20;0x10 64
0x20;0x10 3
$ hone convert --to pprof heap.txt | hone convert --value 2 -
0x20;0x10 192

# What is broken is named with its place.
$ printf '{"nodes":[{"id":1}],\n"samples":[1 1],"timeDeltas":[]}' >broken.cpuprofile; hone convert broken.cpuprofile
hone: broken.cpuprofile:2:14: expected ',' or ']', found '1'
[2]
$ printf '[{"ph":"X","name":"a","ts":1,"dur":2,"pid":1,"tid":1},{"ph":"X","na' | hone convert -
hone: standard input: it ends early, after byte 53: read to there
a 2000
