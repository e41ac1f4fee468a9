#!/usr/bin/python3
"""What a durable refresh costs: beside a bare libfcgi program that answers 204, same connections, same threads.

Ten thousand sessions, 64 clients; each session rests longer than both periods
(a millisecond and a second here) between two of its refreshes, so every one of them
moves the rotation and is on disk before it is answered. The workers share one
core, the clients have the other. Also says what the worker weighs (PSS).

    PINTLE_BUILD=build/gcc /usr/bin/python3 tests/bench/refresh.py [ROUNDS [SECONDS [SESSIONS]]]
"""

import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

from support.process import Process, wait_until  # noqa: E402
from support.site import Site  # noqa: E402

THREADS, CLIENTS = 32, 64


def load(program, socket, sessions, seconds):
    done = subprocess.run(["taskset", "-c", "1", program, socket, str(sessions), str(CLIENTS), str(seconds)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def weight(pid):
    """Its share of memory, and how much of that is pages of the database, which the system may drop at any time."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        text = rollup.read()
    whole, files = (int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1)) / 1024 for name in ("Pss", "Pss_File"))
    return f"{whole:.1f} MB (PSS), {files:.1f} MB of it pages of files"


def main():
    rounds, seconds, sessions = (int(a) for a in (sys.argv[1:] + ["5", "5", "10000"][len(sys.argv) - 1:]))
    site = Site({"hand_out": "1 ms", "quiet": "1 s", "sessions_per_user": "10000", "threads": str(THREADS),
                 "hashing_queue": str(CLIENTS)},
                issuer="http://localhost/auth")
    bare = None
    try:
        socket, hello, program = site.path("hello.sock"), site.path("bin", "hello"), site.path("bin", "load")
        for name, source in ("hello", "hello.c"), ("load", "load.c"):
            subprocess.run(["cc", "-O2", "-o", site.path("bin", name), os.path.join(HERE, source), "-lfcgi", "-pthread"],
                           check=True)
        for number in range(CLIENTS):
            site.add_user(f"user{number}")
        site.start(wrapper=["taskset", "-c", "0"])
        bare = Process(["taskset", "-c", "0", hello, socket, str(THREADS)], site.path("hello.log"))
        wait_until("the bare program listens", 5, lambda: os.path.exists(socket))
        print(f"the worker weighs {weight(site.worker_pids()[0])}, before", flush=True)
        ratios = []
        for _ in range(rounds):
            refreshes, plain = load(program, site.socket, sessions, seconds), load(program, socket, 0, seconds)
            ratios.append(refreshes / plain)
            print(f"  {refreshes:8d} refreshes beside {plain:8d} a second: {ratios[-1]:.3f}", flush=True)
        print(f"refresh: {statistics.median(ratios):.2f} of a bare libfcgi program (median of {rounds}; goal: at least 0.27)")
        print(f"the worker weighs {weight(site.worker_pids()[0])}, after")
    finally:
        if bare:
            bare.kill()
        site.close()


if __name__ == "__main__":
    sys.exit(main())
