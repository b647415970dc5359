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

# Job files for CI: written once, read by their systems' own language.
$ hone init --ci github | head -n 4 | tail -n 1
- .github/workflows/performance.yml written

$ hone init --ci github | head -n 4 | tail -n 1
- .github/workflows/performance.yml is there already, left as it is

$ hone init --ci gitlab | grep -F .gitlab
- .gitlab/performance.gitlab-ci.yml written
- .gitlab-ci.yml written

$ echo 'mine: {}' >.gitlab-ci.yml; hone init --ci gitlab --force | grep -F .gitlab; cat .gitlab-ci.yml
- .gitlab/performance.gitlab-ci.yml written
- add to .gitlab-ci.yml: include: [{ local: .gitlab/performance.gitlab-ci.yml }]
mine: {}

$ grep -A 1 'rules:' .gitlab/performance.gitlab-ci.yml
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"

# The shell of the jobs is shell: each script is taken out and looked at by sh -n.
$ python3 - <<'X'
> import re, subprocess
> for path in (".github/workflows/performance.yml", ".gitlab/performance.gitlab-ci.yml"):
>     lines = open(path).read().split("\n")
>     scripts = 0
>     for i, line in enumerate(lines):
>         if not re.search(r"(run: \||^ +- \|)$", line):
>             continue
>         indent = len(lines[i + 1]) - len(lines[i + 1].lstrip())
>         body = []
>         for text in lines[i + 1:]:
>             if text.strip() and len(text) - len(text.lstrip()) < indent:
>                 break
>             body.append(text[indent:])
>         scripts += subprocess.run(["sh", "-n"], input="\n".join(body), text=True).returncode == 0
>     print(path, scripts)
> X
.github/workflows/performance.yml 3
.gitlab/performance.gitlab-ci.yml 3

$ hone init --ci jenkins
hone: --ci SYSTEM: 'jenkins' is not one of none, github, gitlab
[2]

$ hone init --json --force
\{"kind":"init",.*\} (re)

$ rm -rf .hone hone.yaml && mkdir hone.yaml && hone init --force
hone: .*hone\.yaml.* (re)
...
\[[23]\] (re)
