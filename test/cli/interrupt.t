# Interrupted, hone keeps and shows what it has, says that it is partial, and ends with 130.
$ python3 $ROOT/test/cli/serve.py >/dev/null 2>&1 & echo $! >pid; until [ -s port ]; do sleep 0.05; done

$ cat >interrupt <<'X'
> "$@" & hone=$!
> until [ -e asked ]; do sleep 0.1; done
> sleep 1.5
> kill -INT $hone
> wait $hone
> X

$ bash -m ./interrupt hone load -q http://127.0.0.1:$(cat port)/ -c 2 -d 50s -w 100ms 2>/dev/null
...
Interrupted: these are the results until then.
...
  Total: [1-9][0-9,]* (re)
...
[130]

$ hone show last --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["run"]["duration"]["value"] < 40e9)'
True

$ bash -m ./interrupt hone system -q -d 50s >/dev/null 2>&1
[130]

$ hone runs --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["runs"]))'
2

$ kill $(cat pid)
