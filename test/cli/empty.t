# Before anything was measured, every command says so and what to do.
$ hone runs
hone: there is no store at '.hone/hone.db'
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

$ hone show
hone: there is no store at '.hone/hone.db'
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

$ hone compare 1 2
hone: there is no store at '.hone/hone.db'
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

$ hone report
hone: there is no store at '.hone/hone.db'
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

$ hone gate
hone: no budget file: neither performance-budget.json nor .github/performance-budgets.yaml is in '.'
  hint: write one with hone init, or name it with --budget FILE
[2]

$ hone compare 1
hone: hone compare needs RUNS RUNS
  hint: hone compare --help explains it
[2]

$ hone loop
hone: no hone.yaml here or above, and the loop needs one
  hint: write one with: hone init
[2]

# Reading makes no store.
$ ls -A

# A store without runs.
$ : >empty.db && hone runs --store empty.db
hone: 'empty.db' holds no runs yet
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]
