"""CGI runs of the worker in which the n-th write or sync goes wrong (support/faults.c)."""

import os
import struct
import subprocess

from . import fcgi
from .answer import Answer
from .process import unprivileged

KILLED = 137  # the status of a run that ended as by kill -9
NONE = "0 EIO"  # writes and syncs are counted from 1 on
SIZE = 8  # of what faults.c counts: writes, and whether the fault was met


class Broken(Exception):
    """A run gave no whole answer."""


class Run:
    """The result of a run: exit status, answer (None if none came whole), and how many chances."""

    def __init__(self, done, counted):
        self.status = done.returncode
        self.errors = done.stderr.decode("utf-8", "replace")
        self.answer = decode(done.stdout)
        self.writes, self.done = struct.unpack("=II", counted)

    def __repr__(self):
        return f"<exit {self.status}, {self.answer}, {self.errors[-2000:]}>"


def decode(text):
    head, end, body = text.partition(b"\r\n\r\n")
    lines = [line.partition(":") for line in head.decode("latin-1").split("\r\n")]
    headers = [(name, value.strip()) for name, _, value in lines]
    if not end or headers[0][0] != "Status":
        return None
    answer = Answer(int(headers[0][1].split()[0]), headers[1:], body)
    length = answer.header("Content-Length")
    return answer if length is None or int(length) == len(body) else None


class Faults:
    """Builds the library for a site's programs, and runs them with it."""

    def __init__(self, site):
        self.site = site
        self.library = site.path("bin", "faults.so")
        source = os.path.join(os.path.dirname(__file__), "faults.c")
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-o", self.library, source], check=True)

    def ask(self, method, address, headers, body=b"", fault=NONE):
        environment = {**fcgi.params(method, address, headers, body), "PINTLE_CONFIG": self.site.path("pintle.conf"),
                       "LD_PRELOAD": self.library, "PINTLE_FAULT": fault}
        with open(self.site.path("counts"), "w+b") as counts:
            counts.write(bytes(SIZE))
            counts.flush()
            done = subprocess.run([self.site.path("bin", "pintle.fcgi")], input=body, capture_output=True, timeout=60,
                                  pass_fds=[counts.fileno()], **unprivileged(),
                                  env={**environment, "PINTLE_FAULT_FD": str(counts.fileno())})
            counts.seek(0)
            return Run(done, counts.read(SIZE))


class OverCgi:
    """A browser's transport: one run per request, in which nothing fails except .fault, once."""

    def __init__(self, faults):
        self.faults = faults
        self.fault, self.run = None, None

    def __call__(self, method, address, headers, body):
        fault, self.fault = self.fault or NONE, None
        self.run = self.faults.ask(method, address, headers, body, fault)
        if self.run.answer is None:
            raise Broken(self.run)
        return self.run.answer
