# Where runs are kept, which run is meant, and stores that are damaged.
$ hone load -q http://127.0.0.1:1/ -d 100ms -w 0s --label one >/dev/null; ls .hone
...
hone.db
...

$ hone --store a.db load -q http://127.0.0.1:1/ -d 100ms -w 0s >/dev/null; hone load -q http://127.0.0.1:1/ -d 100ms -w 0s --store=a.db >/dev/null
[3]
$ hone --store a.db runs --json >before; hone runs --json --store a.db >after; cmp before after; HONE_STORE=a.db hone runs --json | cmp - before
$ python3 -c 'import json; print([r["id"] for r in json.load(open("before"))["runs"]])'
[2, 1]

$ hone runs
Run +When \(UTC\) +What +Target +Window +Label +Noise (re)
...
 +1 +[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z +load +http://127\.0\.0\.1:1/ +100 ms +one +.* (re)

$ hone runs -n 1 --store a.db | tail -n 1 | cut -c 1-3
  2

$ for run in 1 last one last:load; do hone show $run | head -n 1; done
Run: +1 (re)
Run: +1 (re)
Run: +1 (re)
Run: +1 (re)

$ hone show last~7
hone: there .*last~7.* (re)
...
[2]

$ hone show two
hone: there is no run labelled 'two' in '.hone/hone.db'
[2]

$ hone show 1 --flame x.svg
hone: run 1 holds no profile
[2]

# A file that is none of ours, one that ends early, one byte that is wrong, a folder.
$ head -c 100000 /dev/urandom >bad.db; hone runs --store bad.db
hone: cannot read 'bad.db': file is not a database
  hint: it is damaged, or was never a store of hone
[3]

$ cp a.db torn.db; truncate -s 20000 torn.db; hone runs --store torn.db
hone: cannot read 'torn.db': .* (re)
  hint: restore the file from a copy, or move it away
[3]

$ python3 -c '
> import sqlite3
> db = sqlite3.connect("other.db"); db.execute("create table t (x)"); db.commit()'
$ hone runs --store other.db
hone: .*other\.db.* (re)
...
\[[23]\] (re)

$ mkdir folder.db; hone runs --store folder.db
hone: cannot open 'folder.db': .* (re)
...
[3]

# Damage inside is found: every table's content has its check.
$ python3 - <<'X'
> import sqlite3
> db = sqlite3.connect("a.db")
> for (trigger,) in db.execute("select name from sqlite_master where type='trigger'").fetchall():
>     db.execute("drop trigger " + trigger)
> name = [r[0] for r in db.execute("select name from sqlite_master where type='table'") if "blob" in r[0]][0]
> column = [r[1] for r in db.execute("pragma table_info(%s)" % name) if r[2].upper() == "BLOB"][-1]
> for rowid, data in list(db.execute("select rowid, %s from %s" % (column, name))):
>     db.execute("update %s set %s = ? where rowid = ?" % (name, column), (data[:-1] + bytes([data[-1] ^ 1]), rowid))
> db.commit()
> X
$ hone doctor --store a.db >/dev/null
hone: .*a\.db.* (re)
...
[3]
