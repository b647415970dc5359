"""The shop for end-to-end tests: a private copy in its own git repository, built and served."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HONE = os.path.join(ROOT, "build", "hone")
PATHS = ["/api/products?category=7", "/api/orders/17", "/api/duplicates?first=1&count=1500",
         "/api/catalog"]
FLAWS = {  # fix that removes it -> functions that may be named, request that meets it
    "1-index-category.patch": ({"products_by_category"}, PATHS[0]),
    "2-join-order-lines.patch": ({"order_lines", "line_write"}, PATHS[1]),
    "3-hash-duplicates.patch": ({"names_count_duplicates"}, PATHS[2]),
    "4-serialise-once.patch": ({"catalog_show", "catalog_version", "catalog_serialize",
                                "item_write"}, PATHS[3]),
}


def run(*argv, **kw):
    kw.setdefault("check", True)
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)


class Shop:
    """A copy of examples/shop with some patches applied; use in a with statement."""

    def __init__(self, patches=()):
        self.dir = tempfile.mkdtemp(prefix="hone-shop-")
        source = os.path.join(ROOT, "examples", "shop")
        for name in ("src", "test", "fixes", "Makefile", "hone.yaml", "performance-budget.json",
                     ".gitignore"):
            path = os.path.join(source, name)
            copy = shutil.copytree if os.path.isdir(path) else shutil.copy
            copy(path, os.path.join(self.dir, name))
        for patch in patches:
            run("git", "apply", os.path.join("fixes", patch), cwd=self.dir)
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def commit(self):
        run("git", "init", "-q", ".", cwd=self.dir)
        run("git", "add", "-A", cwd=self.dir)
        run("git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "base",
            cwd=self.dir)

    def start(self):
        run("make", "-s", cwd=self.dir)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen(["./shop", "--port", str(self.port)], cwd=self.dir,
                                        stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url("/health"), timeout=5).read()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the shop did not start")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def hone(self, *argv, **kw):
        """Runs hone in the shop's folder; the parsed JSON and the exit status."""
        done = subprocess.run([HONE, *argv, "--json"], cwd=self.dir, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **kw)
        try:
            return json.loads(done.stdout), done.returncode
        except ValueError:
            raise SystemExit("hone %s: exit status %d\n%s\n%s" % (
                " ".join(argv), done.returncode, done.stdout.decode(), done.stderr.decode()))


def tap(ok, name, detail=""):
    if not ok and detail:
        print("# " + str(detail).replace("\n", "\n# "))
    print("%s %s" % ("ok" if ok else "not ok", name), flush=True)
