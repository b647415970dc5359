# Completion comes from the same tables as help.
$ hone completion bash | bash -n

$ hone completion bash >c; bash -c '. ./c; COMP_WORDS=(hone dia); COMP_CWORD=1; _hone; echo "${COMPREPLY[@]}"'
diagnose

$ bash -c '. ./c; COMP_WORDS=(hone load --dur); COMP_CWORD=2; _hone; echo "${COMPREPLY[@]}"'
--duration

$ hone completion zsh | head -n 1
.compdef hone (re)

$ hone completion fish | grep -c 'use_subcommand -a'
20

$ hone completion tcsh
hone: no completion for 'tcsh': bash, zsh or fish
[2]

$ hone completion
hone: hone completion needs bash|zsh|fish
  hint: hone completion --help explains it
[2]
