#!/usr/bin/env python3
"""Writes what `k6 run --out json` writes, for bench/import.sh: k6_json.py MEGABYTES >FILE"""
import json
import random
import sys

METRICS = [("http_reqs", "counter", "default"), ("http_req_duration", "trend", "time"),
           ("http_req_blocked", "trend", "time"), ("http_req_connecting", "trend", "time"),
           ("http_req_tls_handshaking", "trend", "time"), ("http_req_sending", "trend", "time"),
           ("http_req_waiting", "trend", "time"), ("http_req_receiving", "trend", "time"),
           ("http_req_failed", "rate", "default"), ("data_sent", "counter", "data"),
           ("data_received", "counter", "data"), ("iteration_duration", "trend", "time"),
           ("iterations", "counter", "default")]
PATHS = ["", "api/products", "api/orders/17", "api/catalog?page=2"]


def value_of(name, kind, rng):
    if name == "http_req_failed" or name == "http_req_connecting":
        return 0
    return round(rng.lognormvariate(1, 1), 6) if kind == "trend" else rng.randrange(1, 500)


def main():
    rng, left, moment = random.Random(1), float(sys.argv[1]) * 1e6, 0
    declared = set()
    while left > 0:
        moment += rng.randrange(1, 2000000)
        url = "http://127.0.0.1:8080/" + rng.choice(PATHS)
        tags = {"expected_response": "true", "group": "", "method": "GET", "name": url,
                "proto": "HTTP/1.1", "scenario": "default", "status": "200", "url": url}
        seconds, ns = divmod(moment, 1000000000)
        when = "2026-01-02T%02d:%02d:%02d.%09d+01:00" % (3 + seconds // 3600, seconds // 60 % 60,
                                                         seconds % 60, ns)
        for name, kind, contains in METRICS:
            lines = []
            if name not in declared:
                declared.add(name)
                lines.append({"type": "Metric", "data": {
                    "name": name, "type": kind, "contains": contains, "thresholds": [],
                    "submetrics": None}, "metric": name})
            lines.append({"metric": name, "type": "Point", "data": {
                "time": when, "value": value_of(name, kind, rng),
                "tags": tags if name.startswith("http") else {"group": "", "scenario": "default"}}})
            for line in lines:
                text = json.dumps(line, separators=(",", ":"))
                sys.stdout.write(text + "\n")
                left -= len(text) + 1


main()
