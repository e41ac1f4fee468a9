"""A worker in which the n-th allocation of one request fails (support/allocations.c)."""

import contextlib
import os
import struct
import subprocess

from . import fcgi
from .process import give

SHARED = "=IIII"  # with allocations.c: armed, wanted, counted, failed


class Allocations:
    def __init__(self, site):
        self.site = site
        self.library = site.path("bin", "allocations.so")
        self.file = site.path("allocations")
        source = os.path.join(os.path.dirname(__file__), "allocations.c")
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-g", "-shared", "-fPIC", "-o", self.library, source],
                       check=True)
        self.put(0, 0)
        give(self.file)
        self.counted = self.failed = 0

    def start(self, **options):
        self.site.start(wrapper=("env", f"LD_PRELOAD={self.library}", f"PINTLE_ALLOCATIONS={self.file}"), **options)

    def put(self, armed, wanted):
        # In place: the worker has it mapped.
        mode = "r+b" if os.path.exists(self.file) else "w+b"
        with open(self.file, mode) as shared:
            if mode == "w+b":
                shared.write(bytes(struct.calcsize(SHARED)))
                shared.seek(0)
            shared.write(struct.pack("=II", 0, wanted))
            if armed:
                shared.write(bytes(8))
                shared.flush()
                shared.seek(0)
                shared.write(struct.pack("=I", 1))

    @contextlib.contextmanager
    def failing(self, number):
        """A request in here fails at that allocation; then .counted says how many there were."""
        self.put(1, number)
        try:
            yield
        finally:
            with open(self.file, "r+b") as shared:
                shared.write(struct.pack("=I", 0))
                shared.seek(0)
                _, _, self.counted, self.failed = struct.unpack(SHARED, shared.read())

    def ask(self, browser, number, act):
        """The answer of a request in which that allocation fails; None if the worker left."""
        with self.failing(number):
            try:
                return act(browser)
            except (fcgi.Broken, ConnectionError):
                return None
