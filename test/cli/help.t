# What explains the program, and what it says to words it does not know.
$ hone --version
hone [0-9]+\.[0-9]+\.[0-9]+ (re)

$ hone
hone finds what makes a system slow, proves it, and proves the fix.

Usage: hone COMMAND [OPTIONS] [ARGUMENTS]

The main job
  diagnose    find what makes a running service slow
  loop        try candidate changes; keep only what is proven faster

Measure
  load        send HTTP requests and measure latency and throughput
  profile     sample stacks and show where CPU time goes
  system      watch a process tree and its machine
  bench       measure commands side by side
  import      read the results of other benchmark and load tools

Judge
  ab          measure two commands, revisions or services against each other
  compare     say whether the second is faster, slower, the same or unknown
  gate        judge runs by budgets, a base, their history and SLOs
  history     show where a metric changed over commits, and who did it

Evidence
  report      write a report of runs, with pictures as HTML
  runs        list stored runs
  show        show a stored run
  flame       draw a flame graph of any profile, or of the change between two
  convert     turn a profile of any tool into another format

Help
  doctor      check what can be measured here, and why not
  init        write hone.yaml, a budget file and a CI job to start from
  help        list the commands, or explain one
  completion  print shell completion

hone COMMAND --help explains one. Start with: hone diagnose URL

$ hone help >a; hone --help >b; hone >c; cmp a b && cmp b c

$ hone load --help >a; hone help load >b; cmp a b; head -n 3 a
hone load: send HTTP requests and measure latency and throughput

Usage: hone load [OPTIONS] URL...

# Every command explains itself within 80 columns.
$ for c in diagnose loop load profile convert flame system bench ab import compare gate history report runs show doctor init help completion
> do hone $c --help | awk -v c=$c 'NR == 1 && index($0, "hone " c ": ") != 1 { print c ": " $0 }
>                                 length > 80 { print c ": " $0 }'
> done

$ hone foo
hone: there is no command 'foo'
  hint: hone help lists the commands
[2]

$ hone lod
hone: there is no command 'lod'
  hint: did you mean 'hone load'?
[2]

$ hone diag
hone: there is no command 'diag'
  hint: did you mean 'hone diagnose'?
[2]

$ hone help profil
hone: there is no command 'profil'
  hint: did you mean 'hone profile'?
[2]

$ hone load
hone: hone load needs URL...
  hint: hone load --help explains it
[2]

$ hone runs extra
hone: hone runs takes only options
  hint: hone runs --help explains it
[2]

$ hone load --durration 3s http://127.0.0.1/
hone: unknown option '--durration'
  hint: did you mean --duration?
[2]

$ hone load --duration --rate 5 http://127.0.0.1/
hone: --duration needs a value: --duration TIME
[2]

$ hone load -d soon http://127.0.0.1/
hone: --duration TIME: 'soon' is not a time; expected a number first, as in 10s, 250ms or 1m30s
[2]

$ hone load -c 0 http://127.0.0.1/
hone: --connections N: .* (re)
...
[2]

$ hone --colour always
hone: unknown option '--colour'
  hint: did you mean --color?
[2]

# The man page is roff that a formatter takes without a complaint.
$ hone help --man | head -n 1
\.TH HONE 1 .* (re)

$ hone help --man | grep -c '^\.SS hone '
20

# The pages of the manual say what the program does.
$ hone help --check $ROOT/docs

$ mkdir pages && cp $ROOT/docs/*.md pages && sed -i 's/--connections/--connection/' pages/load.md && hone help --check pages
hone: pages/load.md does not say what 'hone load' does
  hint: run: hone help --update pages
[2]

$ hone help --update pages && hone help --check pages && cmp pages/load.md $ROOT/docs/load.md

$ rm pages/gate.md && hone help --check pages
hone: cannot open 'pages/gate.md': No such file or directory
  hint: every command has a page of documentation
[3]

# An output that cannot be written is not a success.
$ hone help >/dev/full
...
\[[1-9][0-9]*\] (re)
