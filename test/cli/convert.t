# Profiles from one format to another, and flame graphs of them.
$ printf 'my prog 10/11 [000] 5.0:   7 cycles:u: \n\t 1 leaf+0x2 (/bin/x)\n\t 2 [unknown] (/lib/libc.so.6)\n\nmy prog 10/12 [000] 5.2:   5 cycles:u: \n\t 9 leaf+0x8 (/bin/x)\n\t 2 read+0x1 ([kernel.kallsyms])\n\n' >perf.txt

$ hone convert perf.txt
my_prog;[libc.so.6];leaf 7
my_prog;read;leaf 5

$ hone convert --tid --all --addrs perf.txt
my_prog-10/11;[libc.so.6 <2>];leaf 7
my_prog-10/12;read_[k];leaf 5

$ hone convert --samples - <perf.txt
my_prog;[libc.so.6];leaf 1
my_prog;read;leaf 1

$ gzip -k perf.txt && hone convert perf.txt.gz --to collapsed -o stacks.txt && hone convert perf.txt | cmp - stacks.txt

# Two events: the first, and a word about the other; or the one that is asked for.
$ printf 'a1 1 1.0: 3 cycles: \n\t1 f (/x)\n\na1 1 2.0: 4 faults: \n\t1 g (/x)\n\n' >two.txt; hone convert two.txt
hone: two.txt: only samples of cycles are read; 1 of other events (faults) are not
a1;f 3

$ hone convert --event-filter faults two.txt
a1;g 4

$ hone convert two.txt --event-filter misses
hone: two.txt: no samples of misses in it
[2]

# Any line end, UTF-16, comments; a second count on every line is another side.
$ printf '\377\376a\0;\0b\0 \0002\0\r\0\n\0' | hone convert -
a;b 2
$ printf '# note\na;b 2\nno count\n' | hone convert -
hone: standard input: line 3: no count at the end: no count
a;b 2
$ printf 'a;b 5 7\na;c 0 2\n' >sides.txt; hone convert sides.txt; hone convert sides.txt --value before
a;b 5 7
a;c 0 2
a;b 5
$ hone convert sides.txt --value other
hone: there is no 'other' among what it holds
  hint: it holds: before, after
[2]

# What is wrong is named.
$ hone convert
hone: which profile? Name a file, a run, or - for input
[2]
$ hone convert --to colapsed perf.txt
hone: there is no format 'colapsed' to write
  hint: did you mean 'collapsed'?
[2]
$ hone convert --from perf perf.txt
hone: there is no format 'perf' to read
  hint: did you mean 'perf-script'?
[2]
$ hone convert nothing.txt
hone: 'nothing.txt' is no file, and no stored run
  hint: hone runs lists the runs
[2]
$ hone convert ./nothing.txt
hone: cannot open './nothing.txt': No such file or directory
[3]
$ echo hello | hone convert -
hone: standard input: in no profile format that is known here
  hint: say which: --from FORMAT; hone convert --list-formats lists them
[2]
$ head -c 40 perf.txt.gz >torn.gz; hone convert torn.gz
hone: torn.gz: byte 40: damaged gzip: it ends early
[2]

$ hone convert --list-formats | grep -cE '^(collapsed|perf-script|svg) '
4
$ hone convert --list-formats --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["kind"], {"name":"svg"}["name"] in [w["name"] for w in d["written"]])'
formats True

# A stored run is as good as a file.
$ cat >burn.sh <<'X'
> i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done
> X
$ hone profile -q -F 997 -- sh burn.sh >/dev/null; hone convert --samples last:profile >run.txt; hone show last:profile --collapsed - | cmp - run.txt

$ hone flame last:profile -o run.svg && python3 -c 'import xml.dom.minidom as x; x.parse("run.svg")'
