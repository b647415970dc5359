# init writes files to start from, and leaves alone what is there.
$ hone init
- hone.yaml written
- performance-budget.json written
- .hone/.gitignore written

Next: say in hone.yaml how your service is built and started, then run: hone
diagnose URL

$ cat .hone/.gitignore
*

$ echo mine >performance-budget.json; hone init
- hone.yaml is there already, left as it is
- performance-budget.json is there already, left as it is
- .hone/.gitignore is there already, left as it is
...

$ cat performance-budget.json
mine

$ hone init --force | head -n 2
- hone.yaml written
- performance-budget.json written

# What it writes is read without a complaint, also from a folder below.
$ mkdir -p src/deep && cd src/deep && hone doctor | grep Configuration
Configuration: .*/hone\.yaml (re)

$ hone gate
hone: there is no store at '.*/\.hone/hone\.db' (re)
  hint: measure something first, for example: hone diagnose http://127.0.0.1:8080/
[2]

$ hone init --json --force
\{"kind":"init",.*\} (re)

$ rm -rf .hone hone.yaml && mkdir hone.yaml && hone init --force
hone: .*hone\.yaml.* (re)
...
\[[23]\] (re)
