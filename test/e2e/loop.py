"""hone loop on the shop: real fixes are kept, traps are not; killed, it goes on where it was."""
import glob
import os
import re
import signal
import subprocess
import time

from shop import HONE, Shop, run, tap

EXPECTED = {
    "1-index-category.patch": "kept",
    "2-join-order-lines.patch": "kept",
    "3-hash-duplicates.patch": "kept",
    "4-serialise-once.patch": "kept",
    "5-rename-only.patch": "rejected: no change that could be measured",
    "6-frugal-buffers.patch": "rejected: slower",
    "7-cache-orders.patch": "rejected: tests fail",
}


def journal_lines(shop):
    try:
        with open(os.path.join(shop.dir, ".hone/loop/journal"), "rb") as f:
            return f.read().count(b"\n")
    except OSError:
        return 0


def killed_after(shop, argv, records):
    """Starts the loop and kills it, with all it started, once the journal has so many records."""
    p = subprocess.Popen([HONE, *argv], cwd=shop.dir, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    while p.poll() is None and journal_lines(shop) < records:
        time.sleep(0.05)
    alive = p.poll() is None
    p.send_signal(signal.SIGKILL)
    p.wait()
    time.sleep(2)
    return alive


def left_behind(shop):
    """Processes that still work in the shop's folder, or did in one that is gone."""
    left = []
    for link in glob.glob("/proc/[0-9]*/cwd"):
        try:
            if os.readlink(link).startswith(shop.dir):
                left.append(link)
        except OSError:
            pass
    return left


def all_candidates(shop):
    patches = sorted(os.path.join("fixes", os.path.basename(p))
                     for p in glob.glob(os.path.join(shop.dir, "fixes", "*.patch")))
    argv = ["loop", "--candidates", *patches]
    tap(killed_after(shop, argv, 4), "loop was killed after its second candidate was begun")
    tap(not left_behind(shop), "the killed loop left no process", left_behind(shop))
    result, status = shop.hone(*argv)
    tap(status == 0, "loop ends well after it was killed", result)
    outcomes = {row["candidate"]: row["outcome"] for row in result["outcomes"]}
    for name, expected in EXPECTED.items():
        tap(outcomes.get(name) == expected, "loop: %s is %s" % (name, expected),
            [row for row in result["outcomes"] if row["candidate"] == name])
    tap(result["kept"] == 4, "loop keeps the four fixes")
    return result


def result_holds(shop, result):
    log = run("git", "log", "--format=%s", result["branch"], cwd=shop.dir).stdout.decode()
    tap(log.count("hone loop candidate") == 4, "the branch holds the four kept commits", log)
    tap(run("git", "status", "--porcelain", "--untracked-files=no",
            cwd=shop.dir).stdout == b"", "the working tree is untouched")
    tap(not glob.glob(os.path.join(shop.dir, ".hone/loop/[AB]")), "the worktrees are gone")
    page = open(result["report"], encoding="utf-8").read()
    fetched = re.findall(r"(?:src|href)=[\"'](?!#|data:)[^\"']*", page)
    tap("<svg" in page and not fetched,
        "the report is one page with pictures that fetches nothing", fetched)
    tap(shop.hone("gate", "after")[1] == 0, "the budgets hold afterwards")
    left = left_behind(shop)
    tap(not left, "no process is left behind", left)


with Shop() as shop:
    shop.commit()
    result_holds(shop, all_candidates(shop))
