"""A small server for transcripts: writes its port to the file `port` and serves until it is killed.

GET / answers 200, /slow the same after 20 ms, /delay after as many seconds as the file `delay` says,
/broken 500, everything else 404. The first request
makes the file `asked`. It ends by itself after 100 s, so that a transcript that fails half way leaves nothing behind.
"""
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if not os.path.exists("asked"):
            open("asked", "w", encoding="ascii").close()
        if self.path == "/slow":
            time.sleep(0.02)
        if self.path == "/delay":
            time.sleep(float(open("delay", encoding="ascii").read()))
        body = b"hello\n"
        self.send_response({"/": 200, "/slow": 200, "/delay": 200, "/broken": 500}.get(self.path, 404))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open("port.new", "w", encoding="ascii") as f:
    f.write(str(server.server_address[1]))
os.rename("port.new", "port")
threading.Timer(100, os._exit, [0]).start()
server.serve_forever()
