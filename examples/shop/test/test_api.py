"""What the shop must answer, whatever is done to make it fast: test_api.py SHOP DATABASE.

Starts the service on a free port, asks every kind of request, compares with what plain SQL over
the same database says. Exit status 0: all true.
"""
import http.client
import json
import socket
import sqlite3
import subprocess
import sys
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Shop:
    def __init__(self, program, database):
        self.port = free_port()
        self.process = subprocess.Popen([program, "--db", database, "--port", str(self.port)],
                                        stdout=subprocess.DEVNULL)

    def get(self, path):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        c.request("GET", path)
        r = c.getresponse()
        body = r.read()
        c.close()
        return r.status, json.loads(body)

    def wait(self):
        for _ in range(200):
            try:
                return self.get("/health")
            except OSError:
                time.sleep(0.05)
        sys.exit("the shop did not start")


def check(what, got, expected):
    if got != expected:
        sys.exit("%s:\n  got      %s\n  expected %s" % (what, str(got)[:300], str(expected)[:300]))


def check_products(shop, db):
    for category in (0, 7, 42, 99, 100):
        rows = db.execute("SELECT id, name, price_cents FROM products WHERE category = ?"
                          " ORDER BY price_cents, id LIMIT 20", (category,)).fetchall()
        expected = [{"id": i, "name": n, "price_cents": p} for i, n, p in rows]
        check("products of %d" % category, shop.get("/api/products?category=%d" % category),
              (200, expected))


def check_orders(shop, db):
    for order in (1, 17, 33, 49, 399, 400, 17):
        rows = db.execute("SELECT p.name, l.quantity, p.price_cents * l.quantity FROM order_lines l"
                          " JOIN products p ON p.id = l.product_id WHERE l.order_id = ?"
                          " ORDER BY l.line", (order,)).fetchall()
        expected = {"customer": "Customer %d" % order,
                    "lines": [{"product": n, "quantity": q, "cost_cents": c} for n, q, c in rows],
                    "total_cents": sum(c for _, _, c in rows)}
        check("order %d" % order, shop.get("/api/orders/%d" % order), (200, expected))
    check("an order that is not there", shop.get("/api/orders/999999")[0], 404)


def check_duplicates(shop, db):
    for first, count in ((1, 1500), (20000, 700), (99990, 50), (1, 5000), (5, 1)):
        names = [n for n, in db.execute("SELECT name FROM products WHERE id >= ? AND id < ?",
                                        (first, first + count))]
        expected = {"checked": len(names), "duplicates": len(names) - len(set(names))}
        check("duplicates from %d" % first,
              shop.get("/api/duplicates?first=%d&count=%d" % (first, count)), (200, expected))


def check_catalog(shop, db):
    rows = db.execute("SELECT id, name, price_cents, description FROM products"
                      " ORDER BY id LIMIT 1500").fetchall()
    expected = [{"id": i, "name": n, "price_cents": p, "description": d} for i, n, p, d in rows]
    status, first = shop.get("/api/catalog")
    check("catalogue", (status, first["items"]), (200, expected))
    check("catalogue version", shop.get("/api/catalog")[1]["version"], first["version"])


def main():
    shop = Shop(sys.argv[1], sys.argv[2])
    try:
        shop.wait()
        db = sqlite3.connect("file:%s?mode=ro" % sys.argv[2], uri=True)
        for part in (check_products, check_orders, check_duplicates, check_catalog):
            part(shop, db)
    finally:
        shop.process.terminate()
        shop.process.wait()
    print("4 parts hold")


main()
