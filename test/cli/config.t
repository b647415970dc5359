# hone.yaml that is torn or wrong: the line, and exit status 2, whichever command reads it.
$ printf 'project: x\nservice:\n  start: [a\nworkload' >hone.yaml; hone gate
hone: .*hone\.yaml:[0-9]+:[0-9]+: .* (re)
[2]

$ hone report
hone: .*hone\.yaml:[0-9]+:[0-9]+: .* (re)
[2]

$ hone loop x.patch
hone: .*hone\.yaml:[0-9]+:[0-9]+: .* (re)
[2]

# doctor shows what it can, then the trouble.
$ hone doctor
Instruments
...
hone: .*hone\.yaml:[0-9]+:[0-9]+: .* (re)
[2]

$ printf 'project: x\nservicee:\n  start: ./x\n' >hone.yaml; hone gate
hone: .*hone\.yaml:2:1: unknown key 'servicee' (re)
  hint: did you mean 'service'?
[2]

$ printf 'service:\n  build: make\n' >hone.yaml; hone gate
hone: .*hone\.yaml:.*start.* (re)
...
[2]

$ printf 'service:\n  start: ./x\nworkload:\n  window: long\n  requests: [{url: /}]\n' >hone.yaml; hone gate
hone: .*hone\.yaml:4:.* (re)
...
[2]

$ printf 'service:\n  start: ./x\nworkload:\n  requests: [{url: /}]\nloop: {pairs: 3}\n' >hone.yaml; hone gate
hone: .*hone\.yaml:5:.*6 to 1000 blocks.* (re)
...
[2]

$ printf 'project: x\n' >hone.yaml; hone loop --command true
hone: .*hone\.yaml: 'service' with 'start' is missing, and the loop needs it (re)
[2]

# So few pairs that no change could be significant are refused before anything is measured.
$ printf 'service: {start: ./x}\nworkload: {requests: [{url: /a}, {url: /b}]}\nloop: {pairs: 7, alpha: 0.01}\n' >hone.yaml; hone loop --command true
hone: .*hone\.yaml: with 2 requests and alpha 0.01, 7 pairs could not show any change (re)
  hint: under 'loop', set pairs: 10 or more
[2]

$ printf 'service: {start: ./x}\nworkload: {requests: [{url: /}]}\n' >hone.yaml; hone loop
hone: no candidates to try
  hint: for example: hone loop --candidates fixes/*.patch
[2]

$ hone loop missing.patch
hone: there is no patch 'missing.patch'
  hint: a change made by a command: --command 'CMD'
[2]

# The loop needs a git repository with a commit.
$ hone loop --command true
hone: .*git.* (re)
...
\[[23]\] (re)

$ printf '%0.sa: [' $(seq 20000) >hone.yaml; hone gate
hone: .*hone\.yaml:.* (re)
...
\[[23]\] (re)
