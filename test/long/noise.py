"""A machine that is not quiet: a busy loop on one of its CPUs that comes and goes."""
import os
import random
import subprocess
import sys
import threading


class Noise:
    """A busy loop on the last CPU, on and off for random times; use in a with statement."""

    def __init__(self, on):
        self.on, self.over = on, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        if self.on:
            self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        if self.on:
            self.thread.join()

    def run(self):
        draw = random.Random(1)
        last = max(os.sched_getaffinity(0))
        while not self.over.is_set():
            busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            os.sched_setaffinity(busy.pid, {last})
            self.over.wait(draw.uniform(0.5, 4))
            busy.kill()
            busy.wait()
            self.over.wait(draw.uniform(0.5, 4))
